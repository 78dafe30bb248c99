"""Writing an index: all of it or nothing, one source at a time, each with a checksum of what it was made from.

    build(Path("my.terms"), [Batch(Manifest("lab", own=True, digest="9f86..."), concepts)])

A new file is filled beside the old one, synced and put in its place: whoever has the old one open goes on reading that,
and a build that is killed leaves nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from biogloss.errors import KnowledgeError, OutputError
from biogloss.knowledge import _similar
from biogloss.knowledge._schema import APPLICATION, CONTENT, DERIVED, FORMAT, KINDS, connect
from biogloss.knowledge.concept import Concept, Mapping
from biogloss.knowledge.normalise import keys_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ROWS_AT_ONCE = 20_000
_KINDS = {kind: number for number, kind in enumerate(KINDS)}
MAX_TYPES = 255


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a source before it is read.

    Args:
        name: unique in an index; a source of the same name is replaced.
        digest: a checksum of the files and options it is made from; the same one again changes nothing.
        own: whether it is the user's, so that its terms win.
        ship: whether its names may be given to others.
    """

    name: str
    digest: str
    own: bool = False
    ship: bool = False
    title: str = ""
    version: str = ""
    licence: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A source with its concepts and mappings, which are read once, as they are written."""

    manifest: Manifest
    content: Iterable[Concept | Mapping]


def build(target: Path, batches: Sequence[Batch], *, base: Path | None = None, force: bool = False) -> None:
    """Write a new index of these sources, and those of an index ``base``.

    Raises:
        KnowledgeError: the target exists and ``force`` is not given; a source holds nothing.
        OutputError: it cannot be written; nothing was changed.
    """
    if target.exists() and not force:
        msg = f"{target} exists already; name another file, add to it with `biogloss terms add`, or use --force"
        raise KnowledgeError(msg)
    if base is not None:
        connect(base).close()
    with replaced(target) as place:
        if base is not None:
            shutil.copyfile(base, place)
        with writing(place) as connection:
            if base is None:
                run(connection, CONTENT + DERIVED)
            _replace(connection, batches)


def add(target: Path, batches: Sequence[Batch]) -> list[str]:
    """Add sources to an index, in place of those of the same names; returns the names of those that were new.

    A source whose digest the index knows is not even read. Where none is new, the file stays as it is.

    Raises:
        KnowledgeError: no index, or a damaged one.
        OutputError: it cannot be written; nothing was changed.
    """
    old = connect(target)
    known = dict(old.execute("SELECT name, digest FROM sources"))
    old.close()
    new = [batch for batch in batches if known.get(batch.manifest.name) != batch.manifest.digest]
    if new:
        with replaced(target) as place:
            shutil.copyfile(target, place)
            with writing(place) as connection:
                _replace(connection, new)
    return [batch.manifest.name for batch in new]


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """A new file to fill; when the block ends without an error it is synced and becomes ``target``.

    Raises:
        OutputError: it cannot be written (permission, full disk); nothing was changed.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".new-") as folder:
            place = Path(folder) / "terms"
            yield place
            _synced(place)
            place.replace(target)
            _synced(target.parent)
    except (OSError, sqlite3.OperationalError) as error:
        msg = f"{target}: cannot be written ({error}); nothing was changed"
        raise OutputError(msg) from error


def _synced(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows does not open folders
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def writing(place: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that nobody else knows: without journal, as all of it is thrown away after an error."""
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -100000;"
            f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; BEGIN"
        )
        yield connection
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


def run(connection: sqlite3.Connection, statements: str) -> None:
    """Execute statements inside the transaction that is open."""
    for statement in statements.split(";"):
        connection.execute(statement)


def _replace(connection: sqlite3.Connection, batches: Iterable[Batch]) -> None:
    for batch in batches:
        _remove(connection, batch.manifest.name)
        _write(connection, batch)


def _remove(connection: sqlite3.Connection, name: str) -> None:
    row = connection.execute(
        "SELECT number, first_concept, last_concept, first_name, last_name FROM sources WHERE name = ?", (name,)
    ).fetchone()
    if row is None:
        return
    source, first_concept, last_concept, first_name, last_name = row
    texts = connection.execute("SELECT number, text FROM names WHERE number BETWEEN ? AND ?", (first_name, last_name))
    for number, text in texts.fetchall():
        connection.executemany(
            "DELETE FROM keys WHERE hash = ? AND name = ?", [(key, number) for key in hashes(words(text))]
        )
    connection.execute("DELETE FROM names WHERE number BETWEEN ? AND ?", (first_name, last_name))
    connection.execute("DELETE FROM concepts WHERE number BETWEEN ? AND ?", (first_concept, last_concept))
    for table in ("same", "trigrams", "sizes"):
        connection.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608 - own words # nosec B608
    connection.execute("DELETE FROM sources WHERE number = ?", (source,))


def _write(connection: sqlite3.Connection, batch: Batch) -> None:
    manifest = batch.manifest
    source, first_concept, first_name = (
        connection.execute(
            f"SELECT coalesce(max({column}), 0) + 1 FROM {table}"  # noqa: S608 - own words # nosec B608
        ).fetchone()[0]
        for table, column in (("sources", "number"), ("concepts", "number"), ("names", "number"))
    )
    writer = _Writer(connection, source, first_concept, first_name)
    rows = iter(batch.content)
    while part := list(islice(rows, _ROWS_AT_ONCE)):
        writer.write(part)
    if not writer.written:
        msg = f"the source {manifest.name} holds no concept and no mapping; nothing was changed"
        raise KnowledgeError(msg)
    row = (
        *(source, manifest.name, manifest.title, manifest.version, manifest.licence, manifest.url),
        *(manifest.own, manifest.ship, manifest.digest, writer.digest.hexdigest()),
        *(first_concept, writer.concept - 1, first_name, writer.name - 1, writer.mappings),
    )
    marks = ",".join("?" * len(row))
    connection.execute(f"INSERT INTO sources VALUES ({marks})", row)  # noqa: S608 - marks alone # nosec B608
    derive(connection, source, first_name, writer.name - 1)


def derive(connection: sqlite3.Connection, source: int, first: int, last: int) -> None:
    """Fill the tables that follow from the names of a source, whose numbers are from ``first`` to ``last``."""
    rows = connection.execute(
        "SELECT names.number, text, type FROM names JOIN concepts ON concepts.number = concept"
        " WHERE names.number BETWEEN ? AND ? ORDER BY names.number",
        (first, last),
    ).fetchall()
    split = [words(text) for _, text, _ in rows]
    found = sorted((key, number) for (number, *_), own in zip(rows, split, strict=True) for key in hashes(own))
    connection.executemany("INSERT INTO keys VALUES (?, ?)", found)
    _similar.write(connection, source, split, [type_ for *_, type_ in rows])


def hashes(found: tuple[str, ...]) -> Iterator[int]:
    """The numbers that a name is found by, from its words: of its spelling, and of the words where it has several."""
    spelled, ordered = keys_of(found)
    if spelled:
        yield hash_of("s", spelled)
    if " " in ordered:
        yield hash_of("w", ordered)


def hash_of(kind: str, key: str) -> int:
    """A signed 64-bit number for a key; ``kind`` is s for spelling, w for words."""
    return int.from_bytes(hashlib.blake2b(f"{kind}{key}".encode(), digest_size=8).digest(), "little", signed=True)


class _Writer:
    """Rows of one source: gives out numbers, and keeps the checksum of the content."""

    def __init__(self, connection: sqlite3.Connection, source: int, concept: int, name: int) -> None:
        self._connection, self._source = connection, source
        self.concept, self.name = concept, name
        self.mappings = self.written = 0
        self.digest = hashlib.sha256()
        self._types: dict[str, int] = dict(connection.execute("SELECT name, number FROM types").fetchall())

    def write(self, part: Sequence[Concept | Mapping]) -> None:
        concepts: list[tuple[Any, ...]] = []
        names: list[tuple[Any, ...]] = []
        same: list[tuple[Any, ...]] = []
        for row in part:
            self.digest.update(repr(row).encode())
            if isinstance(row, Mapping):
                same.append((row.subject, row.object, self._source, None))
                self.mappings += 1
                continue
            facts = (row.taxon or None, " ".join(row.parents) or None, row.definition or None)
            concepts.append((self.concept, row.id, self._type(row.type), self._source, *facts))
            for text, kind in row.names():
                names.append((self.name, self.concept, _KINDS[kind], text))
                self.name += 1
            same += [(row.id, xref, self._source, self.concept) for xref in row.xrefs]
            self.concept += 1
        self.written += len(part)
        self._connection.executemany("INSERT INTO concepts VALUES (?, ?, ?, ?, ?, ?, ?)", concepts)
        self._connection.executemany("INSERT INTO names VALUES (?, ?, ?, ?)", names)
        self._connection.executemany("INSERT INTO same VALUES (?, ?, ?, ?)", same)

    def _type(self, name: str) -> int:
        if name not in self._types:
            if len(self._types) >= MAX_TYPES:
                msg = f"more than {MAX_TYPES} types of concepts, with {name[:40]!r}; is the right column the type?"
                raise KnowledgeError(msg)
            self._types[name] = len(self._types) + 1
            self._connection.execute("INSERT INTO types VALUES (?, ?)", (self._types[name], name))
        return self._types[name]
