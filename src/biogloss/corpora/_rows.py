"""Corpora that are tables or JSON lines, a row at a time; each row knows where it stands, so damage can be named.

    for row in json_rows(path, {"text": str, "label": str}):
        with row.reading():
            yield Document(str(row.number), row["text"], labels=(row["label"],))

Files are UTF-8, plain, ``.gz`` or ``.xz``.
"""

from __future__ import annotations

import csv
import json
import lzma
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from biogloss.errors import FormatError
from biogloss.formats._source import MAX_LINE_CHARACTERS, decode, open_bytes, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_TODO = "Copy the corpus again"


@dataclass(frozen=True, slots=True)
class Row:
    """The named fields of one row and where it stands; ``number`` counts from 1, lines or what ``unit`` says.

    Of a row over several lines it is the last.
    """

    file: str
    number: int
    fields: Mapping[str, Any]
    unit: str = "line"

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - what the file has there
        return self.fields[name]

    def damaged(self, what: str, expected: str = "") -> FormatError:
        """An error that says where."""
        place = f"{self.unit} {self.number:,}"
        return FormatError(what, file=self.file, place=place, expected=expected, todo=_TODO)

    def whole(self, name: str) -> int:
        """A field that is a number written in decimal digits.

        Raises:
            FormatError: it is not.
        """
        if not (self[name].isascii() and self[name].isdigit() and len(self[name]) < 10):
            raise self.damaged(f"{name} is {self[name][:60]!r}", expected="a number")
        return int(self[name])

    def one_of(self, name: str, known: Sequence[str]) -> str:
        """A field that has one of some values.

        Raises:
            FormatError: it has not.
        """
        if self[name] not in known:
            raise self.damaged(f"{name} is {self[name][:60]!r}", expected=f"one of {', '.join(known)}")
        return str(self[name])

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Whatever cannot be (an offset outside the text, an empty part) becomes an error that says where.

        Raises:
            FormatError: a ``ValueError`` was raised inside.
        """
        try:
            yield
        except ValueError as error:
            raise self.damaged(str(error)) from error


def json_rows(path: Path, fields: Mapping[str, type]) -> Iterator[Row]:
    """One object a line; those of its fields that are asked for, each of the type it should have.

    Raises:
        FormatError: a line that is no object, or lacks a field of its type.
    """
    for number, line in lines(path):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Row(str(path), number, {}).damaged("not JSON", expected="one object a line") from error
        yield Row(str(path), number, fields_of(found, fields, Row(str(path), number, {})))


def json_table(path: Path, fields: Mapping[str, type]) -> Iterator[tuple[str, Row]]:
    """The entries of one object, name and fields of each.

    Raises:
        FormatError: the file is no object of objects, or one lacks a field of its type.
    """
    try:
        table = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON", file=str(path), expected="one object", todo=_TODO) from error
    if not isinstance(table, dict):
        raise FormatError("not an object of objects", file=str(path), todo=_TODO)
    for number, (name, entry) in enumerate(table.items(), 1):
        yield name, Row(str(path), number, fields_of(entry, fields, Row(str(path), number, {}, "entry")), "entry")


def fields_of(found: object, fields: Mapping[str, type], row: Row) -> dict[str, Any]:
    """The fields of an object somewhere in a row, each of the type it should have; ``object`` takes any, and none.

    Raises:
        FormatError: it is no object, or lacks a field of its type.
    """
    if not isinstance(found, dict):
        raise row.damaged(f"{str(found)[:60]!r}", expected="an object")
    for name, kind in fields.items():
        # A bool is an int to Python, and never the number that is meant.
        if not isinstance(found.get(name), kind) or (kind is int and isinstance(found[name], bool)):
            raise row.damaged(f"{name} is {str(found.get(name))[:60]!r}", expected=f"{name}: {kind.__name__}")
    return {name: found[name] for name in fields}


def cell_rows(path: Path, names: Sequence[str], separator: str, *, header: bool = False) -> Iterator[Row]:
    """One row a line, cut at each separator; nothing is quoted. The last of the cells is the rest of the line.

    Raises:
        FormatError: a line without so many cells, an empty one, or another header.
    """
    for number, line in lines(path):
        row = _row(path, number, line.split(separator, len(names) - 1), names)
        if not all(row.fields.values()):
            raise row.damaged("an empty cell", expected=separator.join(names))
        if not header or number > 1:
            yield row
        elif list(row.fields.values()) != list(names):
            raise row.damaged(f"the header is {line[:60]!r}", expected=separator.join(names))


def table_rows(path: Path, names: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file with a header, quoted where they must be.

    Raises:
        FormatError: another header, or a row with other than so many cells.
    """
    reader = csv.reader((line + "\n" for _, line in lines(path)), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            row = _row(path, reader.line_num, cells, names)
            if header is not None:
                yield row
            elif cells != list(names):
                raise row.damaged(f"the header is {','.join(cells)[:60]!r}", expected=",".join(names))
            header = header or cells
    except csv.Error as error:
        raise Row(str(path), reader.line_num, {}).damaged(f"not CSV ({error})") from error


def _row(path: Path, line: int, cells: Sequence[str], names: Sequence[str]) -> Row:
    row = Row(str(path), line, dict(zip(names, cells, strict=False)))
    if len(cells) != len(names):
        raise row.damaged(f"{len(cells)} cells", expected=f"{len(names)}: {', '.join(names)}")
    return row


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line, without its line end.

    Raises:
        InputError: the file cannot be read.
        EncodingError: it is not UTF-8.
        FormatError: a line beyond the limit, or a compressed stream that is damaged.
    """
    with _opened(path) as stream:
        number = 0
        while line := stream.readline(4 * MAX_LINE_CHARACTERS):
            number += 1
            place = f"line {number:,}"
            if len(line) > MAX_LINE_CHARACTERS:
                raise FormatError(f"a line of more than {MAX_LINE_CHARACTERS:,} bytes", file=str(path), place=place)
            text = decode(line, "utf-8", file=str(path), place=place, first=number == 1)
            yield number, text.removesuffix("\n").removesuffix("\r")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path.suffix != ".xz":
        with open_bytes(path) as stream:
            yield stream
        return
    try:
        with lzma.open(path) as unpacked:
            yield cast("BinaryIO", unpacked)
    except (EOFError, lzma.LZMAError) as error:
        what = f"the xz stream is cut short or damaged ({error})"
        raise FormatError(what, file=str(path), expected="a complete .xz file", todo=_TODO) from error
