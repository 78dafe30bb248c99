"""Plain text: one document a file, the file name its id; a folder gives one document for each ``.txt`` file in it.

    discharge-17.txt    ->    Document("discharge-17", "Gout is painful.")

The text is kept character for character, line ends included. An empty file is an error (in a folder a ``Failure``): it
is a failed download more often than a note without words.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from biogloss.documents import Document
from biogloss.errors import CannotHold, Failure, FormatError, InputError
from biogloss.formats._holds import check
from biogloss.formats._source import STANDARD, Held, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from biogloss.formats._source import File, Report

HOLDS = frozenset({"text", "controls"})
DROPS = frozenset({"id", "language", "title", "marks", "label_scores", "citation", "composition"})
SUFFIXES = (".txt", ".text")
RECORDS = False

# What no text has; form feeds and escapes do occur in old notes.
_BINARY = frozenset(range(0x09)) | {0x0E, 0x0F, 0x7F}
_BYTE_ORDER_MARK = "\ufeff"


def sniff(head: bytes) -> bool:
    """Whether it looks like text in UTF-8 or another encoding that extends ASCII."""
    return bool(head) and _BINARY.isdisjoint(head)


def read(path: File, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The file's text as one document, or one document for each ``.txt`` file of a folder, by name.

    Folders inside the folder are not read; ``report`` counts them.

    Raises:
        InputError, EncodingError: the file cannot be read, or the folder has no ``.txt`` file. A file of a folder that
            cannot be read is a ``Failure``.
    """
    if isinstance(path, Held) or str(path) == STANDARD or not Path(path).is_dir():
        yield _document(path, encoding)
        return
    files = _files(Path(path), report)
    for file in files:
        try:
            yield _document(file, encoding)
        except InputError as error:
            yield Failure(_name(file), "text", error)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write the text of one document; its id is for the name of the file.

    Raises:
        CannotHold: a second document, entities, or anything else said about the text beyond ``DROPS``.
    """
    first_two = list(islice(documents, 2))
    if len(first_two) > 1:
        raise CannotHold(
            f"document {first_two[1].id[:60]!r} is the second: the format text holds one document a file. "
            "Write jsonl, or each document to its own file"
        )
    for document in first_two:
        check(document, HOLDS, DROPS, "text", report)
        # Reading removes one byte-order mark at the start of a file, so a text that starts with its own gets two.
        mark = _BYTE_ORDER_MARK if document.text.startswith(_BYTE_ORDER_MARK) else ""
        stream.write(mark + document.text)


def _document(path: File, encoding: str) -> Document:
    text = read_text(path, encoding=encoding)
    try:
        return Document(_name(path), text)
    except ValueError as error:  # utf-16 and its like can decode to half of a surrogate pair
        raise FormatError(str(error), file=str(path)) from None


def _files(folder: Path, report: Report | None) -> list[Path]:
    entries = sorted(folder.iterdir())
    for entry in entries:
        if entry.is_dir() and report is not None:
            report.note(f"text: the folder {entry.name} inside {folder.name} was not read")
    files = [entry for entry in entries if entry.name.removesuffix(".gz").endswith(SUFFIXES) and entry.is_file()]
    if not files:
        raise InputError("no .txt file in this folder", file=str(folder), todo="Name a file, or another folder")
    return files


def _name(path: File) -> str:
    """The file's name without ``.gz`` and ``.txt``; standard input is ``stdin``."""
    if str(path) == STANDARD:
        return "stdin"
    name = Path(str(path)).name.removesuffix(".gz")
    return Path(name).stem if name.endswith(SUFFIXES) else name
