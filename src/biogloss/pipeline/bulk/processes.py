"""The local engine: processes of this machine, each with a model of its own; one that dies is replaced.

    for event in events(plan, units, workers=2): ...

A task whose process died goes to another, which makes only what is not finished. Where two processes died over the
same block, the next one takes its documents one by one and says which; a document over which four more died is noted
as a failure and left out. So many, because a process may be killed from outside, for memory perhaps, and more than
once; that costs the shard it was at and no more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict, deque
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from biogloss import errors
from biogloss.errors import BioglossError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.pipeline.bulk.plan import Plan, Unit

COMMAND = (sys.executable, "-P", "-m", "biogloss.pipeline.bulk.worker")
"""How a process is started; ``-P``: modules that lie in the current folder are not ours."""
DEATHS = 2
"""So many deaths over one block before its documents are taken one by one, and at the start before the run stops."""
DOCUMENT_DEATHS = 4
"""So many deaths over one document, taken alone, before it is left out."""
READING_DEATHS = 5
"""So many deaths between documents of an input, with nothing finished of it, before the run stops."""
Event = dict[str, Any]


class _Worker:
    """A process, its task, and where it is in it."""

    def __init__(self, plan: Plan, inbox: SimpleQueue[tuple[_Worker, Event | None]]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own module # nosec B603
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.unit: Unit | None = None
        self.block: int | None = None
        self.index: int | None = None
        self.is_ready = False
        self._inbox = inbox
        Thread(target=self._listen, daemon=True).start()
        self._say(plan.to_json())

    def begin(self, unit: Unit, blocks: Sequence[int], fatal: Sequence[tuple[int, int]]) -> None:
        """Give it a task."""
        self.unit, self.block, self.index = unit, None, None
        self._say(json.dumps({"unit": unit, "blocks": blocks, "fatal": fatal}))

    def end(self) -> None:
        """Kill it, whatever it is at: what it has finished is on the disk."""
        self.process.kill()
        self.process.wait()

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:  # it is dead; its silence says so
            self.process.kill()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self._inbox.put((self, json.loads(line)))
        self._inbox.put((self, None))


class _Crew:
    """The processes at work, and what they have died over."""

    def __init__(self, plan: Plan, units: Sequence[Unit]) -> None:
        self.plan = plan
        self.waiting = deque(units)
        self.inbox: SimpleQueue[tuple[_Worker, Event | None]] = SimpleQueue()
        self.workers: set[_Worker] = set()
        self.stillborn = 0
        self.deaths: Counter[tuple[int, int]] = Counter()
        self.careful: defaultdict[int, set[int]] = defaultdict(set)
        self.fatal: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        self.places: Counter[tuple[int, int, int]] = Counter()
        self.reading: Counter[int] = Counter()

    def hire(self) -> None:
        """One process more."""
        self.workers.add(_Worker(self.plan, self.inbox))

    def dismiss(self) -> None:
        """End all processes."""
        for worker in self.workers:
            worker.end()

    def busy(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.waiting) or any(worker.unit for worker in self.workers)

    def next_task(self, worker: _Worker) -> None:
        """The next task for a process that has none; nothing where all are given out."""
        worker.unit = None
        if self.waiting:
            unit = self.waiting.popleft()
            worker.begin(unit, sorted(self.careful[unit.input]), sorted(self.fatal[unit.input]))

    def seen(self, worker: _Worker, event: Event) -> None:
        """Keep in mind where a process is."""
        if event["event"] == "block":
            worker.block, worker.index = event["block"], None
        elif event["event"] == "document":
            worker.index = event["index"]
        elif event["event"] == "shard":
            worker.block, self.reading[event["input"]], self.stillborn = None, 0, 0
        elif event["event"] in {"ready", "idle"}:
            worker.is_ready, self.stillborn = True, 0
            self.next_task(worker)

    def buried(self, worker: _Worker) -> None:
        """A process has died: another takes its place and its task.

        Raises:
            ModelError: processes die before they are ready, again and again.
            BioglossError: reading an input kills, whoever does it.
        """
        worker.process.wait()
        self.workers.discard(worker)
        self._blame(worker)
        if worker.unit is not None:
            self.waiting.appendleft(worker.unit)
        if self.busy():
            self.hire()

    def _blame(self, worker: _Worker) -> None:
        if not worker.is_ready:
            self._not_ready(worker)
        elif worker.unit is not None:
            self._died_over(worker.unit.input, worker.block, worker.index)

    def _not_ready(self, worker: _Worker) -> None:
        self.stillborn += 1
        if self.stillborn > DEATHS:
            code = worker.process.returncode
            msg = f"processes end with code {code} while they load the model; is there memory for --workers of them?"
            raise ModelError(msg)

    def _died_over(self, number: int, block: int | None, index: int | None) -> None:
        if block is None or (block in self.careful[number] and index is None):
            self.reading[number] += 1
        if self.reading[number] >= READING_DEATHS:
            path = self.plan.job.inputs[number]
            msg = f"{path}: reading it ends the process, again and again; leave it out, or convert it first"
            raise BioglossError(msg)
        if block is None:
            return
        self.deaths[number, block] += 1
        if self.deaths[number, block] >= DEATHS:
            self.careful[number].add(block)
        if index is not None:
            self.places[number, block, index] += 1
            if self.places[number, block, index] >= DOCUMENT_DEATHS:
                self.fatal[number].add((block, index))


def events(plan: Plan, units: Sequence[Unit], workers: int) -> Iterator[Event]:
    """Carry out the tasks; what the processes tell, as they tell it.

    Raises:
        BioglossError: what a process could not do: write, load the model.
    """
    crew = _Crew(plan, units)
    try:
        for _ in range(min(workers, len(units))):
            crew.hire()
        while crew.busy():
            worker, event = crew.inbox.get()
            if event is None:
                crew.buried(worker)
            elif event["event"] == "error":
                raise error_of(event)
            else:
                crew.seen(worker, event)
                yield event
    finally:
        crew.dismiss()


def error_of(event: Event) -> BioglossError:
    """The error that another process told of."""
    kind = getattr(errors, event["kind"], BioglossError)
    error: BioglossError = kind.__new__(kind)
    error.args = (event["words"],)
    return error
