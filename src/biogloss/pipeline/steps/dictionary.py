"""The user's own terms and regular expressions, which win over what a model found.

    term "covid 19", label Disease    finds "COVID-19", "Covid  19"; not "covid 190"

A text is cut into words, Chinese characters one by one; white space and hyphens only separate. Runs of words are looked
up in a hash table, so 100,000 terms cost hardly more than one. Of matches that overlap the leftmost counts, and of
those that start together the longest.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents import Document, Entity, Link, Span, entity_at
from biogloss.pipeline.steps._entities import with_new
from biogloss.pipeline.steps._terms import Term, read_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

SOURCE = "dictionary"
SCORE = 1.0

_CJK = "\u2e80-\u2fff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "\u0300-\u036f"  # combining accents belong to the letter before them
_JOINS = r"\s\-\u00ad\u2010-\u2015\u2212"  # white space, hyphens, dashes, minus
_WORD = re.compile(rf"[{_CJK}]|(?:[^\W_{_CJK}]|[{_MARKS}])+|[^\w{_JOINS}{_MARKS}]|_")
_JOIN = rf"[{_JOINS}]{{1,3}}"
_MAX_GAP_CHARACTERS = 3


class _Match(NamedTuple):
    span: Span
    term: Term


class Dictionary:
    """Terms, ready to be found. Frozen once built, so threads may share it.

    Args:
        terms: in order of preference where two find the same characters.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: dict[tuple[str, ...], list[Term]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._patterns: list[tuple[re.Pattern[str], Term]] = []
        for term in dict.fromkeys(terms):
            if term.is_pattern or not term.minds_words:
                self._patterns.append((_compiled(term), term))
            else:
                self._add(term)

    @classmethod
    def read(cls, path: Path | str, *, encoding: str = "utf-8") -> Dictionary:
        """Read a table of terms; its columns are described in :mod:`biogloss.pipeline.steps._terms`.

        Raises:
            InputError: the file cannot be read.
            FormatError: a wrong header or row; the message names the line.
        """
        return cls(read_terms(path, encoding=encoding))

    def __len__(self) -> int:
        return sum(map(len, self._terms.values())) + len(self._patterns)

    def find(self, text: str) -> list[Entity]:
        """The entities of a text in reading order, none overlapping another; their ids are empty.

        Terms of several rows that find the same characters give one entity: the first row's label, the ids of all
        rows with that label.
        """
        matches = sorted([*self._term_matches(text), *self._pattern_matches(text)], key=_leftmost_longest)
        found, end = [], 0
        for span, group in groupby(matches, key=lambda match: match.span):
            if span.start >= end:
                found.append(_entity(text, span, [match.term for match in group]))
                end = span.end
        return found

    def _add(self, term: Term) -> None:
        words = tuple(_normal(match.group()) for match in _WORD.finditer(term.text))
        self._terms.setdefault(words, []).append(term)
        lengths = {*self._lengths.get(words[0], ()), len(words)}
        self._lengths[words[0]] = tuple(sorted(lengths))

    def _term_matches(self, text: str) -> Iterator[_Match]:
        if not self._terms:
            return
        spans = [match.span() for match in _WORD.finditer(text)]
        words = [_normal(text[start:end]) for start, end in spans]
        for first, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                last = first + length - 1
                if last >= len(words) or (terms := self._terms.get(tuple(words[first : last + 1]))) is None:
                    continue
                if _is_close(spans[first : last + 1]):
                    span = Span(spans[first][0], spans[last][1])
                    yield from (_Match(span, term) for term in terms if _agrees(term, text, spans[first : last + 1]))

    def _pattern_matches(self, text: str) -> Iterator[_Match]:
        for pattern, term in self._patterns:
            for match in pattern.finditer(text):
                if match.end() > match.start():
                    yield _Match(Span(match.start(), match.end()), term)


def step(*, path: Path | str | None = None, terms: Dictionary | None = None) -> Callable[[Document], Document]:
    """The step that puts the user's terms in place of every entity they overlap.

    A relation of a replaced entity goes over to the first term that took its place. Without terms, nothing changes.

    Args:
        path: a table of terms (see :meth:`Dictionary.read`).
        terms: or a dictionary that is built already.

    Raises:
        InputError: the table cannot be read or is wrong.
    """
    if terms is None:
        terms = Dictionary(()) if path is None else Dictionary.read(path)
    return partial(_annotated, terms)


def _annotated(terms: Dictionary, document: Document) -> Document:
    found = terms.find(document.text)
    if not found:
        return document
    taken = bytearray(len(document.text))
    for entity in found:
        taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    kept = [e for e in document.entities if not any(any(taken[span.start : span.end]) for span in e.spans)]
    entities = with_new(kept, found)
    if not document.relations:
        return document.with_entities(entities)
    kept_ids = {entity.id for entity in kept}
    added = [entity for entity in entities if entity.id not in kept_ids]
    moved = _successors([entity for entity in document.entities if entity.id not in kept_ids], added)
    relations = tuple(
        replace(relation, arguments=tuple((role, moved.get(end, end)) for role, end in relation.arguments))
        for relation in document.relations
    )
    return replace(document, entities=entities, relations=relations)


def _successors(replaced: Sequence[Entity], added: Sequence[Entity]) -> dict[str, str]:
    """For each replaced entity the id of the first added one that shares a character with it."""
    return {
        old.id: next(new.id for new in added if any(new.spans[0].overlaps(span) for span in old.spans))
        for old in replaced
    }


def _leftmost_longest(match: _Match) -> tuple[int, int]:
    return match.span.start, -match.span.end


def _entity(text: str, span: Span, terms: Sequence[Term]) -> Entity:
    label = terms[0].label
    ids = dict.fromkeys(term.id for term in terms if term.id and term.label == label)
    links = tuple(Link(id_, SCORE, SOURCE) for id_ in ids)
    return entity_at(text, span, label, links=links, source=SOURCE, score=SCORE)


def _normal(word: str) -> str:
    """Upper and lower case, composed and decomposed, full and half width are the same."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()


def _is_close(spans: Sequence[tuple[int, int]]) -> bool:
    """Whether no gap between the words is longer than a hyphen between spaces."""
    return all(start - end <= _MAX_GAP_CHARACTERS for (_, end), (start, _) in pairwise(spans))


def _agrees(term: Term, text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the capitals are the term's, where it minds them."""
    if not term.minds_case:
        return True
    own = (match.group() for match in _WORD.finditer(term.text))
    return all(_composed(word) == _composed(text[start:end]) for word, (start, end) in zip(own, spans, strict=True))


def _composed(word: str) -> str:
    return unicodedata.normalize("NFKC", word)


def _compiled(term: Term) -> re.Pattern[str]:
    """A regular expression for a user's own one, or for a term that may be part of a word."""
    text = term.text
    if not term.is_pattern:
        text = rf"(?:{_JOIN})".join(re.escape(part) for part in re.split(rf"[{_JOINS}]+", text) if part)
    if term.minds_words:
        text = rf"(?<![^\W{_CJK}])(?:{text})(?![^\W{_CJK}])"
    return re.compile(text, 0 if term.minds_case else re.IGNORECASE)
