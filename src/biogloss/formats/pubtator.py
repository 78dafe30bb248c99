"""PubTator: title, abstract, tab-separated mentions and relations; a blank line ends a document.

    227508|t|Naloxone reverses the antihypertensive effect of clonidine.
    227508|a|In unanesthetized, spontaneously hypertensive rats ...
    227508	0	8	Naloxone	Chemical	MESH:D009270
    227508	CID	D003000	D007022

Offsets count characters of title + one separator + abstract. The form is described at
https://www.ncbi.nlm.nih.gov/CBBresearch/Lu/Demo/PubTator/tutorial/index.html; BioRED adds relation rows with a fifth
column. Identifiers become CURIEs (``D009270`` of a Chemical is ``MESH:D009270``); a column may give several links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from biogloss.documents import Citation, Document, Entity, Link, Mark, Relation, Span, numbered
from biogloss.errors import CannotHold, Failure, FormatError
from biogloss.formats._holds import ROLES, check
from biogloss.formats._identifiers import column, curie, names_taxon, split
from biogloss.formats._source import WRONG_OFFSETS, Report, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

HOLDS = frozenset({"id", "controls", "title", "entities", "overlapping", "links", "relations", "concept_relations"})
DROPS = frozenset(
    {"text", "language", "marks", "attributes", "sources", "scores", "link_scores", "label_scores", "roles", "evidence"}
    | {"citation", "composition"}
)
SUFFIXES = (".pubtator", ".PubTator")
RECORDS = True
MAX_RECORD_CHARACTERS = 50_000_000

_TEXT_LINE = re.compile(r"([^|\t]+)\|([ta])\|(.*)", re.DOTALL)
_BREAKS = str.maketrans("\r\n", "  ")
_CELL = str.maketrans("\t\r\n", "   ")


def sniff(head: bytes) -> bool:
    """Whether the first line is ``id|t|title``."""
    return re.match(rb"(?:\xef\xbb\xbf)?\s*[^|\t\r\n]+\|t\|", head) is not None


def read(path: Path | str, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The documents of a file, in its order; a document that comes twice is yielded twice.

    A mention whose words are not those at its offsets is left out and counted in ``report``; a damaged record is a
    ``Failure`` that names the line, and the rest goes on.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: no PubTator at all, or a record beyond ``MAX_RECORD_CHARACTERS``.
    """
    report = Report() if report is None else report
    for count, block in enumerate(_blocks(path, encoding)):
        if not count and not _TEXT_LINE.match(block[0][1]):
            raise FormatError(
                f"the first line is {block[0][1][:60]!r}",
                file=str(path),
                place=f"line {block[0][0]:,}",
                expected="PubTator, id|t|title",
                todo="Name its real format with --from",
            )
        try:
            yield _document(_record(block, str(path)), report)
        except FormatError as error:
            first = block[0][1].split("|", 1)[0].split("\t", 1)[0][:60]
            yield Failure(first or f"line {block[0][0]:,}", "pubtator", error)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write the documents; line breaks inside title or abstract become spaces, so that offsets hold.

    What ``DROPS`` names is left out and counted in ``report``.

    Raises:
        CannotHold: discontinuous entities, relations of mentions or of other than two arguments ...,
            or an id or label that would break a row.
    """
    for document in documents:
        check(document, HOLDS, DROPS, "pubtator", report)
        stream.write(_rows(document, report))


@dataclass(slots=True)
class _Record:
    """The lines of one document, sorted by kind."""

    id: str
    title: str
    abstract: str
    mentions: list[list[str]] = field(default_factory=list)
    relations: list[list[str]] = field(default_factory=list)


def _blocks(path: Path | str, encoding: str) -> Iterator[list[tuple[int, str]]]:
    """Numbered lines without line ends, cut at blank lines and at titles (some files have no blank lines)."""
    block: list[tuple[int, str]] = []
    characters = 0
    for number, raw in lines(path, encoding=encoding):
        line = raw.removesuffix("\n").removesuffix("\r")
        match = _TEXT_LINE.match(line)
        if block and (not line.strip() or (match and match[2] == "t")):
            yield block
            block, characters = [], 0
        if line.strip():
            block.append((number, line))
            characters += len(line)
        if characters > MAX_RECORD_CHARACTERS:
            raise FormatError(
                f"a record of more than {MAX_RECORD_CHARACTERS:,} characters",
                file=str(path),
                place=f"line {number:,}",
                expected="a blank line after each document",
            )
    if block:
        yield block


def _record(block: Sequence[tuple[int, str]], file: str) -> _Record:
    """Sort the lines of a block; the first damaged one fails it."""
    texts: dict[str, str] = {}
    record = _Record(id="", title="", abstract="")
    for number, line in block:
        if (match := _TEXT_LINE.match(line)) and not _is_row(line, match[1]):
            record.id = record.id or match[1]
            what = _text_fault(record, match, texts)
            texts[match[2]] = match[3]
        else:
            what = _add_row(record, line)
        if what:
            raise FormatError(
                what,
                file=file,
                place=f"line {number:,}",
                expected="id, start, end, mention, type, concept (tabs between)",
            )
    if missing := [kind for kind in "ta" if kind not in texts]:
        raise FormatError(
            f"no |{missing[0]}| line",
            file=file,
            place=f"line {block[0][0]:,}",
            expected="id|t|title, then id|a|abstract",
        )
    record.title, record.abstract = texts["t"], texts["a"]
    return record


def _is_row(line: str, found_id: str) -> bool:
    return "\t" in found_id or line.startswith("\t")


def _text_fault(record: _Record, match: re.Match[str], texts: dict[str, str]) -> str:
    if match[1] != record.id:
        return f"text of document {match[1][:30]!r} inside document {record.id[:30]!r}"
    return f"a second |{match[2]}| line" if match[2] in texts else ""


def _add_row(record: _Record, line: str) -> str:
    """Put a tab-separated row where it belongs; what is wrong with it, or nothing."""
    cells = line.split("\t")
    if cells[0] != record.id:
        return f"a row of document {cells[0][:30]!r} inside document {record.id[:30]!r}"
    if len(cells) < 4:
        return f"a row of {len(cells)} columns"
    if re.match(r"[^\W\d]", cells[1]) and len(cells) <= 5 and all(cells[2:4]):
        record.relations.append(cells)
        return ""
    if not all(re.fullmatch(r"[0-9]{1,9}", cell) for cell in cells[1:3]):
        return f"offsets {cells[1][:20]!r} and {cells[2][:20]!r} are not two numbers"
    if not 5 <= len(cells) <= 7 or not cells[4]:
        return f"a mention of {len(cells)} columns or without a type"
    record.mentions.append(cells)
    return ""


def _document(record: _Record, report: Report) -> Document:
    text = f"{record.title}\n{record.abstract}" if record.abstract else record.title
    known: dict[str, str] = {}
    mentions = [_mention(cells, text, known, report) for cells in record.mentions]
    return Document(
        record.id,
        text,
        marks=_marks(record, text),
        entities=numbered(mention for mention in mentions if mention),
        relations=tuple(_relation(number, cells, known, report) for number, cells in enumerate(record.relations, 1)),
        citation=Citation(pmid=record.id) if re.fullmatch(r"[0-9]+", record.id) else None,
    )


def _marks(record: _Record, text: str) -> tuple[Mark, ...]:
    title = (Mark(Span(0, len(record.title)), "title"),) if record.title else ()
    abstract = (Mark(Span(len(record.title) + 1, len(text)), "abstract"),) if record.abstract else ()
    return title + abstract


def _mention(cells: list[str], text: str, known: dict[str, str], report: Report) -> Entity | None:
    start, end, words, label = int(cells[1]), int(cells[2]), cells[3], cells[4]
    ids = cells[5] if len(cells) > 5 else ""
    identifiers = list(split(ids, label))
    if names_taxon(ids):
        report.note("pubtator: taxon beside a gene id left out, the gene implies it")
    if len(cells) > 6:
        report.note("pubtator: seventh column of a mention (names of its parts) left out")
    found = text[start:end]
    if not found or found.translate(_CELL) != words:
        report.note(f"pubtator: mention {WRONG_OFFSETS}")
        return None
    known.update(identifiers)
    return Entity("", (Span(start, end),), label, found, tuple(Link(concept) for _, concept in identifiers))


def _relation(number: int, cells: list[str], known: dict[str, str], report: Report) -> Relation:
    """A concept-level relation; a bare number is what a mention of the document says it is."""
    if len(cells) > 4:
        report.note("pubtator: fifth column of a relation (novelty) left out")
    arguments = ((role, _concept(cell.strip(), known)) for role, cell in zip(ROLES, cells[2:4], strict=True))
    return Relation(f"R{number}", cells[1], tuple(arguments))


def _concept(native: str, known: dict[str, str]) -> str:
    return known.get(native) or curie(native, "")


def _rows(document: Document, report: Report | None) -> str:
    """The document as PubTator, its blank line included."""
    name, text = document.id, document.text
    _check_cells(document)
    cut = _title_end(document)
    title, abstract = text[:cut].translate(_BREAKS), text[cut + 1 :].translate(_BREAKS)
    if report is not None and text != (f"{title}\n{abstract}" if abstract else title):
        report.note("pubtator: line breaks of the text written as spaces")
    rows = [f"{name}|t|{title}", f"{name}|a|{abstract}"]
    known: dict[str, str] = {}
    for entity in sorted(document.entities, key=lambda e: (e.start, e.end)):
        identifiers = column(entity, "pubtator")
        known.update(split(identifiers, entity.label))
        words = entity.text.translate(_CELL)
        rows.append(f"{name}\t{entity.start}\t{entity.end}\t{words}\t{entity.label}\t{identifiers or '-'}")
    bare = {concept: native for native, concept in known.items()}
    for relation in document.relations:
        first, second = (_reference(reference, bare, known) for _, reference in relation.arguments)
        rows.append(f"{name}\t{relation.label}\t{first}\t{second}")
    return "\n".join([*rows, "", ""])


def _reference(concept: str, bare: dict[str, str], known: dict[str, str]) -> str:
    """A concept as the mentions of the document write it."""
    for written in (bare.get(concept, concept), concept):
        if _concept(written.strip(), known) == concept and not re.search(r"[\t\r\n]", written) and written:
            return written
    raise CannotHold(f"pubtator has no place for the concept {concept[:60]!r} in a relation")


def _title_end(document: Document) -> int:
    """Where the title ends: at its mark when a space or line break follows, else at the first line break."""
    text = document.text
    for mark in document.marks:
        if (
            mark.kind == "title"
            and mark.span.start == 0
            and text[mark.span.end : mark.span.end + 1] in {"", " ", "\n", "\r"}
        ):
            return mark.span.end
    return text.find("\n") if "\n" in text else len(text)


def _check_cells(document: Document) -> None:
    """Refuse what would break a row or read back as something else."""
    faults = [document.id] if not re.fullmatch(r"(?!\ufeff)[^|\t\r\n]+", document.id) or not document.id.strip() else []
    faults += [entity.label for entity in document.entities if not re.fullmatch(r"[^\t\r\n]+", entity.label)]
    faults += [r.label for r in document.relations if not re.fullmatch(r"[^\W\d][^\t\r\n]*", r.label)]
    if faults:
        raise CannotHold(
            f"document {document.id[:60]!r}: pubtator has no place for the id or label {faults[0][:60]!r}, "
            "which holds one of its separators or nothing"
        )
