"""Work of many requests, done together: what waits when a thread is free becomes its next batch.

    batches = Batches("annotate", gloss.many, size=lambda document: len(document.text))
    await batches.submit([document])                  [Document(...)], or Busy when the work before it takes too long

Nothing waits for company: alone, a document is a batch of its own at once, and the more requests there are, the larger
batches become. Requests take turns, a document each, so that one of a hundred documents does not hold up one of one.
Jobs have a lane of their own, which takes what requests leave: all idle time, and one batch in ``JOBS_EVERY`` at least.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biogloss.apps.rest.settings import Limits

Item = TypeVar("Item")
Result = TypeVar("Result")

JOBS_EVERY = 16
_NEW = 0.2
"""How much the latest batch counts in the estimated rate."""


class Busy(Exception):  # noqa: N818 - says what is so
    """There is too much to do already; ``seconds`` until it is worth asking again."""

    def __init__(self, waiting: int, seconds: float) -> None:
        super().__init__(f"{waiting:,} are waiting, which takes {seconds:.1f} s")
        self.waiting = waiting
        self.seconds = seconds


@dataclass(eq=False)
class _Ticket(Generic[Item, Result]):
    """What one caller wants done."""

    items: deque[tuple[int, Item, int]]  # place, what, and its size
    results: list[Result | None]
    missing: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[list[Result]]
    is_left: bool = False


@dataclass
class _Lane(Generic[Item, Result]):
    tickets: deque[_Ticket[Item, Result]] = field(default_factory=deque)
    count: int = 0
    size: int = 0


class Batches(Generic[Item, Result]):
    """Threads that compute, and what waits for them.

    Args:
        name: for threads and metrics.
        call: does a batch: as many results as items, in their order; an exception is that of all of them.
        size: of an item, in what its time is proportional to.
        limits: of what may wait, and of a batch.
        workers: threads.
        seen: called after each batch with its number of items and its seconds.
    """

    def __init__(
        self,
        name: str,
        call: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        size: Callable[[Item], int],
        limits: Limits,
        workers: int = 1,
        seen: Callable[[str, int, float], None] | None = None,
    ) -> None:
        self.name = name
        self._call = call
        self._size = size
        self._limits = limits
        self._seen = seen
        self._lock = threading.Condition()
        self._now: _Lane[Item, Result] = _Lane()
        self._later: _Lane[Item, Result] = _Lane()
        self._turn = 0
        self._working = 0
        self._rate = 0.0  # size a second of one thread
        self._is_stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"biogloss-{name}-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def done(self) -> int:
        """How many batches there were so far."""
        return self._turn

    @property
    def waiting(self) -> int:
        """How many items of requests wait."""
        return self._now.count

    @property
    def is_alive(self) -> bool:
        """Whether all its threads run."""
        return all(thread.is_alive() for thread in self._threads)

    @property
    def seconds(self) -> float:
        """How long what waits will take, as far as is known."""
        rate = self._rate * len(self._threads)
        return (self._now.size + self._working / 2) / rate if rate else 0.0

    def admit(self, count: int = 1) -> None:
        """Check that so many more may wait; who finds nothing waiting is always let in.

        Raises:
            Busy: they may not.
        """
        waiting, seconds = self.waiting, self.seconds
        if not waiting:
            return
        if seconds > self._limits.waiting_seconds or waiting + count > self._limits.waiting_documents:
            raise Busy(waiting, seconds)

    async def submit(self, items: Sequence[Item], *, is_job: bool = False) -> list[Result]:
        """The result of each item, in order. Cancelled, what is not begun is not done.

        Raises:
            Busy: too much is waiting; never for a job, which is only as fast as there is room.
            Exception: whatever ``call`` raised.
        """
        if not items:
            return []
        if not is_job:
            self.admit(len(items))
        loop = asyncio.get_running_loop()
        sized = deque((place, item, self._size(item) + 1) for place, item in enumerate(items))
        ticket: _Ticket[Item, Result] = _Ticket(sized, [None] * len(items), len(items), loop, loop.create_future())
        lane = self._later if is_job else self._now
        with self._lock:
            lane.tickets.append(ticket)
            lane.count += len(sized)
            lane.size += sum(size for _, _, size in sized)
            self._lock.notify()
        try:
            return await ticket.future
        finally:
            if ticket.missing:
                self._leave(lane, ticket)

    def stop(self) -> None:
        """Wait until the threads have ended, which they do when nothing waits any more."""
        with self._lock:
            self._is_stopping = True
            self._lock.notify_all()
        for thread in self._threads:
            thread.join()

    def _leave(self, lane: _Lane[Item, Result], ticket: _Ticket[Item, Result]) -> None:
        with self._lock:
            ticket.is_left = True
            lane.count -= len(ticket.items)
            lane.size -= sum(size for _, _, size in ticket.items)
            ticket.items.clear()

    def _work(self) -> None:
        while (batch := self._next()) is not None:
            started = monotonic()
            try:
                results: Sequence[Result] = self._call([item for _, _, item in batch])
                error: BaseException | None = None
            except Exception as raised:  # noqa: BLE001 - it belongs to those who wait for it
                results, error = (), raised
            took = monotonic() - started
            self._measure(sum(self._size(item) + 1 for _, _, item in batch), took)
            if self._seen:
                self._seen(self.name, len(batch), took)
            self._answer(batch, results, error)

    def _measure(self, size: int, seconds: float) -> None:
        rate = size / max(seconds, 1e-6)
        with self._lock:
            self._working -= size
            self._rate = rate if not self._rate else (1 - _NEW) * self._rate + _NEW * rate

    def _answer(
        self,
        batch: list[tuple[_Ticket[Item, Result], int, Item]],
        results: Sequence[Result],
        error: BaseException | None,
    ) -> None:
        done: dict[asyncio.AbstractEventLoop, list[_Ticket[Item, Result]]] = {}
        with self._lock:
            for number, (ticket, place, _) in enumerate(batch):
                if error is None:
                    ticket.results[place] = results[number]
                ticket.missing -= 1
                if (error is not None or not ticket.missing) and not ticket.is_left:
                    done.setdefault(ticket.loop, []).append(ticket)
        for loop, tickets in done.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_finish, tickets, error)

    def _next(self) -> list[tuple[_Ticket[Item, Result], int, Item]] | None:
        """What a free thread does next; None when it may end."""
        with self._lock:
            while not (self._now.count or self._later.count):
                if self._is_stopping:
                    return None
                self._lock.wait()
            self._turn += 1
            is_turn = self._turn % JOBS_EVERY == 0 and bool(self._later.count)
            lane = self._later if is_turn or not self._now.count else self._now
            return self._take(lane)

    def _take(self, lane: _Lane[Item, Result]) -> list[tuple[_Ticket[Item, Result], int, Item]]:
        """A batch: of the tickets in turn an item each, while they fit."""
        batch: list[tuple[_Ticket[Item, Result], int, Item]] = []
        room = self._limits.batch_characters
        while lane.tickets and len(batch) < self._limits.batch_documents:
            ticket = lane.tickets[0]
            if not ticket.items:
                lane.tickets.popleft()
                continue
            if batch and ticket.items[0][2] > room:
                break
            place, item, size = ticket.items.popleft()
            batch.append((ticket, place, item))
            lane.count -= 1
            lane.size -= size
            self._working += size
            room -= size
            lane.tickets.rotate(-1)
        if lane.count:
            self._lock.notify()
        return batch


def _finish(tickets: Sequence[_Ticket[Item, Result]], error: BaseException | None) -> None:
    """In the loop of who waits."""
    for ticket in tickets:
        if ticket.future.done():
            continue
        if error is not None:
            ticket.future.set_exception(error)
        else:
            ticket.future.set_result(cast("list[Result]", ticket.results))
