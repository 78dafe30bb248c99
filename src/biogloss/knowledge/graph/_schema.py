"""The tables of a graph, and the doors to its file.

    nodes      17  MESH:D008750  alpha-methyldopa  ...
    edges      40  17  biolink:causes  23  0.665        links  17 23 40 0.665 and 23 17 40 0.665
    evidence   91  edge 40, document 5, sentence 12, characters 60-76 and 84-95

A graph is one SQLite file. ``documents`` holds documents and curated layers alike: everything else that came with one
goes with it. ``links`` is ``edges`` from both ends, ``nodes.degree`` and the names of nodes follow from the rest.
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
APPLICATION = 0x42_47_47_31  # "BGG1"
MAPPED_BYTES = 1 << 30
SECONDS_TO_WAIT = 60

TABLES = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, title TEXT, version TEXT,
    licence TEXT, url TEXT, year INTEGER, UNIQUE (kind, id)
);
CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (name, kind));
CREATE TABLE predicates (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE categories (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE nodes (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL DEFAULT '', category INTEGER NOT NULL,
    degree INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE names (
    node INTEGER NOT NULL, document INTEGER NOT NULL, text TEXT NOT NULL, folded TEXT NOT NULL,
    category INTEGER NOT NULL, rank INTEGER NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (node, document, text, category, rank)
) WITHOUT ROWID;
CREATE TABLE edges (
    number INTEGER PRIMARY KEY, subject INTEGER NOT NULL, predicate INTEGER NOT NULL, object INTEGER NOT NULL,
    belief REAL NOT NULL DEFAULT 0, pieces INTEGER NOT NULL DEFAULT 0, first_year INTEGER, last_year INTEGER,
    UNIQUE (subject, predicate, object)
);
CREATE TABLE links (
    node INTEGER NOT NULL, neighbour INTEGER NOT NULL, edge INTEGER NOT NULL, belief REAL NOT NULL,
    PRIMARY KEY (node, neighbour, edge)
) WITHOUT ROWID;
CREATE TABLE sentences (
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL, start INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE TABLE evidence (
    number INTEGER PRIMARY KEY, edge INTEGER NOT NULL, document INTEGER NOT NULL, source INTEGER NOT NULL, score REAL,
    assertion INTEGER NOT NULL, section TEXT, year INTEGER, subject TEXT, object TEXT, sentence INTEGER,
    other_sentence INTEGER, reference TEXT, label TEXT
);
CREATE INDEX names_by_text ON names (folded);
CREATE INDEX names_by_document ON names (document);
CREATE INDEX nodes_by_degree ON nodes (degree);
CREATE INDEX edges_by_year ON edges (last_year);
CREATE INDEX sentences_by_document ON sentences (document);
CREATE INDEX evidence_by_edge ON evidence (edge);
CREATE INDEX evidence_by_document ON evidence (document)
"""


def reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads; it sees what was committed, while another process writes.

    Raises:
        KnowledgeError: no such file, no graph, one of another version, or a damaged one.
    """
    _must_exist(path)
    with damage_named(path):
        connection = _first_that_opens(path)
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        connection.execute("PRAGMA temp_store = MEMORY")
        _check(connection, path)
    return connection


def writing(path: Path) -> sqlite3.Connection:
    """A connection that writes, with a log ahead of it: what is not committed is not there, whenever the power goes.

    Raises:
        KnowledgeError: as :func:`reading`.
    """
    _must_exist(path)
    with damage_named(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=SECONDS_TO_WAIT)
        connection.executescript("PRAGMA journal_mode = WAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -100000")
        _check(connection, path)
    return connection


def create(path: Path) -> None:
    """A file with the tables and nothing in them."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        f"BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; {TABLES}; COMMIT"
    )
    connection.close()


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn what comes of a damaged file, wherever it shows, into an error with its name.

    Raises:
        KnowledgeError: the file is damaged, no database, or locked by another process.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        msg = f"{path}: {error}; is it a graph, may it be read and written, and does nobody else write to it?"
        raise KnowledgeError(msg) from error
    except sqlite3.DatabaseError as error:
        msg = f"{path}: cannot be read ({error}); expected a graph that `biogloss graph build` wrote: copy it again"
        raise KnowledgeError(msg) from error


def _must_exist(path: Path) -> None:
    if not path.is_file():
        msg = f"{path}: no such graph; make one with `biogloss graph build`"
        raise KnowledgeError(msg)


def _first_that_opens(path: Path) -> sqlite3.Connection:
    """Read with the others' log; where the folder lets nobody make the log's index, the file as it stands."""
    address = path.resolve().as_uri()
    try:
        connection = sqlite3.connect(f"{address}?mode=ro", uri=True, check_same_thread=False)
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise  # somebody may be changing it
        connection = sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        msg = f"{path}: a database, but no graph; name one that `biogloss graph build` wrote"
        raise KnowledgeError(msg)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        todo = "update Biogloss" if version > FORMAT else "build it again with `biogloss graph build`"
        msg = f"{path}: a graph of format {version}, and this version reads format {FORMAT}; {todo}"
        raise KnowledgeError(msg)
