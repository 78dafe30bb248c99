"""JSON lines of anyone: an object a line with a ``text`` and perhaps an ``id``, as pandas and databases write them.

    {"id": 7, "text": "Gout is painful.", "ward": "B"}    ->    Document("7", "Gout is painful.")

Only read: what Biogloss writes as JSON lines is ``jsonl``, which keeps everything. Blank lines are skipped; a bad line
is a ``Failure`` and the stream goes on.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from biogloss.documents import Document
from biogloss.documents.jsonl import VERSION_KEY
from biogloss.errors import Failure, FormatError
from biogloss.formats._source import lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.formats._source import Report

HOLDS: frozenset[str] = frozenset()
DROPS: frozenset[str] = frozenset()
SUFFIXES = (".jsonl", ".ndjson")
RECORDS = True

_CUT_SHORT = re.compile(rb'\{[ \t]*(?:"id"[ \t]*:[ \t]*(?:"[^"\\]*"|\d+)[ \t]*,[ \t]*)?"text"[ \t]*:[ \t]*"')
"""The first bytes of a record that goes on behind what is seen of the file."""


def sniff(head: bytes) -> bool:
    """Whether its first line is an object with a text, and none of our own format."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    line, end, _ = start.partition(b"\n")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return not end and _CUT_SHORT.match(start) is not None
    return isinstance(found, dict) and isinstance(found.get("text"), str) and VERSION_KEY not in found


def read(
    path: Path | str,
    *,
    encoding: str = "utf-8",
    report: Report | None = None,
    id_column: str = "id",
    text_column: str = "text",
) -> Iterator[Document | Failure]:
    """One document a line; lines are numbered where they have no ``id_column``. A bad line is a ``Failure``.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: a line beyond the limit of ``_source``.
    """
    told = set[str]()
    for number, line in lines(path, encoding=encoding):
        if not line.strip():
            continue
        try:
            record = _record(line)
            document = document_of(record, str(number), id_column, text_column)
        except ValueError as error:
            place = f"line {number:,}"
            yield Failure(place, "records", FormatError(str(error), file=str(path), place=place))
            continue
        if report is not None:
            _note_rest(record, (id_column, text_column), told, report)
        yield document


def _record(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos:,}; expected an object a line") from None
    except RecursionError:
        raise ValueError("JSON nested too deeply; expected an object a line") from None
    if not isinstance(found, dict):
        raise ValueError(f"{type(found).__name__} in place of an object with a text")  # noqa: TRY004 - layer contract
    return found


def document_of(record: dict[str, Any], number: str, id_column: str, text_column: str) -> Document:
    """The document of a record of names and values; ``number`` is its id where it has none.

    Raises:
        ValueError: no text, or an id that is neither a text nor a whole number.
    """
    text, name = record.get(text_column), record.get(id_column, number)
    if not isinstance(text, str):
        has = ", ".join(sorted(record))[:100]
        raise ValueError(  # noqa: TRY004 - layer contract
            f"no {text_column!r} that is a text; there are: {has}. Name the key of the texts with --text-column"
        )
    if isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
        raise ValueError(f"{id_column!r} is {str(name)[:40]!r}; expected a text or a whole number")
    return Document(str(name), text)


def _note_rest(record: dict[str, Any], columns: tuple[str, str], told: set[str], report: Report) -> None:
    """Count each key that is left out once, and that lines are numbered."""
    new = record.keys() - told - set(columns)
    told |= new
    for key in sorted(new):
        report.note(f"records: the key {key[:40]!r} was not read")
    if columns[0] not in record and columns[0] not in told:
        told.add(columns[0])
        report.note("records: no id, lines are numbered")
