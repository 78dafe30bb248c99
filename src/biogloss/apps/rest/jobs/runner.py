"""Jobs at work: documents are read from the upload in order, annotated when there is room, and kept part by part.

    jobs = Jobs(Path("/var/lib/biogloss"), annotators, limits)
    await jobs.start()              goes on with what was not finished
    job = await jobs.add(...)

A part is annotated, and then its results and the count are kept in one transaction. Killed anywhere before that, the
part is done again from the same upload; killed after it, the next part follows. When the disk is full, the part waits.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import islice
from time import time
from typing import TYPE_CHECKING

from biogloss.apps.rest import media, problems
from biogloss.apps.rest.jobs.digests import Digests
from biogloss.apps.rest.jobs.store import CANCELLED, DONE, FAILED, FINISHED, Job, Result, Store
from biogloss.documents.jsonl import to_line
from biogloss.errors import BioglossError, Failure, InputError
from biogloss.formats import _detect
from biogloss.pipeline.run import chunks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from biogloss.apps.rest.annotators import Annotators
    from biogloss.apps.rest.settings import Limits
    from biogloss.documents import Document

AT_ONCE = 4
"""Jobs in work together."""
PART_DOCUMENTS = 16
PART_CHARACTERS = 30_000
STARTS = 3
"""A job that was begun so often and came no further brings the service down: it is given up."""
RETRY_SECONDS = 2.0
TIDY_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
BEAT_SECONDS = 15.0
_log = logging.getLogger("biogloss.rest.jobs")


class Jobs:
    """The jobs of a service.

    ``trouble`` says what keeps them from coming forward, where something does; ``digests`` is what front ends have made
    of their results.
    """

    def __init__(self, folder: Path, annotators: Annotators, limits: Limits) -> None:
        self.store = Store(folder)
        self.digests = Digests(lambda identifier: self.store.find(identifier) is not None)
        self.trouble = ""
        self._annotators = annotators
        self._limits = limits
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._arriving: dict[str, str] = {}  # ids of jobs whose uploads come, and their owners
        self._room = asyncio.Semaphore(AT_ONCE)
        self._stopping = asyncio.Event()
        self._moved = asyncio.Condition()
        self._tidier: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Go on with everything that is not finished."""
        await asyncio.to_thread(self.store.drop_strays)
        self._tidier = asyncio.create_task(self._tidy())
        for job in await asyncio.to_thread(self.store.unfinished):
            self._begin(job)

    async def stop(self) -> None:
        """Begin nothing more; what is not kept yet is done again at the next start. It can still be asked."""
        self._stopping.set()
        await self._tell()
        for task in (*self._tasks.values(), *filter(None, (self._tidier,))):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def close(self) -> None:
        """Let go of the store, when nobody asks any more."""
        self.store.close()

    @asynccontextmanager
    async def arriving(self, identifier: str, owner: str) -> AsyncIterator[int]:
        """Count a job of a key as long as its upload comes; gives how many others the key has that are not finished."""
        others = {one for one, who in self._arriving.items() if who == owner}
        self._arriving[identifier] = owner
        try:
            unfinished = await asyncio.to_thread(self.store.unfinished)
            yield len(others.union(job.id for job in unfinished if job.owner == owner))
        finally:
            del self._arriving[identifier]

    async def add(self, job: Job) -> Job:
        """Take on a job whose upload is in its file; returns it, or the same one sent before."""
        kept = await asyncio.to_thread(self.store.add, job)
        if kept.id == job.id:
            self._begin(kept)
        else:
            await asyncio.to_thread(self.store.drop_upload, job.id)
        return kept

    async def cancel(self, identifier: str) -> None:
        """Stop a job; what it has done stays."""
        if await asyncio.to_thread(self.store.finish, identifier, CANCELLED):
            await self._end(identifier)
            await asyncio.to_thread(self.store.drop_upload, identifier)
            await self._tell()

    async def remove(self, identifier: str) -> None:
        """Forget a job, whatever its state."""
        await self.cancel(identifier)
        await asyncio.to_thread(self.store.remove, identifier)
        self.digests.forget(identifier)

    async def progress(self, identifier: str) -> AsyncIterator[Job | None]:
        """The job each time it has come forward, until it is finished or the service stops; None when nothing moves."""
        seen: Job | None = None
        while (job := await asyncio.to_thread(self.store.find, identifier)) is not None:
            if job != seen:
                yield (seen := job)
            if job.status in FINISHED or self._stopping.is_set():
                return
            async with self._moved:
                try:
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._moved.wait()
                except TimeoutError:
                    yield None

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._run(job), name=f"job {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    async def _end(self, identifier: str) -> None:
        if task := self._tasks.get(identifier):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        async with self._room:
            status, error = DONE, ""
            try:
                await self._work(job)
            except BioglossError as raised:
                problems.log([raised])
                status, error = FAILED, problems.of_error(raised).detail.replace(str(self.store.upload(job.id)), "body")
            except Exception as raised:  # noqa: BLE001 - a job that fails is told of in its status
                _log.error("job %s: %s", job.id, type(raised).__name__)
                status, error = FAILED, f"unexpected {type(raised).__name__}"
            await self._patiently(self.store.finish, job.id, status, error)
            await asyncio.to_thread(self.store.drop_upload, job.id)
            await self._tell()

    async def _work(self, job: Job) -> None:
        if job.starts >= STARTS:
            raise InputError(f"begun {job.starts} times without coming further than document {job.done:,}")
        await self._patiently(self.store.begin, job.id)
        annotator = self._annotators.find(job.model)
        types = tuple(filter(None, job.types.split(",")))
        place = job.done
        remaining = _remaining(self.store.upload(job.id), job, self._limits)
        parts = chunks(remaining, PART_DOCUMENTS, PART_CHARACTERS)
        while part := await asyncio.to_thread(next, parts, None):
            results = await annotator.annotate(part, types=types, is_job=True)
            await self._patiently(
                self.store.commit, job.id, place, [_result(one, str(self.store.upload(job.id))) for one in results]
            )
            place += len(part)
            await self._tell()

    async def _patiently(self, call: Callable[..., object], *values: object) -> None:
        """Write to the store; while the disk is full, wait and try again."""
        while True:
            writing = asyncio.ensure_future(asyncio.to_thread(call, *values))
            writing.add_done_callback(lambda done: done.cancelled() or done.exception())  # also when nobody waits
            try:
                await asyncio.shield(writing)
            except sqlite3.OperationalError as error:
                self.trouble = f"jobs cannot be kept ({error})"
                _log.warning("%s; trying again", self.trouble)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self.trouble = ""
                return

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _tidy(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.store.tidy, time() - self._limits.keep_days * DAY_SECONDS)
                self.digests.clear()
            except sqlite3.Error as error:
                _log.warning("old jobs cannot be deleted: %s", error)
            await asyncio.sleep(TIDY_SECONDS)


def _remaining(path: Path, job: Job, limits: Limits) -> Iterator[Document | Failure]:
    """The documents that have no result yet.

    Raises:
        InputError: there are more than a job may have, or the upload cannot be read any further.
    """
    rest = enumerate(islice(_documents(path, job, limits), job.done, None), job.done + 1)
    for number, document in rest:
        if number > limits.job_documents:
            raise InputError(f"more than {limits.job_documents:,} documents", todo="Send the rest as another job")
        yield document


def _documents(path: Path, job: Job, limits: Limits) -> Iterator[Document | Failure]:
    if job.format == "json":
        yield from media.documents(path.read_bytes(), media.Kind("json"), whole(limits)).documents
        return
    yield from _detect.open_documents(path, format=job.format, encoding=job.encoding)


def whole(limits: Limits) -> Limits:
    """Those of a body in JSON that is a job: it is read at once, and may hold any number of documents."""
    return replace(limits, documents=limits.job_documents, characters=limits.body_bytes)


def _result(one: Document | Failure, upload: str) -> Result:
    """What is kept of a document; where the upload lies is nobody else's business."""
    if isinstance(one, Failure):
        return Result(is_failure=True, line=json.dumps(media.failed(one)).replace(json.dumps(upload)[1:-1], "body"))
    return Result(is_failure=False, line=to_line(one))
