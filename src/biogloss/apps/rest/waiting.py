"""Waiting for an answer: not longer than is allowed, and not for one who has left.

results = await answered(request, annotator.annotate(documents), limits)
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import ClientDisconnect

from biogloss.apps.rest.batches import Busy
from biogloss.apps.rest.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.requests import Request

    from biogloss.apps.rest.settings import Limits

Answer = TypeVar("Answer")
LONGEST_WAIT = 60


def busy(error: Busy) -> Problem:
    """Too much to do, as a problem that says when to ask again."""
    wait = min(LONGEST_WAIT, max(1, math.ceil(error.seconds)))
    what = f"too much is asked at once: {error}; ask again in {wait} s"
    return Problem(429, "busy", what, headers={"Retry-After": str(wait)})


async def answered(request: Request, work: Coroutine[Any, Any, Answer], limits: Limits) -> Answer:
    """What the work comes to; it is given up when who asked leaves. The body must have been read.

    Raises:
        Problem: 429 where too much waits, 503 where it takes too long.
        ClientDisconnect: who asked has left.
    """
    working = asyncio.ensure_future(in_time(work, limits))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        working.cancel()
        leaving.cancel()


async def in_time(work: Coroutine[Any, Any, Answer], limits: Limits) -> Answer:
    """What the work comes to, for one who waits as long as is allowed.

    Raises:
        Problem: 429 where too much waits, 503 where it takes too long.
    """
    try:
        async with asyncio.timeout(limits.request_seconds):
            return await work
    except TimeoutError:
        what = f"no answer within {limits.request_seconds:.0f} s; ask for less at a time, or send a job to /v1/jobs"
        raise Problem(503, "slow", what, headers={"Retry-After": "10"}) from None
    except Busy as error:
        raise busy(error) from None


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
