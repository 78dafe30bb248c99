"""One task of a bulk run: read an input, annotate the blocks that are its own, write a shard for each.

    annotate(plan, Unit(0, 0, 1), steps, print)

What is finished already is read past. It tells what it does as it goes, in dictionaries that are JSON:

    {"event": "block", "input": 0, "block": 3}          the block is begun
    {"event": "document", "input": 0, "block": 3, "index": 7}  with care only: this one is next; null: it is done
    {"event": "shard", ...}                             a shard is in its place; the fields of ``ledger.Shard``
    {"event": "end", "input": 0, "items": 3700}         the input is read to its end
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from biogloss import formats, plugins
from biogloss.errors import BioglossError, CannotHold, Failure, InputError
from biogloss.formats._source import Report
from biogloss.models.folder import checksum
from biogloss.pipeline import files
from biogloss.pipeline.bulk.ledger import Ledger, Shard
from biogloss.pipeline.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType

    from biogloss.documents import Document
    from biogloss.pipeline.bulk.plan import Plan, Unit
    from biogloss.pipeline.run import Step

Tell = Callable[[dict[str, Any]], None]
_TRIED_TOGETHER = 100


@dataclass(frozen=True)
class Care:
    """What is known to kill a process.

    Args:
        blocks: in these each document is announced before it is annotated, alone.
        fatal: (block, index in it) of documents that are not annotated at all, but noted as failures.
    """

    blocks: frozenset[int] = frozenset()
    fatal: frozenset[tuple[int, int]] = frozenset()


class _ProcessEndedError(BioglossError):
    """Annotating the document ended the process."""


def annotate(plan: Plan, unit: Unit, steps: Sequence[Step], tell: Tell, care: Care | None = None) -> None:
    """Make every shard of a task that is not there yet.

    Raises:
        OutputError: a shard cannot be written.
    """
    ledger = Ledger(Path(plan.job.output))
    report = Report()
    items = _documents(plan, unit.input, report)
    finished = ledger.finished(unit.input)
    total = 0
    for block in count():
        chunk = islice(items, plan.documents)
        if block % unit.parts == unit.part and block not in finished:
            work = _Block(plan, (unit.input, block), ledger, tell, care or Care())
            read = work.annotate(chunk, steps, report)
        else:
            read = sum(1 for _ in chunk)
        total += read
        if read < plan.documents:
            break
    ledger.close_input(unit.input, total)
    tell({"event": "end", "input": unit.input, "items": total})


def _documents(plan: Plan, number: int, report: Report) -> Iterator[Document | Failure]:
    """The documents of an input; where the rest of it cannot be read, one failure stands for it."""
    path = plan.job.inputs[number]
    try:
        yield from files.documents_of(plan.job, path, report)
    except InputError as error:
        yield Failure(Path(path).name, "read", error)


class _Block:
    """Makes one shard."""

    def __init__(self, plan: Plan, place: tuple[int, int], ledger: Ledger, tell: Tell, care: Care) -> None:
        self.plan = plan
        self.input, self.block = place
        self.ledger = ledger
        self.tell = tell
        self.care = care
        self.read = 0
        self.writer: ModuleType = plugins.load(formats, plan.job.write_as)
        self.file = f"part-{self.input:05}-{self.block:05}{self.writer.SUFFIXES[0]}"

    def annotate(self, chunk: Iterator[Document | Failure], steps: Sequence[Step], report: Report) -> int:
        """Annotate the documents of the block and write them; returns how many there were."""
        before = Counter(report)
        self.tell({"event": "block", "input": self.input, "block": self.block})
        items = self._counted(chunk)
        first = list(islice(items, 1))
        if not first:
            return 0
        work = files.Work(self.plan.job, steps, self.writer, report, None)
        noted = io.StringIO()
        self._write(chain(first, items), work, noted)
        self._record(work, noted.getvalue(), Counter(report) - before)
        return self.read

    def _counted(self, chunk: Iterable[Document | Failure]) -> Iterator[Document | Failure]:
        for item in chunk:
            self.read += 1
            yield item

    def _write(self, items: Iterator[Document | Failure], work: files.Work, noted: IO[str]) -> None:
        with self.ledger.new(self.file) as stream:
            results = self._results(items, work.steps)
            if self.writer.RECORDS:
                for result in results:
                    work.one(result, stream, noted)
            else:
                self.writer.write(work.documents(self._holdable(results), noted), stream, work.report)

    def _results(self, items: Iterator[Document | Failure], steps: Sequence[Step]) -> Iterator[Document | Failure]:
        if self.block in self.care.blocks:
            return self._one_by_one(items, steps)
        return run(items, steps)

    def _one_by_one(self, items: Iterator[Document | Failure], steps: Sequence[Step]) -> Iterator[Document | Failure]:
        """Each document announced before it is annotated, so that it is known which one ends the process."""
        for index, item in enumerate(items):
            if (self.block, index) in self.care.fatal:
                error = _ProcessEndedError("annotating it ended the process, again and again; it was left out")
                yield Failure(item.document_id if isinstance(item, Failure) else item.id, "annotate", error)
                continue
            self.tell({"event": "document", "input": self.input, "block": self.block, "index": index})
            yield from run([item], steps)
            self.tell({"event": "document", "input": self.input, "block": self.block, "index": None})

    def _holdable(self, results: Iterable[Document | Failure]) -> Iterator[Document | Failure]:
        """What the format refuses is a failure before it comes to the file, which is one piece.

        Tried together, as a file of its own costs more than what is in it; one by one only where one is refused.
        """
        waiting = iter(results)
        while group := list(islice(waiting, _TRIED_TOGETHER)):
            documents = [result for result in group if not isinstance(result, Failure)]
            yield from group if self._refusal(documents) is None else map(self._held, group)

    def _held(self, result: Document | Failure) -> Document | Failure:
        if isinstance(result, Failure) or (error := self._refusal([result])) is None:
            return result
        return Failure(result.id, f"write {self.plan.job.write_as}", error)

    def _refusal(self, documents: Sequence[Document]) -> CannotHold | None:
        try:
            self.writer.write(documents, io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""), None)
        except CannotHold as error:
            return error
        return None

    def _record(self, work: files.Work, noted: str, left_out: Counter[str]) -> None:
        path = self.ledger.folder / self.file
        position = work.position
        if not position.documents:
            path.unlink()
        size, sha256 = (path.stat().st_size, checksum(path)) if position.documents else (0, "")
        shard = Shard(
            self.input,
            self.block,
            self.file if position.documents else "",
            size,
            sha256,
            position.documents,
            position.entities,
            tuple(json.loads(line) for line in noted.split("\n") if line),
            left_out,
        )
        self.ledger.record(shard)
        self.tell({"event": "shard", **vars(shard)})
