"""``/mcp``: the tools for language models over HTTP, behind the same keys, rates and limits as the other routes.

Each message is a request of its own: there are no sessions that could be taken over, pile up, or be lost with a
process, and no streams that stay open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from biogloss.apps.mcp import logs, server
from biogloss.apps.rest.access import needs

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from starlette.types import Receive, Scope, Send

    from biogloss.apps.rest.service import Service

MOST_BYTES = 4_000_000
"""Of a message."""


class Tools:
    """The route, and what runs while it is served."""

    def __init__(self, service: Service) -> None:
        logs.without_words()
        self._manager = StreamableHTTPSessionManager(
            server.create(service),
            json_response=True,
            stateless=True,
            max_request_body_size=min(MOST_BYTES, service.settings.limits.body_bytes),
        )
        self.router = APIRouter()
        self.router.add_api_route(
            "/mcp", self._answer, methods=["POST"], dependencies=[needs()], include_in_schema=False, response_model=None
        )

    def run(self) -> AbstractAsyncContextManager[None]:
        """As long as this is entered, messages are answered; once."""
        return self._manager.run()

    async def _answer(self) -> Response:
        return _Exchange(self._manager)


class _Exchange(Response):
    """A response that the protocol's package writes, which reads the request too."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._manager.handle_request(scope, receive, send)
