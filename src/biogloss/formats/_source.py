"""Where bytes come from and where text goes: files, ``.gz``, ``-`` for the standard streams; limits and clear errors.

    with open_bytes("pubmed21n1298.xml.gz") as stream: ...

Paths are ``pathlib.Path`` or ``str``; :data:`STANDARD` (``-``) is standard input or output. Text with the byte-order
mark of UTF-16, as spreadsheets save "Unicode text", is read as such wherever UTF-8 was asked for.
"""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from biogloss.errors import NAME_ENCODING, EncodingError, FormatError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD = "-"
HEAD_BYTES = 4096
MAX_LINE_CHARACTERS = 10_000_000
_UTF32 = codecs.BOM_UTF32_LE  # starts as UTF-16 does, with a NUL behind that no text has


WRONG_OFFSETS = "left out, its words are not those of the text at its offsets"
"""A loss that comes from the input's own fault; a run tells it unasked."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is in memory already, as one of an archive is; ``name`` is what messages call it."""

    name: str
    content: bytes

    def __str__(self) -> str:
        return self.name


File = Path | str | Held


class Report(Counter[str]):
    """What a reader did not understand or left out, and how often: the reader of one file adds, the run prints it."""

    def note(self, what: str) -> None:
        """Count one thing that was left out, in words a user can act on."""
        self[what] += 1


@contextmanager
def open_bytes(path: File) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed where it is gzip (told by its first bytes, not its name).

    Raises:
        InputError: no such file, a folder, not readable, or empty.
        FormatError: the gzip stream ends early or is damaged; raised from inside the ``with`` block, where it is read.
    """
    name = str(path)
    stream = _raw(path)
    try:
        head = stream.peek(2)[:2]
        if not head:
            raise InputError("the file is empty", file=name, todo="Check the download or the command that wrote it")
        plain = gzip.GzipFile(fileobj=stream) if head == b"\x1f\x8b" else stream
        yield cast("BinaryIO", plain)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(
            f"the gzip stream is cut short or damaged ({error})",
            file=name,
            expected="a complete .gz file",
            todo="Download or copy it again; `gzip -t` checks it",
        ) from error
    finally:
        if str(path) != STANDARD:
            stream.close()


def _raw(path: File) -> io.BufferedReader:
    if isinstance(path, Held):
        return io.BufferedReader(io.BytesIO(path.content))
    if str(path) == STANDARD:
        return cast("io.BufferedReader", sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except FileNotFoundError as error:
        raise InputError("no such file", file=str(path), todo="Check the path") from error
    except IsADirectoryError as error:
        raise InputError("is a folder", file=str(path), expected="a file", todo="Name the files in it") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=str(path)) from error


def lines(path: File, *, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line, its line end kept, a byte-order mark removed.

    Raises:
        EncodingError: with the line and byte, and what ``--encoding`` may help.
        FormatError: a line longer than ``MAX_LINE_CHARACTERS``.
    """
    with open_bytes(path) as stream:
        yield from lines_of(stream, str(path), encoding=encoding)


def lines_of(stream: BinaryIO, file: str, *, encoding: str) -> Iterator[tuple[int, str]]:
    """The same of bytes that are open already; ``file`` is what messages call them."""
    encoding = in_fact(start_of(stream), encoding)
    if _is_wide(encoding):
        yield from _wide_lines(stream, file, encoding)
        return
    number = 0
    while line := stream.readline(MAX_LINE_CHARACTERS * 4):
        number += 1
        if len(line) > MAX_LINE_CHARACTERS:
            raise _too_long("bytes", file, number)
        yield number, decode(line, encoding, file=file, place=f"line {number:,}", first=number == 1)


def _wide_lines(stream: BinaryIO, file: str, encoding: str) -> Iterator[tuple[int, str]]:
    """Lines whose end is not the one byte that it is in ASCII."""
    text, number = io.TextIOWrapper(stream, encoding=encoding, newline="\n"), 0
    try:
        while line := text.readline(MAX_LINE_CHARACTERS + 1):
            number += 1
            if len(line) > MAX_LINE_CHARACTERS:
                raise _too_long("characters", file, number)
            yield number, line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError as error:  # also of UTF-16 without a mark
        raise EncodingError(
            f"bytes that are not {encoding}" + ("" if number else f" ({error})"),
            file=file,
            place=f"after line {number:,}" if number else "line 1",
            expected=f"text in {encoding}",
            todo=NAME_ENCODING,
        ) from error
    finally:
        text.detach()  # or the stream would be closed with it


def _is_wide(encoding: str) -> bool:
    try:
        return "\n".encode(encoding) != b"\n"
    except (LookupError, UnicodeError):
        return False  # refused where its first line is decoded


def _too_long(units: str, file: str, number: int) -> FormatError:
    return FormatError(
        f"a line of more than {MAX_LINE_CHARACTERS:,} {units}",
        file=file,
        place=f"line {number:,}",
        expected="one record or paragraph a line",
        todo="Split the text, or name its real format with --from",
    )


def start_of(stream: BinaryIO) -> bytes:
    """The first bytes of an open file, left there; a pipe that has delivered one byte may give no more."""
    return cast("io.BufferedReader", stream).peek(4)


def in_fact(start: bytes, encoding: str) -> str:
    """The encoding that was asked for, or UTF-16 where bytes start with its mark, which nothing in UTF-8 does."""
    try:
        asked = codecs.lookup(encoding).name
    except LookupError:
        return encoding  # refused where text is decoded
    if asked not in {"utf-8", "utf-8-sig"}:
        return encoding
    is_marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not start.startswith(_UTF32)
    return "utf-16" if is_marked else "utf-8"


def as_utf8(start: bytes, encoding: str) -> bytes:
    """The start of a file as it would be in UTF-8; that of no known encoding as it is."""
    encoding = in_fact(start, encoding)
    try:
        return start if encoding == "utf-8" else start.decode(encoding, "ignore").encode("utf-8", "ignore")
    except (LookupError, UnicodeError):
        return start


def read_text(path: File, *, encoding: str = "utf-8", max_bytes: int = 100_000_000) -> str:
    """The whole text of a file, line ends as they are.

    Raises:
        FormatError: more than ``max_bytes``.
        EncodingError: as :func:`lines`.
    """
    with open_bytes(path) as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise FormatError(
            f"more than {max_bytes:,} bytes", file=str(path), expected="one document", todo="Split the file"
        )
    return decode(content, in_fact(content, encoding), file=str(path), place="", first=True)


def decode(content: bytes, encoding: str, *, file: str, place: str, first: bool = False) -> str:
    """Bytes to text, or an error that says where and what to do."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        where = ", ".join(part for part in (place, f"byte {error.start:,}") if part)
        raise EncodingError(
            f"bytes {content[error.start : error.start + 4].hex(' ')} are not {encoding}",
            file=file,
            place=where,
            expected=f"text in {encoding}",
            todo=NAME_ENCODING,
        ) from error
    except (LookupError, UnicodeError) as error:
        raise EncodingError(f"unknown encoding {encoding!r}", expected="a Python codec name such as utf-8") from error
    return text.removeprefix("\ufeff") if first else text


def head(path: File) -> bytes:
    """The first bytes of a file, decompressed, for detection by content."""
    with open_bytes(path) as stream:
        return stream.read(HEAD_BYTES)
