"""A real client of the ``mcp`` package, which tests may call without being asynchronous themselves."""

import os
import sys
from contextlib import contextmanager

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

SECONDS = 240
PASSED_ON = ("BIOGLOSS_CACHE", "BIOGLOSS_DATA", "OMP_NUM_THREADS", "PYTHONPATH", "COVERAGE_PROCESS_START")


class Called:
    """A connected client."""

    def __init__(self, portal, client):
        self._portal = portal
        self._client = client

    def tools(self):
        return {tool.name: tool for tool in self._portal.call(self._client.list_tools).tools}

    def raw(self, name, arguments=None):
        return self._portal.call(self._client.call_tool, name, arguments)

    def answer(self, name, **arguments):
        """What a tool answers."""
        result = self.raw(name, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def refusal(self, name, **arguments):
        """What a tool says of what is wrong."""
        result = self.raw(name, arguments)
        assert result.is_error
        assert result.structured_content is None
        return result.content[0].text


@contextmanager
def _connected(server, mode):
    with start_blocking_portal() as portal:
        client = Client(server, mode=mode, read_timeout_seconds=SECONDS)
        with portal.wrap_async_context_manager(client) as connected:
            yield Called(portal, connected)


@contextmanager
def over_pipes(*arguments, mode="auto", errors=None):
    """A client of a process that it starts; ``errors`` is a file for what that says on standard error."""
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "biogloss", "serve", "--mcp", *map(str, arguments)],
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
    )
    with _connected(stdio_client(started, errlog=errors or sys.stderr), mode) as called:
        yield called


@contextmanager
def over_http(url, key="", mode="auto"):
    """A client of a server that runs."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    client = httpx2.AsyncClient(headers=headers, timeout=SECONDS, trust_env=False)
    with _connected(streamable_http_client(f"{url}/mcp", http_client=client), mode) as called:
        yield called
