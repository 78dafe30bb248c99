"""Comma separated values: a table of texts in, a table of entities and classes out (see ``_table``).

    id,text                       ->    Document("7", "Gout is painful.")
    7,Gout is painful.

Written, it is for a spreadsheet or pandas: one row an entity with its document, offsets, label, identifiers and
sentence; before them one row a class of the document, with its probability in place of offsets.
The texts are left out, so a written table cannot be read back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from biogloss.formats import _table
from biogloss.formats._named import Columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from biogloss.documents import Document
    from biogloss.errors import Failure
    from biogloss.formats._source import Report

HOLDS = _table.HOLDS
DROPS = _table.DROPS
SUFFIXES = (".csv",)
RECORDS = False


def sniff(head: bytes) -> bool:
    """Whether the first line has a column named ``text`` beside another one."""
    return _table.sniff_table(head, b",")


def read(  # noqa: PLR0913 - each is an option of the format
    path: Path | str,
    *,
    encoding: str = "utf-8",
    report: Report | None = None,
    id_column: str = "id",
    text_column: str = "text",
    label_column: str = "",
    label_separator: str = "",
) -> Iterator[Document | Failure]:
    """One document a row; rows are numbered where there is no ``id_column``. A damaged row is a ``Failure``.

    A cell of the ``label_column`` is a class, or several with ``label_separator`` between them.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: no ``text_column``, or no ``label_column`` where one is named.
    """
    columns = Columns(id_column, text_column, label_column, label_separator)
    return _table.read_table(path, ",", encoding=encoding, report=report, columns=columns)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write one row a class of a document and one an entity; ``_table.COLUMNS`` are the columns.

    Raises:
        CannotHold: relations.
    """
    _table.write_table(documents, stream, ",", format_name="csv", report=report)
