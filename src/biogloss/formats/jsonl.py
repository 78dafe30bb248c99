"""JSON lines: one document a line, everything kept; the form of ``documents/schema.json``.

    {"biogloss":1,"id":"7","text":"Gout is painful.","language":"en","entities":[{"id":"T1","spans":[[0,4]], ...}]}

Always UTF-8 when written. Blank lines are skipped; a bad line is a ``Failure`` and the stream goes on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from biogloss.documents import OffsetError
from biogloss.documents.jsonl import VERSION, VERSION_KEY, from_line, to_line
from biogloss.errors import CannotHold, Failure, FormatError, OffsetMismatch
from biogloss.formats import FEATURES
from biogloss.formats._source import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from biogloss.documents import Document
    from biogloss.formats._source import Report

HOLDS = frozenset(FEATURES)
DROPS: frozenset[str] = frozenset()
SUFFIXES = (".jsonl", ".ndjson")
RECORDS = True

_VERSION = re.compile(rf'"{VERSION_KEY}"\s*:\s*\d')


def sniff(head: bytes) -> bool:
    """Whether it starts with an object that has our format version among its first keys."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and re.search(_VERSION.pattern.encode(), start) is not None


def read(
    path: Path | str,
    *,
    encoding: str = "utf-8",
    report: Report | None = None,  # noqa: ARG001 - the reader leaves nothing out
) -> Iterator[Document | Failure]:
    """The documents of a file, in its order; a bad line is a ``Failure`` that names it.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: its first line is no document of ours at all, or a line is beyond the limit of ``_source``.
    """
    first = True
    for number, line in lines(path, encoding=encoding):
        if not line.strip():
            continue
        if first and not _VERSION.search(line):
            raise _not_ours(line, str(path), number)
        first = False
        yield _document(line, str(path), number)


def write(
    documents: Iterable[Document],
    stream: TextIO,
    report: Report | None = None,  # noqa: ARG001 - the writer leaves nothing out
) -> None:
    """Write one line a document; equal documents give equal bytes. Scores are rounded to three decimals.

    Raises:
        CannotHold: a score outside [0, 1], or half of a surrogate pair in an id or label.
    """
    for document in documents:
        try:
            line = to_line(document)
        except ValueError as error:
            raise CannotHold(f"document {document.id[:60]!r}: the format jsonl has no place for it: {error}") from None
        stream.write(line + "\n")


def _document(line: str, file: str, number: int) -> Document | Failure:
    place = f"line {number:,}"
    try:
        return from_line(line)
    except OffsetError as error:
        return Failure(place, "jsonl", OffsetMismatch(str(error), file=file, place=place))
    except ValueError as error:
        expected = "one document of documents/schema.json a line"
        return Failure(place, "jsonl", FormatError(str(error), file=file, place=place, expected=expected))


def _not_ours(line: str, file: str, number: int) -> FormatError:
    return FormatError(
        f"the first line is {line[:60].strip()!r}",
        file=file,
        place=f"line {number:,}",
        expected=f'JSON lines of Biogloss, at least {{"{VERSION_KEY}": {VERSION}, "id": "...", "text": "..."}} each',
        todo="Add the missing keys, or name the file's real format with --from",
    )
