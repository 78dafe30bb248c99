"""What is asserted of an entity: that it is absent, possible, feared, past, or another person's.

    "No fever, cough or chills."          negation=negated for each, cue "No"
    "Mother had breast cancer."           experiencer=family, cue "Mother"
    "否认肝炎病史。"                        negation=negated, cue "否认"; temporality=historical, cue "病史"

After NegEx and ConText (Chapman et al. 2001, Harkema et al. 2009): cues with a direction, a scope and what ends it, in
rule files that a user may extend (``rules/assertions-en.toml`` explains them); and sections: what stands under "Family
history" is a relative's. Each sentence is read by the rules of its script, Chinese or Latin, where the document is in
one of the languages that have rules.

An entity gets an attribute for each thing that is asserted and not the default (``VALUES``), and beside it the words of
the cue (``negation_cue``). Where the cue stands is a mark of kind ``cue``; :func:`cues_of` puts the two together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents import Document, Entity, Mark, Span
from biogloss.documents.kinds import SECTIONS
from biogloss.pipeline.steps import _scopes, abbreviations, sections, sentences
from biogloss.pipeline.steps._cues import Languages
from biogloss.pipeline.steps._phrases import CJK
from biogloss.pipeline.steps._rules import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from biogloss.pipeline.steps._cues import Rules
    from biogloss.pipeline.steps._scopes import Said

__all__ = ["CUE", "KIND", "VALUES", "Cue", "cues_of", "step"]

KIND = "cue"
CUE = "_cue"
"""What the attribute with a cue's words adds to the name of what it says."""

MAX_SENTENCE_CHARACTERS = 2000

_CHINESE = re.compile(f"[{CJK}]")
_DEFAULTS = {name: values[0] for name, values in VALUES.items()}


@dataclass(frozen=True, slots=True)
class Cue:
    """Why something is asserted of an entity: ``name=value``, and where the words stand that say so."""

    name: str
    value: str
    span: Span


class _Reason(NamedTuple):
    """A value and the characters that say it; none where a section's label is not in the text."""

    value: str
    words: str
    span: Span | None


def step(*, rules: Path | str | None = None) -> Callable[[Document], Document]:
    """The step that says of each entity what its sentence and its section assert.

    Attributes of these names that an entity has already stay. A document that has marks of kind ``cue`` stays as it is.

    Args:
        rules: a file of the user's own rules, which go before those that ship.

    Raises:
        InputError: no such file.
        ConfigError: a rule in it that cannot be.
    """
    return partial(_annotated, Languages(rules))


def cues_of(document: Document, entity: Entity) -> list[Cue]:
    """Why the step asserted what it did of an entity of its document, in the order of the text."""
    found = []
    for mark in document.marks:
        if mark.kind == KIND:
            said, _, ids = mark.label.partition(" ")
            if f" {entity.id} " in f" {ids} ":
                name, _, value = said.partition("=")
                found.append(Cue(name, value, mark.span))
    return sorted(found, key=lambda cue: (cue.span, cue.name))


def _annotated(languages: Languages, document: Document) -> Document:
    rules = languages.get(document.language[:2].lower())
    if not document.entities or rules is None or document.marked(KIND):
        return document
    reasons = _reasons(languages, rules, document)
    if not reasons:
        return document
    ids: defaultdict[tuple[Span, str], list[str]] = defaultdict(list)
    entities = []
    for entity in document.entities:
        new = {
            name: reason for name, reason in reasons.get(entity.id, {}).items() if name not in dict(entity.attributes)
        }
        for name, reason in new.items():
            if reason.span:
                ids[reason.span, f"{name}={reason.value}"].append(entity.id)
        entities.append(replace(entity, attributes=_with(entity.attributes, new)) if new else entity)
    marks = (Mark(span, KIND, f"{said} {' '.join(found)}") for (span, said), found in sorted(ids.items()))
    return replace(document, entities=tuple(entities), marks=(*document.marks, *marks))


def _with(attributes: Sequence[tuple[str, str]], new: Mapping[str, _Reason]) -> tuple[tuple[str, str], ...]:
    said = [(name, reason.value) for name, reason in new.items()]
    said += [(name + CUE, reason.words) for name, reason in new.items()]
    return tuple(sorted([*attributes, *said]))


def _reasons(languages: Languages, own: Rules, document: Document) -> dict[str, dict[str, _Reason]]:
    """Entity id -> name -> what is asserted and why; defaults left out."""
    reasons: dict[str, dict[str, _Reason]] = {}
    for entity, section in _in_sections(document):
        if said := own.sections.get(sections.kind_of(section)):
            name, _, value = said.partition("=")
            reasons[entity.id] = {name: _heading(document, section, value)}
    names = abbreviations.expansions(document)
    for sentence, entities in _by_sentence(document):
        rules = _rules(languages, own, document, sentence)
        for entity, found in _scopes.said_of(document.text, sentence, entities, rules):
            # "NO" is nitric oxide where the document says so, "FH" familial hypercholesterolaemia
            told = [one for one in found if document.text[one.start : one.end] not in names]
            reasons.setdefault(entity.id, {}).update(_nearest(document.text, told))
    defaults = _DEFAULTS
    whole = {
        key: {name: one for name, one in found.items() if one.value != defaults[name]} for key, found in reasons.items()
    }
    return {key: found for key, found in whole.items() if found}


def _nearest(text: str, found: Sequence[Said]) -> dict[str, _Reason]:
    """Of cues for the same attribute the nearest to the entity, and of those as near the first."""
    nearest: dict[str, Said] = {}
    for said in found:
        known = nearest.get(said.name)
        if known is None or (said.gap, said.start) < (known.gap, known.start):
            nearest[said.name] = said
    return {
        name: _Reason(said.value, " ".join(text[said.start : said.end].split()), Span(said.start, said.end))
        for name, said in nearest.items()
    }


def _rules(languages: Languages, own: Rules, document: Document, sentence: Span) -> Rules:
    """The rules of a sentence: those for Chinese where it has Chinese characters, else its document's, else English."""
    text = document.text
    is_chinese = not text.isascii() and _CHINESE.search(text, sentence.start, sentence.end) is not None
    if is_chinese == document.language.lower().startswith("zh"):
        return own
    return languages.get("zh" if is_chinese else "en") or own


def _in_sections(document: Document) -> Iterator[tuple[Entity, Mark]]:
    """Each entity that begins in a section with the innermost of those."""
    marks = [mark for mark in document.marks if mark.kind in SECTIONS]
    waiting = sorted(marks, key=lambda mark: (mark.span.start, -mark.span.end), reverse=True)
    active: list[Mark] = []
    for entity in sorted(document.entities, key=lambda entity: entity.start) if marks else ():
        while waiting and waiting[-1].span.start <= entity.start:
            active.append(waiting.pop())
        while active and active[-1].span.end <= entity.start:
            active.pop()
        if active:
            yield entity, active[-1]


def _heading(document: Document, section: Mark, value: str) -> _Reason:
    at = document.text.find(section.label, section.span.start, section.span.end) if section.label else -1
    span = Span(at, at + len(section.label)) if at >= 0 else None
    return _Reason(value, " ".join(section.label.split()) or section.kind, span)


def _by_sentence(document: Document) -> Iterator[tuple[Span, list[Entity]]]:
    """Each sentence that has entities, with those that begin in it."""
    spans = [piece for span in sentences.spans(document) for piece in _pieces(document.text, span)]
    starts = [span.start for span in spans]
    groups: defaultdict[int, list[Entity]] = defaultdict(list)
    for entity in document.entities:
        at = bisect_right(starts, entity.start) - 1
        if at >= 0 and entity.start < spans[at].end:
            groups[at].append(entity)
    return ((spans[at], groups[at]) for at in sorted(groups))


def _pieces(text: str, sentence: Span) -> Iterator[Span]:
    """A sentence; a table or other text without stops in pieces, so that work does not grow with its square."""
    start = sentence.start
    while sentence.end - start > MAX_SENTENCE_CHARACTERS:
        end = text.rfind(" ", start + 1, start + MAX_SENTENCE_CHARACTERS) + 1 or start + MAX_SENTENCE_CHARACTERS
        yield Span(start, end)
        start = end
    yield Span(start, sentence.end)
