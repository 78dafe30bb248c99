"""Parquet: one document a row, everything kept, in columns that pandas, DuckDB, Spark and Polars read as they are.

    id    text              entities
    "7"   "Gout is painful" [{"id": "T1", "label": "Disease", "text": "Gout", "spans": [{"start": 0, "end": 4}], ...}]

The columns are those of the JSON form with names for positions; see ``_columns``. A table of others, with a ``text``
and perhaps an ``id``, is read as ``records`` is. Needs pyarrow (extra ``scale``). Parquet is bytes and is read from its
end: it is written to a text stream that stands on a binary one, as files and standard output do, and read from a file.
"""

from __future__ import annotations

import codecs
import io
import json
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO, cast

from biogloss.documents import OffsetError
from biogloss.documents.jsonl import VERSION, VERSION_KEY, from_json, to_line
from biogloss.errors import (
    CannotHold,
    EncodingError,
    Failure,
    FormatError,
    MissingExtra,
    OffsetMismatch,
    OutputError,
    UnsafeInputError,
)
from biogloss.formats import FEATURES, _columns
from biogloss.formats._named import Columns, document_of
from biogloss.formats._source import STANDARD, Held, open_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

    from biogloss.documents import Document
    from biogloss.formats._source import Report

HOLDS = frozenset(FEATURES)
DROPS: frozenset[str] = frozenset()
SUFFIXES = (".parquet",)
RECORDS = False

_MAGIC = b"PAR1"
_GROUP_ROWS = 1000
_BATCH_ROWS = 64
_MAX_GROUP_BYTES = 2_000_000_000
_LIMITS = {"thrift_string_size_limit": 100_000_000, "thrift_container_size_limit": 10_000_000}


def sniff(head: bytes) -> bool:
    """Whether it starts with Parquet's mark."""
    return head.startswith(_MAGIC)


def read(
    path: Path | str | Held,
    *,
    encoding: str = "utf-8",
    report: Report | None = None,
    id_column: str = "id",
    text_column: str = "text",
    label_column: str = "",
) -> Iterator[Document | Failure]:
    """The documents of a file; a bad row is a ``Failure``. The columns are named for tables of others only.

    Raises:
        InputError: the file cannot be read.
        EncodingError: no such encoding.
        FormatError: it is no Parquet, or damaged from some row on.
        UnsafeInputError: a part of it is larger than may be unpacked at once.
        MissingExtra: pyarrow is not installed.
    """
    _check_encoding(encoding)
    arrow, parquet = _arrow()
    _check_start(path)
    file = str(path)
    try:
        opened = io.BytesIO(path.content) if isinstance(path, Held) else file
        source = _Table(parquet.ParquetFile(opened, **_LIMITS), file)
        columns = Columns(id_column, text_column, label_column)
        yield from _ours(source, report) if source.is_ours() else _theirs(source, columns, report)
    except (arrow.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
        raise FormatError(
            f"damaged Parquet ({' '.join(str(error).split())[:200]})",
            file=file,
            expected="a complete .parquet file, not compressed as a whole",
            todo="Write or copy it again",
        ) from error


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:  # noqa: ARG001
    """Write a table, in groups of a thousand rows; equal documents give equal bytes.

    Args:
        documents: one row each.
        stream: over a binary one, which gets the bytes.
        report: the writer leaves nothing out.

    Raises:
        CannotHold: a score outside [0, 1], or half of a surrogate pair in an id or label.
        OutputError: the stream takes no bytes.
        MissingExtra: pyarrow is not installed.
    """
    arrow, parquet = _arrow()
    binary = getattr(stream, "buffer", None)
    if binary is None:
        raise OutputError("Parquet is bytes, and what it is to be written to takes only text; write it to a file")
    stream.flush()
    schema = _columns.schema(arrow).with_metadata({VERSION_KEY: str(VERSION)})
    rows = map(_row, documents)
    first = list(islice(rows, 1))  # what reads the documents may fail before a file is begun
    with parquet.ParquetWriter(binary, schema, compression="zstd") as writer:
        every = chain(first, rows)
        while group := list(islice(every, _GROUP_ROWS)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))


def _row(document: Document) -> dict[str, Any]:
    try:
        line = to_line(document)
    except ValueError as error:
        raise CannotHold(f"document {document.id[:60]!r}: the format parquet has no place for it: {error}") from None
    return cast("dict[str, Any]", _columns.to_row(json.loads(line)))


def _check_encoding(encoding: str) -> None:
    """Parquet is UTF-8 whatever the user says; a codec that does not exist is told all the same."""
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise EncodingError(f"unknown encoding {encoding!r}", expected="a Python codec name such as utf-8") from error


def _arrow() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and large
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("pyarrow", "scale", "Parquet") from error
    return pa, parquet


def _check_start(path: Path | str | Held) -> None:
    if str(path) == STANDARD:
        what = "Parquet is read from its end, which standard input does not have"
        raise FormatError(what, file="standard input", todo="Name a file")
    with open_bytes(path) as stream:
        start = stream.read(len(_MAGIC))
    if start != _MAGIC:
        raise FormatError(f"the file starts with {start!r}", file=str(path), expected=f"Parquet, {_MAGIC!r}")


class _Table:
    """A Parquet file, its columns and its rows."""

    def __init__(self, opened: Any, file: str) -> None:  # noqa: ANN401 - a pyarrow.parquet.ParquetFile
        self._opened = opened
        self.file = file
        self.names: list[str] = list(opened.schema_arrow.names)
        sizes = (opened.metadata.row_group(number).total_byte_size for number in range(opened.metadata.num_row_groups))
        if (largest := max(sizes, default=0)) > _MAX_GROUP_BYTES:
            what = f"a group of rows of {largest:,} bytes"
            expected = f"at most {_MAX_GROUP_BYTES:,}"
            raise UnsafeInputError(what, file=file, expected=expected, todo="Write it with smaller row groups")

    def version(self) -> int:
        """The version of the document form in a file of ours; 0 where it says none that is a number."""
        said = self._opened.schema_arrow.metadata[VERSION_KEY.encode()]
        return int(said) if said.isdigit() and len(said) < 9 else 0

    def is_ours(self) -> bool:
        """Whether Biogloss wrote it."""
        return VERSION_KEY.encode() in (self._opened.schema_arrow.metadata or {})

    def rows(self, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number (from 1) and values of each row, of the columns that are there."""
        known = [name for name in columns if name in self.names]
        number = 0
        for batch in self._opened.iter_batches(batch_size=_BATCH_ROWS, columns=known, use_threads=False):
            for row in batch.to_pylist():
                number += 1
                yield number, row


def _ours(table: _Table, report: Report | None) -> Iterator[Document | Failure]:
    _note_rest(table, _columns.DOCUMENT, report)
    version = table.version()
    for number, row in table.rows(_columns.DOCUMENT):
        try:
            yield from_json({VERSION_KEY: version, **_columns.from_row(row)})
        except ValueError as error:
            yield _failure(error, table.file, number)


def _theirs(table: _Table, columns: Columns, report: Report | None) -> Iterator[Document | Failure]:
    wanted = {"text": columns.text, "label": columns.label}
    for what, name in wanted.items():
        if name and name not in table.names:
            raise FormatError(
                f"no column {name!r}; there are: {', '.join(map(str, table.names))[:200]}",
                file=table.file,
                todo=f"Name the column with --{what}-column",
            )
    _note_rest(table, columns, report)
    if report is not None and columns.id not in table.names:
        report.note("parquet: no id column, rows are numbered")
    for number, row in table.rows(columns):
        try:
            yield document_of(row, str(number), columns)
        except ValueError as error:
            yield _failure(error, table.file, number)


def _note_rest(table: _Table, known: Iterable[str], report: Report | None) -> None:
    if report is not None:
        for name in sorted(set(table.names) - set(known)):
            report.note(f"parquet: the column {name[:40]!r} was not read")


def _failure(error: ValueError, file: str, number: int) -> Failure:
    place = f"row {number:,}"
    kind = OffsetMismatch if isinstance(error, OffsetError) else FormatError
    return Failure(place, "parquet", kind(str(error), file=file, place=place))
