"""The loop: take what is open, annotate it, write results and tick entries off in one transaction.

At most one batch is in memory. Where ``room`` results wait to be fetched, nothing more is taken until someone does.
Entries that another consumer left open come one by one, so that an entry that kills is alone when it does; after
``DELIVERIES`` it goes to the dead letters unread. A server that is away or full is waited for.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from biogloss.documents.jsonl import to_line
from biogloss.errors import BioglossError, ConfigError, Failure, MissingExtra
from biogloss.pipeline.run import run
from biogloss.pipeline.streams import entries
from biogloss.pipeline.streams.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from biogloss.documents import Document
    from biogloss.pipeline.run import Step
    from biogloss.pipeline.streams.address import Stream

BATCH = 32
"""So many entries are taken at once for each thread."""
DELIVERIES = 3
BLOCK_SECONDS = 0.5
PATIENCE_SECONDS = 300.0
_LONGEST_PAUSE = 5.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """How it goes: what this consumer annotated and gave up; entries of the group not yet taken, and open."""

    documents: int = 0
    entities: int = 0
    dead: int = 0
    lag: int = 0
    open: int = 0


def follow(
    stream: Stream,
    steps: Sequence[Step],
    *,
    workers: int = 1,
    goes_on: Callable[[], bool] = lambda: True,
    seen: Callable[[Status], None] | None = None,
) -> Status:
    """Annotate what arrives until ``goes_on`` says no; what is at work is finished first.

    Args:
        stream: where.
        steps: what is done with each document.
        workers: threads.
        goes_on: asked between batches, at least each second.
        seen: told after each batch.

    Raises:
        MissingExtra: redis-py is not installed.
        ConfigError: a key is there already and is of another kind, or the server refuses the password.
        BioglossError: the server stayed away, or full, for ``PATIENCE_SECONDS``.
    """
    try:
        import redis  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra("redis", "stream", "--stream") from error
    consumer = _Consumer(stream, steps, workers, redis)
    while goes_on():
        if consumer.persistently(consumer.step, goes_on) and seen:
            seen(consumer.status)
    return consumer.status


class _Consumer:
    """A member of the consumer group."""

    def __init__(self, stream: Stream, steps: Sequence[Step], workers: int, redis: ModuleType) -> None:
        self.stream = stream
        self.steps = steps
        self.workers = workers
        self.redis = redis
        self.status = Status()
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.client: Any = redis.Redis.from_url(stream.server, password=stream.password or None, socket_timeout=30)
        self._looked = float("-inf")
        self._is_member = False

    def persistently(self, act: Callable[[], bool], goes_on: Callable[[], bool]) -> bool:
        """Do it, again and again while the server is away; False where it was given up because nobody wants it."""
        pause, away_since = 0.1, float("inf")
        errors = self.redis.exceptions
        while True:
            try:
                return act()
            except (errors.AuthenticationError, errors.AuthorizationError) as error:
                raise ConfigError("the server of the stream refuses the name or password in its address") from error
            except (errors.ConnectionError, errors.TimeoutError, errors.OutOfMemoryError) as error:  # or still loading
                away_since = min(away_since, time.monotonic())  # annotating may have taken long before
                if time.monotonic() - away_since > PATIENCE_SECONDS:
                    msg = f"the server of the stream stayed away, or full, for {PATIENCE_SECONDS:.0f} seconds"
                    raise BioglossError(msg) from error
            except errors.ResponseError as error:
                self._refused(error)
            if not goes_on():
                return False
            if pause >= 1:
                _LOG.warning("the server of the stream is away or full; waiting for it")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _refused(self, error: Exception) -> None:
        """What the server says against a command: the group may be gone with a server that forgot; the rest is told."""
        if str(error).startswith("NOGROUP"):
            self._is_member = False
            return
        what = " ".join(str(error).split())[:200]
        raise ConfigError(f"the server of the stream refuses ({what}); is one of the keys in use for another thing?")

    def _join(self) -> None:
        """Make the group, and the stream, where they are not there."""
        try:
            self.client.xgroup_create(self.stream.source, self.stream.group, id="0", mkstream=True)
        except self.redis.exceptions.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
        self._is_member = True

    def step(self) -> bool:
        """Take and annotate some entries; False where there was nothing, or no room for results."""
        if not self._is_member:
            self._join()
        if self.client.hlen(self.stream.target) >= self.stream.room:
            time.sleep(BLOCK_SECONDS)
            return False
        taken = self._left_behind() or self._new()
        if not taken:
            return False
        for entry, result in self._annotated(taken):
            self._settle(entry, result)
        self._measure()
        return True

    def _new(self) -> list[Entry]:
        """The next entries that nobody has taken; waits a moment for them."""
        found = self.client.xreadgroup(
            self.stream.group,
            self.name,
            {self.stream.source: ">"},
            count=BATCH * self.workers,
            block=int(BLOCK_SECONDS * 1000),
        )
        pairs = found.items() if isinstance(found, dict) else found or ()
        return [Entry(*one) for _, batch in pairs for one in _flat(batch)]

    def _left_behind(self) -> list[Entry]:
        """One entry that a consumer took and left open too long; asked for again at once only where there was one."""
        if time.monotonic() - self._looked < min(self.stream.idle, BLOCK_SECONDS):
            return []
        idle = int(self.stream.idle * 1000)
        found = self.client.xautoclaim(self.stream.source, self.stream.group, self.name, idle, count=1)[1]
        self._looked = float("-inf") if found else time.monotonic()
        return [Entry(number, fields, self._deliveries(number)) for number, fields in found if fields]

    def _annotated(self, taken: Sequence[Entry]) -> Iterator[tuple[Entry, Document | Failure]]:
        results = run((_readable(entry) for entry in taken), self.steps, workers=self.workers, most=BATCH)
        return zip(taken, results, strict=True)

    def _deliveries(self, number: bytes) -> int:
        found = self.client.xpending_range(self.stream.source, self.stream.group, number, number, 1)
        return int(found[0]["times_delivered"]) if found else 1

    def _settle(self, entry: Entry, result: Document | Failure) -> None:
        """Write what became of an entry and tick it off, both or neither."""
        if not isinstance(result, Failure):
            try:
                line = to_line(result)
            except ValueError as error:
                result = Failure(result.id, "write the result", error)
        with self.client.pipeline(transaction=True) as transaction:
            if isinstance(result, Failure):
                transaction.xadd(self.stream.dead, _dead(entry, result))
            else:
                transaction.hset(self.stream.target, result.id, line)
            transaction.xack(self.stream.source, self.stream.group, entry.id)
            transaction.execute()
        self._count(result)

    def _count(self, result: Document | Failure) -> None:
        now = self.status
        if isinstance(result, Failure):
            self.status = replace(now, dead=now.dead + 1)
        else:
            self.status = replace(now, documents=now.documents + 1, entities=now.entities + len(result.entities))

    def _measure(self) -> None:
        """How much waits; kept beside the stream too, under the consumer's name, for whoever watches it."""
        for group in self.client.xinfo_groups(self.stream.source):
            if group["name"] == self.stream.group.encode():
                self.status = replace(self.status, lag=int(group.get("lag") or 0), open=int(group["pending"]))
        shown = {"at": round(time.time(), 3), **vars(self.status)}
        self.client.hset(f"{self.stream.source}:status", self.name, json.dumps(shown))


def _readable(entry: Entry) -> Document | Failure:
    """The document, but for an entry that was taken too often: it killed those who took it."""
    if entry.deliveries > DELIVERIES:
        error = BioglossError(f"taken {entry.deliveries} times and never finished; it may end the process")
        return Failure(entry.name, entries.STEP, error)
    return entries.document(entry)


def _flat(batch: Any) -> list[Any]:  # noqa: ANN401 - lists of pairs, in one more list by the third protocol
    return list(batch[0]) if batch and isinstance(batch[0], list) else list(batch)


def _dead(entry: Entry, failure: Failure) -> dict[bytes, bytes]:
    """The entry with the reason; its own fields are as they were, to be put back once the cause is gone."""
    reason = {b"entry": entry.id, b"step": failure.step.encode(), b"error": str(failure.error).encode()[:2000]}
    return {**entry.fields, **{b"biogloss:" + name: value for name, value in reason.items()}}
