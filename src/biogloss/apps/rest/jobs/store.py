"""Jobs and their results in one SQLite file, each step of the work one transaction.

    store = Store(Path("/var/lib/biogloss"))
    store.add(job)                          the upload is in its file already; from here on it is kept
    store.commit("4f...", 32, results)      those of the documents from the 32nd on, all or none

A result's key is its job and place, so that doing the work of a place twice is an error and not a second result.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple

from biogloss.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
FINISHED = frozenset({DONE, FAILED, CANCELLED})
FORMAT = 1
_TABLES = """
CREATE TABLE jobs (
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, repeat TEXT, created REAL NOT NULL, changed REAL NOT NULL,
  status TEXT NOT NULL, model TEXT NOT NULL, types TEXT NOT NULL, format TEXT NOT NULL,
  encoding TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '', starts INTEGER NOT NULL DEFAULT 0, digest TEXT NOT NULL,
  UNIQUE (owner, repeat)
);
CREATE TABLE results (
  job TEXT NOT NULL, place INTEGER NOT NULL, is_failure INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY (job, place)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Args:
        id: unguessable.
        owner: the id of the key that sent it.
        repeat: what its sender calls it; sent again, it is the same job.
        created, changed: seconds since 1970.
        status: where it is: queued, running, done, failed or cancelled.
        model, types: how documents are annotated.
        format, encoding: of the upload.
        done, failed: documents with a result, and those of them that failed.
        error: why it failed as a whole.
        starts: how often it was begun since it last came forward.
        digest: SHA-256 of the upload.
    """

    id: str
    owner: str
    repeat: str | None
    created: float
    changed: float
    status: str
    model: str
    types: str
    format: str
    encoding: str
    done: int = 0
    failed: int = 0
    error: str = ""
    starts: int = 0
    digest: str = ""


class Result(NamedTuple):
    """What became of a document: a line of JSON, of it or of its failure."""

    is_failure: bool
    line: str


ASKED = ("digest", "model", "types", "format", "encoding")
"""What makes a job that is sent again the same one."""
_COLUMNS = ", ".join(Job.__slots__)


class Store:
    """The file, which one process at a time may write.

    Raises:
        ConfigError: another process has it.
        OutputError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads = folder / "uploads"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.uploads.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise OutputError(f"{folder}: no folder to keep jobs in ({error.strerror}); name another one") from error
        self._lock = threading.Lock()
        self._mine = _claimed(folder)
        self._connection = _opened(folder / "jobs.sqlite")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()
            self._mine.close()

    def add(self, job: Job) -> Job:
        """Keep a job; one that its sender has sent before is given back instead."""
        with self._changing() as connection:
            marks = ", ".join("?" for _ in Job.__slots__)
            values = [getattr(job, name) for name in Job.__slots__]
            query = f"INSERT INTO jobs ({_COLUMNS}) VALUES ({marks})"  # noqa: S608 - own words # nosec B608
            connection.execute(f"{query} ON CONFLICT DO NOTHING", values)
        found = self.find(job.id) or self.repeated(job.owner, job.repeat or "")
        if found is None:
            raise OutputError("the job could not be kept")
        return found

    def find(self, identifier: str) -> Job | None:
        """The job of an id."""
        return next(iter(self._jobs("WHERE id = ?", identifier)), None)

    def repeated(self, owner: str, repeat: str) -> Job | None:
        """The job that its sender calls so."""
        return next(iter(self._jobs("WHERE owner = ? AND repeat = ?", owner, repeat)), None)

    def of(self, owner: str) -> list[Job]:
        """The jobs of a key, the newest first."""
        return self._jobs("WHERE owner = ? ORDER BY created DESC LIMIT 1000", owner)

    def unfinished(self) -> list[Job]:
        """Those that are queued or were in work, in the order in which they came."""
        return self._jobs("WHERE status IN (?, ?) ORDER BY created", QUEUED, RUNNING)

    def begin(self, identifier: str) -> None:
        """Note that a job is in work."""
        self._change(identifier, "status = ?, starts = starts + 1", RUNNING, only=(QUEUED, RUNNING))

    def commit(self, identifier: str, place: int, results: Sequence[Result]) -> None:
        """Keep the results of the documents from a place on, if the job stands exactly there and is still wanted.

        Raises:
            ValueError: it does not: nothing is kept.
        """
        rows = [(identifier, place + number, *result) for number, result in enumerate(results)]
        failed = sum(result.is_failure for result in results)
        with self._changing() as connection:
            changed = connection.execute(
                "UPDATE jobs SET done = done + ?, failed = failed + ?, starts = 0, changed = ?"
                " WHERE id = ? AND done = ? AND status = ?",
                (len(rows), failed, time(), identifier, place, RUNNING),
            ).rowcount
            if changed != 1:
                raise ValueError(f"job {identifier} does not stand at {place}, or is not in work")
            connection.executemany("INSERT INTO results VALUES (?, ?, ?, ?)", rows)

    def finish(self, identifier: str, status: str, error: str = "") -> bool:
        """Note how a job ended, if it had not; returns whether that is so."""
        return self._change(identifier, "status = ?, error = ?", status, error, only=(QUEUED, RUNNING))

    def results(self, identifier: str, *, failures: bool) -> Iterator[str]:
        """The lines of a job's documents, or of its failures, in order; read as they are asked for."""
        return (line for _, line in self.placed(identifier, failures=failures))

    def placed(self, identifier: str, *, failures: bool) -> Iterator[tuple[int, str]]:
        """The same, each with its place in the upload."""
        place = -1
        while rows := self._rows(
            "SELECT place, line FROM results WHERE job = ? AND place > ? AND is_failure = ? ORDER BY place LIMIT 200",
            identifier,
            place,
            failures,
        ):
            yield from rows
            place = rows[-1][0]

    def at(self, identifier: str, places: Sequence[int]) -> list[str]:
        """The lines at some places of a job, in order."""
        query = "SELECT line FROM results WHERE job = ? AND place IN (SELECT value FROM json_each(?)) ORDER BY place"
        return [line for (line,) in self._rows(query, identifier, json.dumps(places))]

    def remove(self, identifier: str) -> None:
        """Forget a job, its results and its upload."""
        with self._changing() as connection:
            connection.execute("DELETE FROM results WHERE job = ?", (identifier,))
            connection.execute("DELETE FROM jobs WHERE id = ?", (identifier,))
        self.drop_upload(identifier)

    def upload(self, identifier: str) -> Path:
        """Where the documents of a job are, until it is finished."""
        return self.uploads / f"{identifier}.bin"

    def drop_upload(self, identifier: str) -> None:
        """Delete the documents of a job."""
        self.upload(identifier).unlink(missing_ok=True)

    def tidy(self, before: float) -> None:
        """Forget jobs that finished before a time."""
        for job in self._jobs("WHERE changed < ? AND status NOT IN (?, ?)", before, QUEUED, RUNNING):
            self.remove(job.id)

    def drop_strays(self) -> None:
        """Delete uploads that belong to no unfinished job: those that did not come whole before the process ended."""
        wanted = {self.upload(job.id).name for job in self.unfinished()}
        for path in self.uploads.iterdir():
            if path.name not in wanted:
                path.unlink(missing_ok=True)

    def _change(self, identifier: str, what: str, *values: object, only: tuple[str, ...]) -> bool:
        marks = ", ".join("?" for _ in only)
        query = (
            f"UPDATE jobs SET {what}, changed = ?"  # noqa: S608 - own words # nosec B608
            f" WHERE id = ? AND status IN ({marks})"
        )
        with self._changing() as connection:
            return connection.execute(query, (*values, time(), identifier, *only)).rowcount == 1

    def _jobs(self, where: str, *values: object) -> list[Job]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM jobs {where}", *values)  # noqa: S608 - own words # nosec B608
        return [Job(*row) for row in rows]

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction; an error undoes it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _opened(path: Path) -> sqlite3.Connection:
    try:
        path.touch(mode=0o600)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise OutputError(f"{path}: jobs cannot be kept there ({error}); name another folder with --state") from error
    if version > FORMAT:
        raise ConfigError(f"{path}: jobs of format {version}, and this version knows {FORMAT}; update Biogloss")
    return connection


def _claimed(folder: Path) -> sqlite3.Connection:
    """A lock that ends with the process: a transaction that stays open on a file of its own."""
    connection = sqlite3.connect(folder / "lock.sqlite", isolation_level=None, timeout=1, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        raise ConfigError(f"{folder}: another service keeps its jobs there; stop it, or name another folder") from error
    return connection
