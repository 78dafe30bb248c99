"""Lines of text files, plain or gzip, with limits and errors that name the place.

for number, line in lines(Path("hp.obo.gz"), "utf-8"): ...

What is too long for a line or a file of names is refused before it fills the memory.
"""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from biogloss.errors import NAME_ENCODING, EncodingError, FormatError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE_BYTES = 20_000_000
MAX_WHOLE_BYTES = 1_000_000_000


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed where its first bytes are those of gzip.

    Raises:
        InputError: no such file, a folder, not readable, or empty.
        FormatError: the gzip stream is damaged; raised where it is read.
    """
    try:
        with path.open("rb") as raw:
            head = raw.peek(2)[:2]
            if not head:
                raise InputError(
                    "the file is empty", file=str(path), todo="Check the download or the command behind it"
                )
            plain = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if head == b"\x1f\x8b" else raw
            yield cast("BinaryIO", plain)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        todo = "Download or copy it again"
        raise FormatError(f"the gzip stream is cut short or damaged ({error})", file=str(path), todo=todo) from error
    except FileNotFoundError as error:
        raise InputError("no such file", file=str(path), todo="Check the path") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=str(path)) from error


def lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line, its end kept, a byte-order mark removed.

    Raises:
        InputError, FormatError: as :func:`opened`, or a line beyond ``MAX_LINE_BYTES``.
        EncodingError: bytes that are not in the encoding.
    """
    with opened(path) as stream:
        number = 0
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            place = f"line {number:,}"
            if len(line) > MAX_LINE_BYTES:
                what = f"a line of more than {MAX_LINE_BYTES:,} bytes"
                raise FormatError(what, file=str(path), place=place, expected="one record a line")
            yield number, _decoded(line, encoding, path, place).removeprefix("\ufeff" if number == 1 else "")


def whole(path: Path) -> bytes:
    """All bytes of a file, up to ``MAX_WHOLE_BYTES``; errors as :func:`opened`."""
    with opened(path) as stream:
        content = stream.read(MAX_WHOLE_BYTES + 1)
    if len(content) > MAX_WHOLE_BYTES:
        raise FormatError(f"more than {MAX_WHOLE_BYTES:,} bytes", file=str(path), todo="Split the file")
    return content


def _decoded(line: bytes, encoding: str, path: Path, place: str) -> str:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        what = f"bytes {line[error.start : error.start + 4].hex(' ')} are not {encoding}"
        expected = f"text in {encoding}"
        raise EncodingError(what, file=str(path), place=place, expected=expected, todo=NAME_ENCODING) from error
    except LookupError as error:
        raise EncodingError(f"unknown encoding {encoding!r}", expected="a Python codec name such as utf-8") from error
