"""``/v1/jobs``: documents for which a request is too short: sent once, done in the background, fetched later.

curl -H 'Content-Type: application/jsonl' --data-binary @notes.jsonl http://127.0.0.1:8000/v1/jobs
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import tempfile
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TextIO

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse

from biogloss.apps.rest import media
from biogloss.apps.rest.access import needs, owner, service_of
from biogloss.apps.rest.batches import Busy
from biogloss.apps.rest.jobs import store as jobs
from biogloss.apps.rest.jobs.runner import whole
from biogloss.apps.rest.problems import RESPONSES, Problem
from biogloss.apps.rest.routes.annotate import Model, Types, body, listed
from biogloss.apps.rest.waiting import busy
from biogloss.documents.jsonl import from_line
from biogloss.errors import BioglossError
from biogloss.formats import _detect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path as File

    from biogloss.apps.rest.jobs import Jobs
    from biogloss.apps.rest.settings import Limits

router = APIRouter(prefix="/v1/jobs", dependencies=[needs("jobs")], responses=RESPONSES)
LINES = "application/jsonl"
IN_MEMORY_BYTES = 4_000_000
BLOCK_CHARACTERS = 64_000

Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="As the answer to the upload gave it.")]
Repeat = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern="^[A-Za-z0-9._-]{0,64}$",
        description="Your name for the job: sent twice, as after a broken connection, it is one job.",
    ),
]


class Shown(BaseModel):
    """A job. ``done`` counts the documents that have a result, ``failed`` those of them that are failures."""

    id: str
    status: str
    created: str
    changed: str
    model: str
    done: int
    failed: int
    error: str


class ShownAll(BaseModel):
    """The jobs of a key, the newest first."""

    jobs: list[Shown]


_EVENT = {
    "type": "object",
    "description": "An event; its data is the job, in JSON.",
    "required": ["event", "id", "data"],
    "properties": {
        "event": {"const": "progress"},
        "id": {"type": "string", "description": "How many documents are done."},
        "data": {"type": "string", "contentMediaType": media.JSON},
    },
}


@router.post(
    "",
    status_code=202,
    openapi_extra={"requestBody": body()},
    responses={
        202: {
            "headers": {"Location": {"schema": {"type": "string"}}},
            "links": {
                name: {"operationId": f"{name}_job", "parameters": {"identifier": "$response.body#/id"}}
                for name in ("show", "result", "failures", "events", "cancel", "remove")
            },
        }
    },
)
async def add(
    request: Request,
    response: Response,
    model: Model = "",
    types: Types = "",
    repeat: Repeat = "",
) -> Shown:
    """Send documents to be annotated in the background; the answer says where to look for them."""
    service, desk, who = service_of(request), desk_of(request), owner(request)
    annotator = service.annotators.find(model)
    annotator.check(listed(types))
    kind = media.kind_of(request.headers.get("content-type", ""))
    identifier = secrets.token_hex(16)
    async with desk.arriving(identifier, who) as others:
        _check_room(others, service.settings.limits.jobs)
        digest = await _received(request, desk.store.upload(identifier), kind, service.settings.limits)
        job = jobs.Job(
            id=identifier,
            owner=who,
            repeat=repeat or None,
            created=time(),
            changed=time(),
            status=jobs.QUEUED,
            model=annotator.name,
            types=",".join(listed(types)),
            format=kind.format,
            encoding=kind.encoding,
            digest=digest,
        )
        kept = await desk.add(job)
    if any(getattr(kept, name) != getattr(job, name) for name in jobs.ASKED):
        raise Problem(409, "another-job", f"job {kept.id} was sent under this Idempotency-Key as something else")
    response.headers["Location"] = f"/v1/jobs/{kept.id}"
    return _shown(kept)


@router.get("")
async def list_jobs(request: Request) -> ShownAll:
    """List the jobs that this key sent."""
    found = await asyncio.to_thread(desk_of(request).store.of, owner(request))
    return ShownAll(jobs=[_shown(job) for job in found])


@router.get("/{identifier}", operation_id="show_job")
async def show(request: Request, identifier: Id) -> Shown:
    """Say how far a job is."""
    return _shown(await found(request, identifier))


@router.post("/{identifier}/cancel", operation_id="cancel_job")
async def cancel(request: Request, identifier: Id) -> Shown:
    """Stop a job; the results that it has stay."""
    await found(request, identifier)
    await desk_of(request).cancel(identifier)
    return _shown(await found(request, identifier))


@router.delete("/{identifier}", operation_id="remove_job", status_code=204)
async def remove(request: Request, identifier: Id) -> None:
    """Forget a job, with its documents and results; one in work is stopped first."""
    await found(request, identifier)
    await desk_of(request).remove(identifier)


@router.get(
    "/{identifier}/result",
    operation_id="result_job",
    response_class=Response,
    responses={
        200: {
            "description": "The documents in their order, those that failed left out.",
            "content": {name: {"schema": {"type": "string"}} for name in media.written() if name != media.JSON},
        }
    },
)
async def result(request: Request, identifier: Id) -> Response:
    """Fetch the annotated documents of a finished job, in JSON lines or the format that Accept names."""
    job = await found(request, identifier)
    accept = request.headers.get("accept", "")
    wanted, name = (LINES, "jsonl") if not accept or "*/*" in accept else media.wanted(accept)
    if name == "json":
        wanted, name = LINES, "jsonl"
    if job.status not in jobs.FINISHED:
        raise Problem(409, "not-finished", f"the job is {job.status}, {job.done:,} documents are done; ask again later")
    lines = desk_of(request).store.results(identifier, failures=False)
    if name == "jsonl":
        return StreamingResponse(iterate_in_threadpool(line + "\n" for line in lines), media_type=wanted)
    try:
        file = await service_of(request).writing.of(lambda: _written(lines, name), job.done)
    except Busy as error:
        raise busy(error) from None
    return StreamingResponse(iterate_in_threadpool(_blocks(file)), media_type=wanted)


@router.get(
    "/{identifier}/failures",
    operation_id="failures_job",
    response_class=Response,
    responses={
        200: {"description": "One object a line: id, step, error.", "content": {LINES: {"schema": {"type": "string"}}}}
    },
)
async def failures(request: Request, identifier: Id) -> Response:
    """List the documents of a job that failed, and why."""
    await found(request, identifier)
    lines = desk_of(request).store.results(identifier, failures=True)
    return StreamingResponse(iterate_in_threadpool(line + "\n" for line in lines), media_type=LINES)


@router.get(
    "/{identifier}/events",
    operation_id="events_job",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events: `progress`, with the job, until it is finished.",
            "content": {"text/event-stream": {"schema": _EVENT}},
        }
    },
)
async def events(request: Request, identifier: Id) -> Response:
    """Follow a job."""
    await found(request, identifier)
    return StreamingResponse(_events(desk_of(request), identifier), media_type="text/event-stream")


async def _events(desk: Jobs, identifier: str) -> AsyncIterator[str]:
    async for job in desk.progress(identifier):
        if job is None:
            yield ": still there\n\n"
        else:
            yield f"event: progress\nid: {job.done}\ndata: {_shown(job).model_dump_json()}\n\n"


def desk_of(request: Request) -> Jobs:
    """The jobs of a service.

    Raises:
        Problem: 404, it keeps none.
    """
    desk = service_of(request).jobs
    if desk is None:
        raise Problem(404, "not-loaded", "this service keeps no jobs; start it with --state FOLDER")
    return desk


def _check_room(others: int, most: int) -> None:
    """Whether a key that has so many unfinished jobs may send another one."""
    if others >= most:
        what = f"{most} jobs are not finished yet; wait for one, or cancel one"
        raise Problem(429, "too-many-jobs", what, headers={"Retry-After": "30"})


async def found(request: Request, identifier: str) -> jobs.Job:
    """The job, where who asks is who sent it.

    Raises:
        Problem: 404, there is none.
    """
    job = await asyncio.to_thread(desk_of(request).store.find, identifier)
    if job is None or job.owner != owner(request):
        raise Problem(404, "not-found", "no such job; it was removed, or another key sent it")
    return job


def _shown(job: jobs.Job) -> Shown:
    created, changed = (datetime.fromtimestamp(when, UTC) for when in (job.created, job.changed))
    return Shown(
        id=job.id,
        status=job.status,
        created=created.isoformat(timespec="seconds"),
        changed=changed.isoformat(timespec="seconds"),
        model=job.model,
        done=job.done,
        failed=job.failed,
        error=job.error,
    )


async def _received(request: Request, path: File, kind: media.Kind, limits: Limits) -> str:
    """Write the body to its file, as it comes, to be there whatever happens next; returns its SHA-256.

    Raises:
        Problem: 413 beyond the limit, 422 where no document can be read from it, 507 where the disk is full.
    """
    is_kept = False
    try:
        digest = await _written_to(path, request, limits.body_bytes if kind.format == "json" else limits.upload_bytes)
        await asyncio.to_thread(_check, path, kind, limits)
        is_kept = True
    except OSError as error:
        what = f"the documents cannot be kept ({error.strerror}); nothing of them is"
        raise Problem(507, "no-space", what, headers={"Retry-After": "60"}) from error
    finally:
        if not is_kept:
            await asyncio.to_thread(path.unlink, missing_ok=True)
    return digest


async def _written_to(path: File, request: Request, most: int) -> str:
    digest, size = hashlib.sha256(), 0
    file = await asyncio.to_thread(path.open, "xb")
    try:
        async for block in request.stream():
            size += len(block)
            if size > most:
                raise Problem(413, "too-large", f"more than {most:,} bytes; send them as several jobs")
            digest.update(block)
            await asyncio.to_thread(file.write, block)
        await asyncio.to_thread(_flushed, file)
    finally:
        await asyncio.to_thread(file.close)
    return digest.hexdigest()


def _flushed(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _check(path: File, kind: media.Kind, limits: Limits) -> None:
    """Refuse what no document can be read from, as long as its sender listens."""
    if not path.stat().st_size:
        raise Problem(422, "empty", "there are no documents in the body")
    if kind.format == "json":
        media.documents(path.read_bytes(), kind, whole(limits))
        return
    try:
        media.check_format(path, kind)
        next(iter(_detect.open_documents(path, format=kind.format, encoding=kind.encoding)), None)
    except BioglossError as error:
        raise Problem(422, "unreadable", str(error).replace(str(path), "body")) from None


def _written(lines: Iterator[str], name: str) -> Any:  # noqa: ANN401 - a file of tempfile's
    """The documents in a format, in a file that is gone when it is closed."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, "w+", encoding="utf-8", newline="")  # noqa: SIM115
    _detect.writer(name)(map(from_line, lines), _text(file))
    file.seek(0)
    return file


def _text(file: Any) -> TextIO:  # noqa: ANN401
    found: TextIO = file
    return found


def _blocks(file: Any) -> Iterator[str]:  # noqa: ANN401
    with file:
        while block := file.read(BLOCK_CHARACTERS):
            yield block
