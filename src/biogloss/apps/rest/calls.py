"""Work that shares nothing with other work, behind a queue all the same: it says no in time, and forgets who left.

    calls = Calls("graph", limits, meters, workers=2)
    await calls.of(lambda: graph.find("metformin", 10))

A thread does one call after another, so that each is answered as soon as it is done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from biogloss.apps.rest.batches import Batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from biogloss.apps.rest.meters import Meters
    from biogloss.apps.rest.settings import Limits

Answer = TypeVar("Answer")


class _Call(NamedTuple):
    """What is to be called, and how much work that is."""

    call: Callable[[], Any]
    size: int


class Calls:
    """Threads that call.

    Args:
        name: for threads and metrics.
        limits: of what may wait.
        meters: are told of each call.
        workers: threads.
    """

    def __init__(self, name: str, limits: Limits, meters: Meters, workers: int = 1) -> None:
        self.batches: Batches[_Call, Any] = Batches(
            name,
            lambda calls: [one.call() for one in calls],
            size=lambda one: one.size,
            limits=replace(limits, batch_documents=1),
            workers=workers,
            seen=meters.batch,
        )

    async def of(self, call: Callable[[], Answer], size: int = 1) -> Answer:
        """What a call gives.

        Args:
            call: called in a thread.
            size: in what its time is proportional to, the same for all calls of a queue.

        Raises:
            Busy: too much waits already.
            Exception: whatever the call raised.
        """
        (answer,) = await self.batches.submit([_Call(call, size)])
        found: Answer = answer
        return found
