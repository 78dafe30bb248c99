"""The process that an MCP client starts: messages in by standard input, a line each, and out by standard output.

Standard output carries the protocol alone; whatever else is said goes to standard error.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, BinaryIO, cast

import anyio
from mcp.server.stdio import stdio_server

from biogloss.apps.mcp import logs, server
from biogloss.apps.rest import service
from biogloss.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from biogloss.apps.rest.settings import Settings


class Lines:
    """Lines of a stream as they come, none longer than a limit in bytes; at one that is, the stream ends."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._most = most
        self.is_too_long = False

    async def __aiter__(self) -> AsyncIterator[str]:
        """Each line."""
        while line := await anyio.to_thread.run_sync(self._stream.readline, self._most + 1, abandon_on_cancel=True):
            if len(line) > self._most:
                self.is_too_long = True
                return
            yield line.decode("utf-8", "replace")


def serve(settings: Settings) -> None:
    """Load a service and answer calls to its tools until standard input ends.

    Raises:
        BioglossError: something cannot be loaded.
        InputError: a message is too long.
    """
    logs.without_words()
    with redirect_stdout(sys.stderr):
        own = service.load(settings)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is kept that could be lost
    try:
        asyncio.run(_serve(own))
    finally:
        own.close()


async def _serve(own: service.Service) -> None:
    await own.start()
    lines = Lines(sys.stdin.buffer, own.settings.limits.body_bytes)
    tools = server.create(own)
    async with stdio_server(stdin=cast("anyio.AsyncFile[str]", lines)) as (read, write):
        await tools.run(read, write, tools.create_initialization_options())
    await own.stop()
    if lines.is_too_long:
        limit = own.settings.limits.body_bytes
        raise InputError(
            f"a message of more than {limit:,} bytes", file="standard input", todo="Ask for less at a time"
        )
