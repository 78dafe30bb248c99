"""The tables of an index, and the door to its file.

    names   number  concept  kind  text               keys  hash                  name
            17      4        1     NIDDM                    -2718281828459045     17

An index is one SQLite file. ``keys``, ``trigrams`` and ``sizes`` follow from the other tables and are left out of the
packed form. Numbers of concepts and names of one source are a range of their own, so that a source can be taken out.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from biogloss.errors import KnowledgeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 1
APPLICATION = 0x42_47_54_31  # "BGT1"
MAPPED_BYTES = 1 << 30
KINDS = ("preferred", "exact", "abbreviation", "narrow", "broad", "related")

CONTENT = """
CREATE TABLE sources (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT, version TEXT, licence TEXT, url TEXT,
    own INTEGER NOT NULL, ship INTEGER NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL,
    first_concept INTEGER, last_concept INTEGER, first_name INTEGER, last_name INTEGER, mappings INTEGER
);
CREATE TABLE types (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE concepts (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, type INTEGER NOT NULL, source INTEGER NOT NULL, taxon TEXT,
    parents TEXT, definition TEXT
);
CREATE TABLE names (
    number INTEGER PRIMARY KEY, concept INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE TABLE same (subject TEXT NOT NULL, object TEXT NOT NULL, source INTEGER NOT NULL, concept INTEGER);
"""
DERIVED = """
CREATE TABLE keys (hash INTEGER NOT NULL, name INTEGER NOT NULL, PRIMARY KEY (hash, name)) WITHOUT ROWID;
CREATE TABLE trigrams (source INTEGER NOT NULL, code INTEGER NOT NULL, names BLOB NOT NULL, PRIMARY KEY (source, code))
    WITHOUT ROWID;
CREATE TABLE sizes (source INTEGER PRIMARY KEY, sizes BLOB NOT NULL, types BLOB NOT NULL);
CREATE INDEX concepts_by_id ON concepts (id);
CREATE INDEX names_by_concept ON names (concept);
CREATE INDEX same_by_subject ON same (subject, object);
CREATE INDEX same_by_object ON same (object, subject);
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that only reads; the file is mapped into memory, never locked and never changed.

    Raises:
        KnowledgeError: no such file, no index, one of another version, or a damaged one.
    """
    if not path.is_file():
        msg = f"{path}: no such index of terms; build one with `biogloss terms build`"
        raise KnowledgeError(msg)
    with damage_named(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        _check(connection, path)
    return connection


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn what comes of a damaged file, wherever it shows, into an error with its name.

    Raises:
        KnowledgeError: the file is damaged or no database.
    """
    try:
        yield
    except (sqlite3.DatabaseError, ValueError, LookupError, OverflowError) as error:
        todo = "build it again with `biogloss terms build`, or copy it again"
        msg = f"{path}: cannot be read ({error}); expected an index of terms. If it was one, it is damaged: {todo}"
        raise KnowledgeError(msg) from error


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        msg = f"{path}: a database, but no index of terms; name one that `biogloss terms build` wrote"
        raise KnowledgeError(msg)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        what = f"an index of format {version}, and this version reads format {FORMAT}"
        todo = "update Biogloss" if version > FORMAT else "build it again with `biogloss terms build`"
        msg = f"{path}: {what}; {todo}"
        raise KnowledgeError(msg)
    ((pages,), (size,)) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if path.stat().st_size != pages * size:
        msg = f"{path}: {path.stat().st_size:,} bytes, not {pages * size:,}: it is cut short; copy or build it again"
        raise KnowledgeError(msg)
