"""An output file that is whole or absent, and that an interrupted run can go on with.

    out.jsonl.part        what is written so far; becomes out.jsonl at the end
    out.jsonl.progress    {"documents": 7040, "bytes": 18231911, "settings": {...}}: how far it can be trusted
    out.jsonl.lock        held by the run that is at work; the system lets go of it when the process ends

A killed process leaves a ``.part`` that may be longer than ``.progress`` says; the surplus is cut off before going on.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from biogloss.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run is: input documents and failures behind it, entities found, bytes of the two files."""

    documents: int = 0
    failures: int = 0
    entities: int = 0
    bytes: int = 0
    failure_bytes: int = 0


@dataclass
class Output:
    """The files of one run.

    Args:
        path: the finished file.
        settings: what decides the bytes of the output; a run with other settings does not go on with this one.
    """

    path: Path
    settings: Mapping[str, Any]
    position: Position = field(default_factory=Position)

    @property
    def part(self) -> Path:
        """The unfinished file."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def progress(self) -> Path:
        """How far the unfinished file can be trusted."""
        return self.path.with_name(self.path.name + ".progress")

    @property
    def failures(self) -> Path:
        """One JSON line for each document that failed; there only when one did."""
        return self.path.with_name(self.path.name + ".failures.jsonl")

    def prepare(self, *, resume: bool, force: bool) -> bool:
        """Get ready to write; returns whether there is anything to do.

        Raises:
            OutputError: the output, or an unfinished one, is in the way.
            ConfigError: the unfinished output was made with other settings.
        """
        if resume and self.path.exists() and not self.part.exists():
            return False
        if resume and self.progress.exists():
            self._go_on()
            return True
        if not force and not resume:
            self._refuse_to_overwrite()
        with writing(self.path):
            for path in (self.part, self.progress, self.failures):
                path.unlink(missing_ok=True)
        return True

    def _refuse_to_overwrite(self) -> None:
        if self.path.exists():
            raise OutputError(f"{self.path} exists already; --force writes it anew, or name another file with -o")
        if self.part.exists():
            raise OutputError(
                f"{self.part} is there from an unfinished run; --resume goes on with it, --force starts again"
            )

    def _go_on(self) -> None:
        try:
            record = json.loads(self.progress.read_text(encoding="utf-8"))
            position, before = Position(**record["position"]), record["settings"]
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{self.progress} is damaged; --force starts again") from error
        check_settings(self.part, before, self.settings)
        with writing(self.path):
            _cut(self.part, position.bytes)
            _cut(self.failures, position.failure_bytes)
        self.position = position

    @contextmanager
    def open(self) -> Iterator[tuple[IO[str], IO[str]]]:
        """The streams for documents and for failures, at the position reached; empty files do not outlive an error."""
        try:
            with (
                writing(self.path),
                self.part.open("a", encoding="utf-8", newline="") as stream,
                self.failures.open("a", encoding="utf-8", newline="") as failures,
            ):
                yield stream, failures
        except BaseException:
            _remove_if_empty(self.part)
            _remove_if_empty(self.failures)
            raise

    def commit(self, stream: IO[str], failures: IO[str], position: Position) -> None:
        """Record that everything written so far may be kept."""
        stream.flush()
        failures.flush()
        self.position = Position(
            position.documents,
            position.failures,
            position.entities,
            os.fstat(stream.fileno()).st_size,
            os.fstat(failures.fileno()).st_size,
        )
        fields = {name: getattr(self.position, name) for name in Position.__slots__}
        new = self.progress.with_name(self.progress.name + ".new")
        new.write_text(json.dumps({"position": fields, "settings": dict(self.settings)}), encoding="utf-8")
        new.replace(self.progress)

    def finish(self) -> None:
        """The unfinished file becomes the finished one."""
        with writing(self.path):
            with self.part.open("rb+") as stream:
                os.fsync(stream.fileno())
            self.part.replace(self.path)
            self.progress.unlink(missing_ok=True)
            _remove_if_empty(self.failures)


@contextmanager
def alone(place: Path, lock: Path) -> Iterator[None]:
    """One run at a time that writes into a place, as long as the block lasts; the lock's file stays where it is.

    Raises:
        OutputError: another run writes there, or the lock's file cannot be.
    """
    with writing(place):
        try:
            held = FileLock(lock).acquire(timeout=0)
        except Timeout:
            what = f"another run is writing into {place}"
            raise OutputError(f"{what}; wait for its end, or name another place with -o") from None
    with held:
        yield


@contextmanager
def alone_beside(place: Path) -> Iterator[None]:
    """The same by a lock beside the place, which goes at the end: who waits for it notices that it has (filelock).

    Raises:
        OutputError: another run writes there, or the lock's file cannot be.
    """
    lock = Path(f"{os.path.abspath(place)}.lock")  # noqa: PTH100 - resolve() would follow a link
    with writing(place):
        lock.parent.mkdir(parents=True, exist_ok=True)
    with alone(place, lock):
        try:
            yield
        finally:
            with suppress(PermissionError):  # Windows keeps what is open
                lock.unlink(missing_ok=True)


def check_settings(path: Path, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Check that what was begun is gone on with as it was begun.

    Raises:
        ConfigError: the settings of before, read from a record, are others; the message names which.
    """
    now = json.loads(json.dumps(dict(wanted)))
    if changed := sorted(key for key in now if now[key] != before.get(key)):
        raise ConfigError(
            f"{path} was begun with other settings ({', '.join(changed)}); "
            "repeat the first command with --resume, or --force starts again"
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing into an ``OutputError`` that says what to do."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}). "
            "What is finished is kept beside it; free space or choose another place, then repeat with --resume"
        ) from error


def _remove_if_empty(path: Path) -> None:
    if path.is_file() and not path.stat().st_size:
        path.unlink()


def _cut(path: Path, size: int) -> None:
    if not path.exists():
        path.touch()
    if path.stat().st_size < size:
        raise OutputError(f"{path} is shorter than its record of progress says; --force starts again")
    with path.open("rb+") as stream:
        stream.truncate(size)
