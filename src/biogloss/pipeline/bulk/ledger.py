"""What of a bulk run is done: files in ``_run`` beside the shards, each written whole or not at all.

    _run/manifest.json             what was asked; at the end every shard with its counts and checksum too
    _run/shards/00000/00003.json   this shard is finished: its size, counts, failures
    _run/inputs/00000.json         this input is read to its end, and had so many documents
    _run/failures.jsonl            every document that failed; there only when one did
    _run/new/                      what is being written, and what was when someone was killed; gone at the end
    _run/lock                      held by the run that is at work; the system lets go of it when the process ends

A shard is renamed into its place before its record is; so a record means that the shard is there. Whoever is killed
between the two makes the shard again, to the same bytes under the same name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import IO, TYPE_CHECKING, Any

from biogloss.errors import OutputError
from biogloss.pipeline.output import alone, check_settings, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RUN = "_run"
_RECORDS = ("shards", "inputs", "new")
_PART = re.compile(r"part-\d{5,}-\d{5,}\.[\w.-]+")


@dataclass(frozen=True)
class Shard:
    """A finished shard.

    Args:
        input: number of the input, from 0.
        block: number of the block in it, from 0.
        file: name in the output folder; empty where no document of the block could be written.
        size: bytes.
        sha256: of the bytes.
        documents: records in the file.
        entities: in those.
        failures: documents of the block that failed: id, step, error.
        left_out: what reader and writer did not take along, counted.
    """

    input: int
    block: int
    file: str
    size: int
    sha256: str
    documents: int
    entities: int
    failures: tuple[Mapping[str, str], ...]
    left_out: Mapping[str, int]

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Shard:
        """From its JSON form."""
        return cls(**{**fields, "failures": tuple(fields["failures"])})


class Ledger:
    """The records of a run, in its output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / RUN

    @contextmanager
    def held(self, *, force: bool) -> Iterator[None]:
        """The folder, for one run at a time.

        Raises:
            OutputError: another run writes into it, something is in the way, or it cannot be written.
        """
        if not force:
            self._refuse_others()
        with writing(self.folder):
            self.run.mkdir(parents=True, exist_ok=True)
        with alone(self.folder, self.run / "lock"):
            yield

    def begin(self, settings: Mapping[str, Any], *, resume: bool, force: bool) -> bool:
        """Get ready to write; returns whether there is anything to do.

        Raises:
            OutputError: something is in the way, or the folder cannot be written.
            ConfigError: the run that is to go on was begun with other settings.
        """
        before = self._manifest() if not force or resume else None
        if before is None:
            self._start(settings, force=force)
            return True
        if not resume:
            state = "a finished" if before["complete"] else "an unfinished"
            todo = "--force starts again" if before["complete"] else "--resume goes on with it, --force starts again"
            raise OutputError(f"{self.folder} holds {state} run; {todo}, or name another folder with -o")
        check_settings(self.folder, before["settings"], settings)
        if before["complete"]:
            return False
        with writing(self.folder):
            self._folders()
        return True

    def _manifest(self) -> dict[str, Any] | None:
        path = self.run / "manifest.json"
        if not path.exists():
            return None
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return {"complete": bool(found["complete"]), "settings": dict(found["settings"])} | found
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{path} is damaged; --force starts again") from error

    def _refuse_others(self) -> None:
        """Something that is there without a run is not ours to write into."""
        with writing(self.folder):
            is_taken = self.folder.exists() and any(path.name != RUN for path in self.folder.iterdir())
        if is_taken and self._manifest() is None:
            raise OutputError(f"{self.folder} is not empty; --force writes into it, or name another folder with -o")

    def _start(self, settings: Mapping[str, Any], *, force: bool) -> None:
        if not force:
            self._refuse_others()
        with writing(self.folder):
            for name in ("manifest.json", "failures.jsonl"):
                (self.run / name).unlink(missing_ok=True)
            self._forget()
            for path in self.folder.iterdir():
                if _PART.fullmatch(path.name):
                    path.unlink()
            self._folders()
            self.replace("manifest.json", json.dumps({"complete": False, "settings": settings}))

    def _folders(self) -> None:
        for name in _RECORDS:
            (self.run / name).mkdir(exist_ok=True)

    def _forget(self) -> None:
        for name in _RECORDS:
            shutil.rmtree(self.run / name, ignore_errors=True)

    @contextmanager
    def new(self, name: str) -> Iterator[IO[str]]:
        """A new shard to fill; when the block ends without an error it is synced and gets its name, else it goes.

        Raises:
            OutputError: it cannot be written.
        """
        with self._placed(self.folder / name) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())

    def replace(self, name: str, content: str) -> None:
        """A file of ``_run``, whole or as it was.

        Raises:
            OutputError: it cannot be written.
        """
        with self._placed(self.run / name) as stream:
            stream.write(content)

    @contextmanager
    def _placed(self, target: Path) -> Iterator[IO[str]]:
        """A file of another name that takes the target's place when the block ends without an error, else goes."""
        with writing(target.parent):
            number, place = mkstemp(dir=self.run / "new")
            try:
                with open(number, "w", encoding="utf-8", newline="") as stream:  # noqa: PTH123 - a descriptor
                    yield stream
                Path(place).replace(target)
            finally:
                Path(place).unlink(missing_ok=True)

    def finished(self, number: int) -> dict[int, Shard]:
        """The finished shards of an input, by block."""
        records = (_read(path) for path in sorted((self.run / "shards" / f"{number:05}").glob("*.json")))
        shards = (Shard.of(record) for record in records if record is not None)
        return {shard.block: shard for shard in shards if self._is_whole(shard)}

    def _is_whole(self, shard: Shard) -> bool:
        path = self.folder / shard.file
        return not shard.file or (path.is_file() and path.stat().st_size == shard.size)

    def items(self, number: int) -> int | None:
        """How many documents an input has, where it was read to its end."""
        record = _read(self.run / "inputs" / f"{number:05}.json")
        return None if record is None else int(record["items"])

    def record(self, shard: Shard) -> None:
        """A shard is finished and in its place."""
        own = f"shards/{shard.input:05}"
        with writing(self.run):
            (self.run / own).mkdir(exist_ok=True)
        self.replace(f"{own}/{shard.block:05}.json", json.dumps(vars(shard), ensure_ascii=False))

    def close_input(self, number: int, items: int) -> None:
        """An input was read to its end."""
        self.replace(f"inputs/{number:05}.json", json.dumps({"items": items}))

    def list_failures(self, inputs: Iterable[str], shards: Iterable[Shard]) -> Path:
        """Write all failures so far into one file, each with its input, where there are any; returns its place."""
        names, path = list(inputs), self.run / "failures.jsonl"
        lines = [
            json.dumps({"input": names[shard.input], **failure}, ensure_ascii=False) + "\n"
            for shard in shards
            for failure in shard.failures
        ]
        if lines:
            self.replace(path.name, "".join(lines))
        return path

    def finish(self, content: Mapping[str, Any]) -> None:
        """The whole run is there: one manifest takes the place of the records."""
        self.replace("manifest.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        self._forget()


def _read(path: Path) -> dict[str, Any] | None:
    """A record; None where there is none, or a power cut left a part of it."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found
