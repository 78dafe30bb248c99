"""The index that comes with the package: packed without what follows from the rest, unpacked once into the cache.

    pack(Path("full.terms"), Path("terms-en.xz"))      180 MB of SQLite to 15 MB
    located("")                                         ~/.cache/biogloss/terms-3f2a....terms

Keys and trigrams are two thirds of an index and are made again from its names when it is first wanted.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
from contextlib import closing
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from biogloss.errors import KnowledgeError, OutputError
from biogloss.knowledge import _build
from biogloss.knowledge._schema import CONTENT, DERIVED, connect

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

PACKED = "terms-en.xz"
"""The packed index among the package's data."""
CACHE = "BIOGLOSS_CACHE"
_TABLES = ("sources", "types", "concepts", "names", "same")
_BLOCK_BYTES = 1 << 20
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 26}]


def located(index: str) -> Path:
    """The file of an index: the one that is named, else the shipped one, unpacked when it is first wanted.

    Raises:
        KnowledgeError: none is named and none comes with this installation, or it is damaged.
        OutputError: it cannot be unpacked into the cache.
    """
    if index:
        return Path(index)
    packed = _packed()
    if not packed.is_file():
        todo = "build one with `biogloss terms build`, and name it with --index"
        msg = f"no index of terms comes with this installation; {todo}"
        raise KnowledgeError(msg)
    with resources.as_file(packed) as path:
        return unpacked(path, cache())


def is_there() -> bool:
    """Whether an index comes with this installation."""
    return _packed().is_file()


def is_unpacked() -> bool:
    """Whether the index that comes with this installation is in the cache already."""
    with resources.as_file(_packed()) as path:
        return _unpacked_name(path, cache()).is_file()


def _packed() -> Traversable:
    return resources.files("biogloss").joinpath("data", PACKED)


def cache() -> Path:
    """Where unpacked files are kept: ``BIOGLOSS_CACHE``, else the user's folder for caches."""
    if own := os.environ.get(CACHE):
        return Path(own)
    usual = Path(os.environ.get("LOCALAPPDATA", "")) if os.name == "nt" else Path.home() / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or usual) / "biogloss"


def pack(index: Path, target: Path) -> None:
    """Write an index as a file to give away; the same index gives the same bytes.

    Raises:
        KnowledgeError: it holds a source whose licence forbids that, or is no index.
        OutputError: the target cannot be written.
    """
    with closing(connect(index)) as connection:
        kept = connection.execute("SELECT name, licence FROM sources WHERE NOT ship").fetchall()
    if kept:
        names = "; ".join(f"{name} ({licence})" for name, licence in kept)
        msg = f"{index} holds what may not be given away: {names}; build one without"
        raise KnowledgeError(msg)
    with _build.replaced(target) as place, TemporaryDirectory(dir=place.parent) as folder:
        bare = Path(folder) / "bare"
        _copy_content(index, bare)
        with bare.open("rb") as source, lzma.open(place, "wb", filters=_FILTERS) as packed:
            shutil.copyfileobj(source, packed, _BLOCK_BYTES)


def unpacked(packed: Path, folder: Path) -> Path:
    """The index that was packed, in a folder; unpacked there where it is not yet, whole or not at all.

    Raises:
        KnowledgeError: the packed file is damaged.
        OutputError: the folder cannot be written.
    """
    target = _unpacked_name(packed, folder)
    if target.is_file():
        return target
    try:
        with _build.replaced(target) as place:
            try:
                with lzma.open(packed) as source, place.open("wb") as stream:
                    shutil.copyfileobj(source, stream, _BLOCK_BYTES)
            except (lzma.LZMAError, EOFError) as error:
                msg = f"{packed}: the packed index is damaged ({error}); install Biogloss again"
                raise KnowledgeError(msg) from error
            _derive(place)
    except OutputError as error:
        todo = f"name another folder for caches with the environment variable {CACHE}"
        msg = f"the index of terms cannot be unpacked: {error}; {todo}"
        raise OutputError(msg) from error
    return target


def _unpacked_name(packed: Path, folder: Path) -> Path:
    return folder / f"terms-{_sha256(packed)[:16]}.terms"


def _copy_content(index: Path, bare: Path) -> None:
    with _build.writing(bare) as connection:
        _build.run(connection, CONTENT)
        connection.execute("COMMIT")
        connection.execute("ATTACH ? AS old", (str(index),))
        connection.execute("BEGIN")
        for table in _TABLES:
            order = "subject, object, source" if table == "same" else "number"
            query = f"INSERT INTO main.{table} SELECT * FROM old.{table} ORDER BY {order}"  # noqa: S608 # nosec B608
            connection.execute(query)
        connection.execute("COMMIT")
        connection.execute("DETACH old")
        connection.execute("BEGIN")


def _derive(place: Path) -> None:
    with _build.writing(place) as connection:
        _build.run(connection, DERIVED)
        rows = connection.execute("SELECT number, first_name, last_name FROM sources WHERE last_name >= first_name")
        for source, first, last in rows.fetchall():
            _build.derive(connection, source, first, last)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
