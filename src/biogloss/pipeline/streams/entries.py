"""An entry of a stream and the document in it.

{"id": "7", "text": "Gout is painful."}                         a text; without id the entry's own
{"document": '{"biogloss":1,"id":"7","text":"Gout ..."}'}       a document of ours, as a line of JSON
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents import Document
from biogloss.documents.jsonl import from_line
from biogloss.errors import Failure, FormatError
from biogloss.formats._source import MAX_LINE_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP = "read the entry"


class Entry(NamedTuple):
    """An entry as Redis has it: its id and its fields, all bytes; and how often it was given to a consumer."""

    id: bytes
    fields: Mapping[bytes, bytes]
    deliveries: int = 1

    @property
    def name(self) -> str:
        """Its id as text."""
        return self.id.decode("ascii", "replace")


def document(entry: Entry) -> Document | Failure:
    """The document in an entry, or what is wrong with it."""
    try:
        return _document(entry)
    except ValueError as error:
        return Failure(entry.name, STEP, FormatError(str(error)))


def _document(entry: Entry) -> Document:
    if (size := sum(map(len, entry.fields.values()))) > MAX_LINE_CHARACTERS:
        raise ValueError(f"{size:,} bytes; the limit is {MAX_LINE_CHARACTERS:,}")
    fields = {name.decode(): value.decode() for name, value in entry.fields.items() if name in _KNOWN}
    if "document" in fields:
        return from_line(fields["document"])
    if "text" not in fields:
        raise ValueError("neither a field 'text' nor a field 'document'")
    return Document(fields.get("id") or entry.name, fields["text"])


_KNOWN = {b"document", b"id", b"text"}
