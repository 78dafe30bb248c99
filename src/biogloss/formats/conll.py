"""CoNLL: a token and its tag a line, a blank line after each sentence (IOB1, IOB2, IOBES; tabs or spaces).

    Selegiline	B-Chemical
    -	O
    induced	O

Of several columns the first is the token and the last the tag. A tag without type (``B``, as in BioBERT's sets) gives
the label ``Entity``. ``-DOCSTART-`` starts a document. The text is put together again from the tokens (:mod:`_words`):
white space is lost both ways, and annotations other than entities have no column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from biogloss.documents import Document, Entity, Mark, Span, entity_at, numbered
from biogloss.errors import CannotHold, Failure, FormatError
from biogloss.formats._holds import check
from biogloss.formats._source import Report, lines
from biogloss.formats._words import join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HOLDS = frozenset({"controls", "entities"})
DROPS = frozenset(
    {
        "id",
        "text",
        "language",
        "title",
        "marks",
        "links",
        "attributes",
        "sources",
        "scores",
        "link_scores",
        "labels",
        "label_scores",
        "parts",
    }
    | {"relations", "mention_relations", "concept_relations", "nary_relations", "roles", "evidence"}
    | {"citation", "composition"}
)
SUFFIXES = (".conll", ".iob", ".bio")
RECORDS = True
MAX_DOCUMENT_TOKENS = 2_000_000

_START = "-DOCSTART-"
_TAG = re.compile(r"O|([BIESLUM])(?:[-_](.+))?")
_LINE = rb"[^\s]+(?:[ \t][^\r\n]*)?[ \t](?:O|[BIESLU](?:[-_][^\t\r\n]+)?)[ \t]*\r?\n"
_SNIFF = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:-DOCSTART-|" + _LINE + rb"\s*" + _LINE + rb")")
_TOKEN = re.compile(r"\w+|[^\w\s]")


def sniff(head: bytes) -> bool:
    """Whether the first two lines are token and tag, or the first is ``-DOCSTART-``."""
    return _SNIFF.match(head) is not None


def read(
    path: Path | str,
    *,
    encoding: str = "utf-8",
    report: Report | None = None,
    sentences_per_document: int | None = None,
) -> Iterator[Document | Failure]:
    """The documents of a file; ids are the file's name and the line of the first token (``train.tsv:17``).

    Args:
        path: the file.
        encoding: of the file.
        report: counts tags that cannot follow one another (``I-`` after ``O``); they are read as a begin.
        sentences_per_document: None takes the documents that ``-DOCSTART-`` lines start, and each sentence for one
            where the file has no such lines.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: the first line has no tag, or a document is beyond ``MAX_DOCUMENT_TOKENS``.
    """
    report = Report() if report is None else report
    for count, document in enumerate(_documents(path, encoding, sentences_per_document)):
        name = f"{Path(str(path)).name}:{document[0].line}"
        damaged = next((sentence for sentence in document if sentence.fault), None)
        if damaged is None:
            yield _document(name, document, report)
            continue
        place = f"line {damaged.fault_line:,}"
        error = FormatError(damaged.fault, file=str(path), place=place, expected="a token and its tag")
        if not count and damaged.fault_line == document[0].line:
            raise error
        yield Failure(name, "conll", error)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write the documents as IOB2 over words and single punctuation marks, each after a ``-DOCSTART-`` line.

    Sentences end where sentence marks say, and at line breaks.

    Raises:
        CannotHold: discontinuous or overlapping entities, entities of white space only, labels with tabs or breaks.
    """
    for document in documents:
        check(document, HOLDS, DROPS, "conll", report)
        stream.write(_rows(document))


@dataclass(slots=True)
class _Sentence:
    """Tokens with their tags; or a ``-DOCSTART-`` line, which has none."""

    line: int
    tokens: list[tuple[str, str]] = field(default_factory=list)
    starts_document: bool = False
    fault: str = ""
    fault_line: int = 0


def _documents(path: Path | str, encoding: str, sentences_per_document: int | None) -> Iterator[list[_Sentence]]:
    """The sentences of each document, a ``-DOCSTART-`` line counted as an empty one."""
    limit, document = sentences_per_document, list[_Sentence]()
    tokens = 0
    for sentence in _sentences(path, encoding):
        if limit is None:  # a file without -DOCSTART- at its head has none to go by
            limit = 0 if sentence.starts_document else 1
        full = limit and sum(bool(s.tokens or s.fault) for s in document) == limit
        if document and (sentence.starts_document or full):
            yield document
            document, tokens = [], 0
        document.append(sentence)
        tokens += len(sentence.tokens)
        _check_length(tokens, path, sentence.line)
    if document:
        yield document


def _sentences(path: Path | str, encoding: str) -> Iterator[_Sentence]:
    sentence: _Sentence | None = None
    for number, raw in lines(path, encoding=encoding):
        line = raw.rstrip("\r\n")
        started = line.startswith(_START)
        if sentence and (started or not line.strip()):
            yield sentence
            sentence = None
        if started:
            yield _Sentence(number, starts_document=True)
        elif line.strip():
            sentence = sentence or _Sentence(number)
            _add(sentence, line, number)
            _check_length(len(sentence.tokens), path, number)
    if sentence:
        yield sentence


def _check_length(tokens: int, path: Path | str, line: int) -> None:
    if tokens > MAX_DOCUMENT_TOKENS:
        raise FormatError(
            f"more than {MAX_DOCUMENT_TOKENS:,} tokens without an end",
            file=str(path),
            place=f"line {line:,}",
            expected="a blank line after each sentence",
        )


def _add(sentence: _Sentence, line: str, number: int) -> None:
    cells = line.split("\t") if "\t" in line else line.split()
    if len(cells) == 1 and line[:1].isspace():  # "  O": the token is a space
        cells = [" ", *cells]
    tag = cells[-1].strip()
    if len(cells) > 1 and _TAG.fullmatch(tag):
        sentence.tokens.append((cells[0].strip() or " ", tag))
    elif not sentence.fault:
        sentence.fault, sentence.fault_line = f"no tag at the end of {line[:60]!r}", number


def _document(name: str, sentences: list[_Sentence], report: Report) -> Document:
    text, marks, entities = "", [], list[tuple[Span, str]]()
    for sentence in sentences:
        if not sentence.tokens:
            continue
        words, starts = join([token for token, _ in sentence.tokens])
        offset = len(text) + (1 if text else 0)
        text += (" " if text else "") + words
        marks.append(Mark(Span(offset, len(text)), "sentence"))
        ends = [start + len(token) for start, (token, _) in zip(starts, sentence.tokens, strict=True)]
        for first, last, label in _entities([tag for _, tag in sentence.tokens], report):
            entities.append((Span(offset + starts[first], offset + ends[last]), label))
    named = numbered(entity_at(text, span, label, id=str(at)) for at, (span, label) in enumerate(entities))
    return Document(name, text, marks=tuple(marks), entities=named)


def _entities(tags: list[str], report: Report) -> Iterator[tuple[int, int, str]]:
    """First token, last token and label of each entity.

    ``E`` and ``L`` end one, ``S`` and ``U`` are one; ``I`` and its like without a begin of their type begin one.
    """
    found: list[list[int | str]] = []
    open_label: str | None = None
    for at, tag in enumerate(tags):
        match = _TAG.fullmatch(tag)
        assert match
        part, label = match[1], match[2] or "Entity"
        if part is None:
            open_label = None
            continue
        if part in "BSU" or label != open_label:
            if part not in "BSU":
                report.note(
                    "conll: a tag that goes on with an entity where none of its type is open (IOB1?), read as a begin"
                )
            found.append([at, at, label])
        found[-1][1] = at
        open_label = None if part in "ESLU" else label
    for first, last, label in found:
        yield int(first), int(last), str(label)


def _rows(document: Document) -> str:
    """The document as lines, a blank one after each sentence."""
    entities = sorted(document.entities, key=lambda entity: entity.start)
    for entity in entities:
        if not entity.text.strip() or not re.fullmatch(r"[^\s](?:[^\t\r\n]*[^\s])?", entity.label):
            raise CannotHold(
                f"document {document.id[:60]}: conll has no place for an entity of white space, "
                f"or the label {entity.label[:60]!r}"
            )
    cuts = sorted({0, len(document.text), *(edge for entity in entities for edge in (entity.start, entity.end))})
    starts = {mark.span.start for mark in document.marked("sentence")}
    rows = [f"{_START}\tO"]
    inside = {entity.start: entity for entity in entities}
    for start, end in pairwise(cuts):
        rows += _stretch(document.text, Span(start, end), inside.get(start), starts)
    return "\n".join([*rows, "", ""])


def _stretch(text: str, span: Span, entity: Entity | None, sentence_starts: set[int]) -> Iterator[str]:
    """The lines of one entity, or of the text between two; an entity is never cut by a sentence's end."""
    before = "B-" if entity else ""
    position = span.start
    for match in _TOKEN.finditer(text, span.start, span.end):
        gap = range(position, match.start() + 1)
        if before != "I-" and (
            "\n" in text[max(position - 1, 0) : match.start()] or not sentence_starts.isdisjoint(gap)
        ):
            yield ""
        yield f"{match[0]}\t{before}{entity.label}" if entity else f"{match[0]}\tO"
        before = "I-" if entity else ""
        position = match.end()
