"""Tables of comma or tab separated values: texts in by the names of their columns, entities and classes out one a row.

    in:   id,text                       out:  document,id,start,end,text,label,ids,score,...
          7,Gout is painful.                  7,,,,,rheumatology,,0.874,...
                                              7,T1,0,4,Gout,Disease,MESH:D006073,0.981,...

Quoting follows RFC 4180 in both, as spreadsheets and pandas have it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TextIO

from biogloss.documents import Document
from biogloss.errors import ConfigError, Failure, FormatError
from biogloss.formats._holds import check
from biogloss.formats._source import MAX_LINE_CHARACTERS, Report, lines

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from biogloss.documents import Entity
    from biogloss.formats._named import Columns

HOLDS = frozenset(
    {"id", "controls", "entities", "discontinuous", "overlapping", "links", "attributes", "sources", "scores", "labels"}
)
"""What the table of entities and classes keeps. It has no texts, only sentences, so it cannot be read back."""
DROPS = frozenset(
    {"text", "link_scores", "language", "title", "marks", "label_scores", "parts", "citation", "composition"}
)

COLUMNS = (
    *("document", "id", "start", "end", "text", "label", "ids", "score"),
    *("source", "spans", "attributes", "sentence"),
)
"""The columns written. ``start`` and ``end`` are the extent of the entity; ``spans`` has each piece of it. The class
of a document has a ``label`` alone and, where a model chose it, a ``score``."""

# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"), full-width forms included; apostrophes
# before it count, so that taking one apostrophe away always gives the cell as it was.
_FORMULA = re.compile("'*[=+@\t\r\uff1d\uff0b\uff0d\uff20-]")


def sniff_table(head: bytes, delimiter: bytes) -> bool:
    """Whether the first line has a column named ``text`` beside another one."""
    first = re.split(rb"[\r\n]", head.removeprefix(b"\xef\xbb\xbf"), maxsplit=1)[0]
    names = [name.strip(b'" ').lower() for name in first.split(delimiter)]
    return len(names) > 1 and b"text" in names


def read_table(
    path: Path | str,
    delimiter: str,
    *,
    encoding: str,
    report: Report | None,
    columns: Columns,
) -> Iterator[Document | Failure]:
    """One document a row: ``columns`` name those that are read; the others are counted in ``report``.

    Rows are numbered where there is no id column. A damaged row is a ``Failure`` that names its line.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: no such column of texts or classes, or a table of entities that this module wrote.
        ConfigError: a separator of classes without a column of them.
    """
    if columns.separator and not columns.label:
        raise ConfigError("label_separator parts the classes of a label_column; name that, or leave it out")
    # The limit is one for the whole interpreter: it is only ever raised, to what a line of any format may have.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_CHARACTERS))
    parser = csv.reader((line for _, line in lines(path, encoding=encoding)), delimiter=delimiter, strict=True)
    rows = _rows(parser, str(path))
    line, header = next(rows, (1, []))
    if isinstance(header, FormatError):
        raise header
    layout = _layout(header, columns, str(path), line)
    if report is not None:
        layout.note(header, report)
    for number, (line, row) in enumerate(rows, 1):
        try:
            yield layout.document(row, number)
        except FormatError as error:
            yield Failure(f"line {line:,}", "table", error)
        except ValueError as error:
            yield Failure(f"line {line:,}", "table", FormatError(str(error), file=str(path), place=f"line {line:,}"))


def write_table(
    documents: Iterable[Document], stream: TextIO, delimiter: str, *, format_name: str, report: Report | None
) -> None:
    """One row a class of a document and one an entity, in the order of the documents.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front, and ``report`` counts it.

    Raises:
        CannotHold: relations.
    """
    rows = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for document in documents:
        check(document, HOLDS, DROPS, format_name, report)
        found = chain(_classes(document), (_cells(document, entity) for entity in document.entities))
        rows.writerows([_safe(cell, format_name, report) for cell in cells] for cells in found)


def _rows(parser: CsvReader, file: str) -> Iterator[tuple[int, list[str] | FormatError]]:
    """Each row that is not blank with the line it starts on; a row the parser refuses as an error, and the next."""
    while True:
        line = parser.line_num + 1
        try:
            row = next(parser)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                line,
                FormatError(
                    f"cannot be parsed ({error})",
                    file=file,
                    place=f"line {line:,}",
                    expected='quotes around a whole field, and "" for a quote inside it',
                    todo="Quote the field, or close the quote that opens it",
                ),
            )
        else:
            if row:
                yield line, row


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns are; ``id_at`` is None where rows are numbered, ``label_at`` where no classes are read."""

    width: int
    text_at: int
    id_at: int | None
    label_at: int | None
    separator: str

    def note(self, header: Sequence[str], report: Report) -> None:
        """Count what the reader leaves out or makes up."""
        if self.id_at is None:
            report.note("table: no id column, rows are numbered")
        for at, name in enumerate(header):
            if at not in (self.id_at, self.text_at, self.label_at):
                report.note(f"table: the column {name[:40]!r} was not read")

    def document(self, row: list[str] | FormatError, number: int) -> Document:
        """The row's document; ``number`` is its id where no column gives one.

        Raises:
            FormatError: the row could not be parsed.
            ValueError: it has another number of fields than the header, no id, or a lone surrogate.
        """
        if isinstance(row, FormatError):
            raise row
        if len(row) != self.width:
            raise ValueError(
                f"{len(row)} fields; expected {self.width}, as in the first row. Quote the fields that hold separators"
            )
        name = str(number) if self.id_at is None else row[self.id_at]
        if not name:
            raise ValueError("the id is empty; expected one in each row. Fill it in")
        return Document(name, row[self.text_at], labels=self._labels(row))

    def _labels(self, row: Sequence[str]) -> tuple[str, ...]:
        cell = "" if self.label_at is None else row[self.label_at]
        found = (one.strip() for one in (cell.split(self.separator) if self.separator else [cell]))
        return tuple(dict.fromkeys(one for one in found if one))


def _layout(header: list[str], columns: Columns, file: str, line: int) -> _Layout:
    place = f"line {line:,}"
    if tuple(header) == COLUMNS:
        raise FormatError(
            "a table of entities that Biogloss wrote",
            file=file,
            place=place,
            expected="a table of texts",
            todo="Keep the documents as jsonl, which can be read again",
        )
    return _Layout(
        len(header),
        text_at=_needed(header, columns.text, "the texts with --text-column", file, place),
        id_at=_place(header, columns.id),
        label_at=_needed(header, columns.label, "the classes with --label-column", file, place)
        if columns.label
        else None,
        separator=columns.separator,
    )


def _needed(header: Sequence[str], column: str, what: str, file: str, place: str) -> int:
    if (at := _place(header, column)) is None:
        raise FormatError(
            f"no column {column!r}; there are {', '.join(header)[:200]!r}",
            file=file,
            place=place,
            expected="a first row that names the columns",
            todo=f"Name the column of {what}",
        )
    return at


def _place(header: Sequence[str], column: str) -> int | None:
    """Where the column is: by its exact name, else whatever its case; None where it is not there or not alone."""
    for names, wanted in ((list(header), column), ([name.strip().lower() for name in header], column.lower())):
        if names.count(wanted) == 1:
            return names.index(wanted)
    return None


def _classes(document: Document) -> Iterator[Sequence[str]]:
    scores = dict(document.label_scores)
    for label in document.labels:
        score = f"{scores[label]:.3f}" if label in scores else ""
        cells = {"document": document.id, "label": label, "score": score}
        yield [cells.get(column, "") for column in COLUMNS]


def _cells(document: Document, entity: Entity) -> Iterator[str]:
    yield from (document.id, entity.id, str(entity.start), str(entity.end), entity.text, entity.label)
    yield ";".join(link.id for link in entity.links)
    yield "" if entity.score is None else f"{entity.score:.3f}"
    yield entity.source
    yield ";".join(f"{span.start}-{span.end}" for span in entity.spans)
    yield ";".join(f"{name}={value}" for name, value in entity.attributes)
    sentence = document.evidence(entity)
    yield document.text[sentence.start : sentence.end]


def _safe(cell: str, format_name: str, report: Report | None) -> str:
    if not _FORMULA.match(cell):
        return cell
    if report is not None:
        report.note(f"{format_name}: a cell that a spreadsheet would run as a formula got an apostrophe in front")
    return "'" + cell
