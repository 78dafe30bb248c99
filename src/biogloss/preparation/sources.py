"""The texts of a recipe's sources, one after another: files of our formats, records with named fields, rows of a query.

    for text in texts(recipe): ...        Text("abstracts", "33", "Inhibition of cellular transport ...") or a Failure

A record that cannot be read is a ``Failure`` in the stream, as in ``biogloss.formats``.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import json
import lzma
import os
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss.corpora import _card
from biogloss.documents.kinds import STRUCTURE
from biogloss.errors import ConfigError, Failure, FormatError, InputError, MissingExtra
from biogloss.formats import _detect
from biogloss.formats._source import MAX_LINE_CHARACTERS, lines_of
from biogloss.models.folder import checksum
from biogloss.preparation.recipe import without_passwords

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from biogloss.documents import Document
    from biogloss.preparation.recipe import Recipe, Source

CATALOGUE = "data:"
_JSON_LINES = (".jsonl", ".ndjson")
_TABLES = {".csv": ",", ".tsv": "\t"}
_COMPRESSED = re.compile(r"\.(?:gz|xz)$")
_ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Text:
    """One document before it is cleaned: the number of its source, its id there, and what it says."""

    source: int
    id: str
    text: str


def texts(recipe: Recipe) -> Iterator[tuple[int, Text | Failure]]:
    """Every text of every source in the recipe's order, each with the number of its source.

    Raises:
        InputError: a file is missing, or the rest of it cannot be read.
        ConfigError: a field that is not there, or a database that does not answer.
        MissingExtra: SQLAlchemy is not installed.
    """
    for number, source in enumerate(recipe.sources):
        for found in _texts(source, recipe.language):
            if isinstance(found, Failure):
                yield number, found
                continue
            try:
                found[1].encode()
            except UnicodeEncodeError:  # half of a surrogate pair
                yield number, Failure(found[0], "read", FormatError("the text holds half of a surrogate pair"))
            else:
                yield number, Text(number, *found)


def identity(source: Source) -> dict[str, Any]:
    """What tells whether a source is still what it was: the checksum of each file; rows of a query are not looked at.

    Raises:
        InputError: a file is missing.
    """
    files = [file for path in _paths(source) for file in _files(path)]
    try:
        return {"files": [[file.name, checksum(file)] for file in files]}
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=str(error.filename)) from error


def located(path: str) -> Path:
    """The path of a recipe; ``data:`` stands for the folder that ``BIOGLOSS_DATA`` names.

    Raises:
        InputError: it is not in that folder.
    """
    return _card.file(*path.removeprefix(CATALOGUE).split("/")) if path.startswith(CATALOGUE) else Path(path)


def _texts(source: Source, language: str) -> Iterator[tuple[str, str] | Failure]:
    if source.url:
        yield from _records(_rows(source), source, without_passwords(source.url))
        return
    for path in _paths(source):
        if source.fields:
            for file in _files(path):
                yield from _records(_file_records(file, source), source, str(file))
        else:
            for found in _detect.open_documents(path, format=source.format, encoding=source.encoding):
                yield found if isinstance(found, Failure) else (found.id, paragraphs(found, language))


def paragraphs(document: Document, language: str) -> str:
    """The document's text with a line of its own for each title, section and caption, without parts in other languages.

    Tables go too: their cells are no sentences.
    """
    cuts = {0, len(document.text)}
    cuts.update(edge for mark in document.marks if mark.kind in STRUCTURE for edge in (mark.span.start, mark.span.end))
    unwanted = [mark.span for mark in document.marks if mark.kind == "table" or _is_other(mark.language, language)]
    parts = (
        document.text[start:end].strip()
        for start, end in pairwise(sorted(cuts))
        if not any(span.start <= start and end <= span.end for span in unwanted)
    )
    return "\n".join(part for part in parts if part)


def _is_other(found: str | None, wanted: str) -> bool:
    return bool(found and wanted) and str(found).split("-")[0] != wanted


def _paths(source: Source) -> list[Path]:
    """The paths of a source with its patterns filled in."""
    found: list[Path] = []
    for path in source.paths:
        if not glob.has_magic(path) or path.startswith(CATALOGUE):
            found.append(located(path))
        elif matches := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute one
            found += [match for match in map(Path, matches) if match.is_file()]
        else:
            raise InputError("no file matches this pattern", file=path, todo="Check it, and where you are")
    return found


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    if not path.is_file():
        raise InputError("no such file or folder", file=str(path), todo="Check the path in the recipe")
    return [path]


def _records(
    found: Iterator[Mapping[str, Any] | Failure], source: Source, place: str
) -> Iterator[tuple[str, str] | Failure]:
    for number, record in enumerate(found, 1):
        if isinstance(record, Failure):
            yield record
            continue
        if missing := [name for name in source.fields if name not in record]:
            has = ", ".join(map(str, record))[:200]
            what = f"record {number:,} has no field {missing[0]!r}; it has: {has}"
            raise ConfigError(f"source {source.name}, {place}: {what}. Name the fields of the text in the recipe")
        text = "\n\n".join(str(record[name]) for name in source.fields if record[name])
        yield str(record.get(source.id_field) or number), text


def _file_records(file: Path, source: Source) -> Iterator[Mapping[str, Any] | Failure]:
    suffix = Path(_COMPRESSED.sub("", file.name)).suffix.lower()
    if suffix in _TABLES:
        return _table_records(file, _TABLES[suffix], source.encoding)
    if suffix in _JSON_LINES:
        return _json_records(file, source.encoding)
    raise ConfigError(
        f"source {source.name}: {file} holds no records with fields; "
        f"expected one of {', '.join([*_JSON_LINES, *_TABLES])}, plain, .gz or .xz"
    )


def _json_records(file: Path, encoding: str) -> Iterator[Mapping[str, Any] | Failure]:
    for number, line in _lines(file, encoding):
        if not line.strip():
            continue
        place = f"line {number:,}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Failure(place, "read", FormatError(f"no JSON ({str(error)[:80]})", file=str(file), place=place))
            continue
        is_record = isinstance(record, dict)
        yield (
            record if is_record else Failure(place, "read", FormatError("no JSON object", file=str(file), place=place))
        )


def _table_records(file: Path, delimiter: str, encoding: str) -> Iterator[Mapping[str, Any] | Failure]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_CHARACTERS))
    rows = csv.reader((line for _, line in _lines(file, encoding)), delimiter=delimiter, strict=True)
    header: list[str] = []
    while True:
        place = f"line {rows.line_num + 1:,}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Failure(place, "read", FormatError(f"cannot be parsed ({error})", file=str(file), place=place))
            continue
        if not header:
            header = row
        elif len(row) == len(header):
            yield dict(zip(header, row, strict=True))
        elif row:
            what = f"{len(row)} fields; expected {len(header)}, as in the first row"
            yield Failure(place, "read", FormatError(what, file=str(file), place=place))


def _lines(file: Path, encoding: str) -> Iterator[tuple[int, str]]:
    with _opened(file) as stream:
        yield from lines_of(stream, str(file), encoding=encoding)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed where its first bytes are those of gzip or xz."""
    try:
        with file.open("rb") as raw:
            head = raw.peek(6)[:6]
            if head.startswith(b"\x1f\x8b"):
                yield io.BufferedReader(gzip.GzipFile(fileobj=raw))
            elif head == b"\xfd7zXZ\x00":
                yield io.BufferedReader(lzma.LZMAFile(raw))  # noqa: SIM115
            else:
                yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError) as error:
        what = f"the compressed stream is cut short or damaged ({error})"
        raise FormatError(what, file=str(file), todo="Download or copy it again") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=str(file)) from error


def _rows(source: Source) -> Iterator[Mapping[str, Any]]:
    try:
        import sqlalchemy  # noqa: PLC0415 - the extra `sql`
    except ImportError as error:
        raise MissingExtra("sqlalchemy", "sql", "reading a database") from error
    try:
        engine = sqlalchemy.create_engine(os.path.expandvars(source.url), poolclass=sqlalchemy.NullPool)
        with engine.connect().execution_options(yield_per=_ROWS_AT_A_TIME) as connection:
            for row in connection.execute(sqlalchemy.text(source.query)).mappings():
                yield dict(row)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        first = without_passwords(str(error).partition("\n")[0][:300])
        shown = without_passwords(source.url)
        raise ConfigError(f"source {source.name}: the database at {shown} gives no rows: {first}") from error
