"""JSON lines of anyone: an object a line with a ``text`` and perhaps an ``id``, as pandas and databases write them.

    {"id": 7, "text": "Gout is painful.", "ward": "B"}    ->    Document("7", "Gout is painful.")

Only read: what Biogloss writes as JSON lines is ``jsonl``, which keeps everything. Blank lines are skipped; a bad line
is a ``Failure`` and the stream goes on.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from biogloss.documents.jsonl import VERSION_KEY
from biogloss.errors import Failure, FormatError
from biogloss.formats._named import Columns, document_of
from biogloss.formats._source import lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.documents import Document
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
    label_column: str = "",
) -> Iterator[Document | Failure]:
    """One document a line; lines are numbered where they have no ``id_column``. A bad line is a ``Failure``.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: a line beyond the limit of ``_source``.
    """
    told = set[str]()
    columns = Columns(id_column, text_column, label_column)
    for number, line in lines(path, encoding=encoding):
        if not line.strip():
            continue
        try:
            record = _record(line)
            document = document_of(record, str(number), columns)
        except ValueError as error:
            place = f"line {number:,}"
            yield Failure(place, "records", FormatError(str(error), file=str(path), place=place))
            continue
        if report is not None:
            _note_rest(record, columns, told, report)
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


def _note_rest(record: dict[str, Any], columns: Columns, told: set[str], report: Report) -> None:
    """Count each key that is left out once, and that lines are numbered."""
    new = record.keys() - told - set(columns)
    told |= new
    for key in sorted(new):
        report.note(f"records: the key {key[:40]!r} was not read")
    if columns.id not in record and columns.id not in told:
        told.add(columns.id)
        report.note("records: no id, lines are numbered")
