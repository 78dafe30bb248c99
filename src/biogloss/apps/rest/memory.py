"""Memory that a crowd needed goes back to the system when the crowd has gone.

The C library keeps what is freed in small pieces, for who asks next: after hundreds of connections at once that is
much, for as long as the process runs.
"""

from __future__ import annotations

import asyncio
import ctypes
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE_SECONDS = 10.0


def give_back() -> bool:
    """Give back what is free; whether anything was. Only glibc knows how to, with others nothing is."""
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim and trim(0))


async def give_back_when_idle(done: Callable[[], int], seconds: float = IDLE_SECONDS) -> None:
    """Look from time to time, for ever, and give memory back once after each time of work.

    Args:
        done: how much has been done so far; it is idle when that stays the same from one look to the next.
        seconds: between two looks.
    """
    before = given = done()
    while True:
        await asyncio.sleep(seconds)
        now = done()
        if now == before != given:
            await asyncio.to_thread(give_back)
            given = now
        before = now
