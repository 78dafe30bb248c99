"""The files of a zip archive, read in memory one after another and never unpacked to disk; hostile ones are refused.

    for held in files("train.zip", ".xml"):
        records(held, ("document",), step="ddi")         # Held(name="train.zip: Train/11.xml", content=b"<?xml ...")

A few kilobytes can claim to be gigabytes, so what comes out is limited file by file and together. Names of files are
only looked at and shown: no path is made of them.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING

from biogloss.errors import FormatError, InputError, UnsafeInputError
from biogloss.formats._source import Held

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_FILES = 100_000
MAX_FILE_BYTES = 32_000_000  # as a record of XML
MAX_BYTES = 1_000_000_000
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def files(path: Path, ending: str) -> Iterator[Held]:
    """The files whose name ends so, in the order of their names.

    Raises:
        InputError: the archive cannot be read.
        FormatError: it is no zip archive or is damaged; a file in it is encrypted, or compressed in an unusual way.
        UnsafeInputError: more files or bytes than the limits allow.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _files(archive, str(path), ending)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        what = f"no zip archive, or a damaged one ({error})"
        raise FormatError(what, file=str(path), expected="a complete .zip file", todo="Copy it again") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=str(path)) from error


def _files(archive: zipfile.ZipFile, file: str, ending: str) -> Iterator[Held]:
    entries = sorted((entry for entry in archive.infolist() if not entry.is_dir()), key=lambda entry: entry.filename)
    if len(entries) > MAX_FILES:
        raise UnsafeInputError(f"{len(entries):,} files in it; the limit is {MAX_FILES:,}", file=file)
    left = MAX_BYTES
    for entry in entries:
        if entry.filename.endswith(ending):
            held = _held(archive, entry, f"{file}: {entry.filename[:200]}", min(left, MAX_FILE_BYTES))
            left -= len(held.content)
            yield held


def _held(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, limit: int) -> Held:
    """One file; what its head claims of its size is not believed."""
    if entry.flag_bits & 1 or entry.compress_type not in _METHODS:
        raise FormatError("encrypted, or compressed in an unusual way", file=name, expected="stored or deflated")
    with archive.open(entry) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise UnsafeInputError(
            f"it holds more than {limit:,} bytes", file=name, todo=f"An archive may hold {MAX_BYTES:,}"
        )
    return Held(name, content)
