"""What stands before every route: who is spoken to, how large a body may be, headers, the log, and the last resort.

It is the outermost layer of the application, so that nothing gets past it, not even an error in another layer. The log
has a line for each request, with its id, route, status and time; neither words of documents nor queries are in it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import traceback
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from biogloss.apps.rest.media import too_large
from biogloss.apps.rest.problems import LEFT, Problem, response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from biogloss.apps.rest.meters import Meters
    from biogloss.apps.rest.settings import Settings

REQUEST_ID = "x-request-id"
HEADER_BYTES = 16_384
"""Names and values of a request's headers together."""
HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""Of each response that does not say otherwise itself."""
UPLOADS = frozenset({"/v1/jobs"})
"""Routes that take a body as it comes, with a limit of their own."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
_log = logging.getLogger("biogloss.rest")


class Guard:
    """The layer around an application."""

    def __init__(self, app: ASGIApp, settings: Settings, meters: Meters) -> None:
        self._app = app
        self._limits = settings.limits
        self._access = settings.access
        self._meters = meters
        self._in_flight = 0
        self._names = {*_LOCAL, settings.access.host.lower(), *(name.lower() for name in settings.access.names)}
        self._headers = dict(HEADERS)
        if settings.access.certificate is not None:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = _Call(scope, receive, send, self._headers)
        self._in_flight += 1
        try:
            self._check(scope)
            limit = None if scope["path"] in UPLOADS else self._limits.body_bytes
            await self._app(scope, call.receiver(limit, self._limits.idle_seconds), call.send)
        except Problem as problem:
            await call.answer(problem)
        except Exception as error:  # noqa: BLE001 - the last resort
            _log.error("%s %s at %s", call.id, type(error).__name__, place_of(error))
            await call.answer(Problem(500, "failed", f"the service failed; its log knows the request as {call.id}"))
        finally:
            self._in_flight -= 1
            self._tell(scope, call)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if sum(map(len, chain.from_iterable(scope["headers"]))) > HEADER_BYTES:
            raise Problem(431, "headers-too-large", f"headers of more than {HEADER_BYTES:,} bytes")
        if self._in_flight > self._limits.in_flight:
            raise Problem(429, "busy", "too many requests at once; ask again in 1 s", headers={"Retry-After": "1"})
        if self._access.is_local and _name(headers.get("host", "")) not in self._names:
            what = "the service is not reached under the name in Host; --name allows another one"
            raise Problem(421, "unknown-host", what)
        origin = headers.get("origin")
        if origin and scope["method"] not in _SAFE and not self._is_own(origin, headers.get("host", "")):
            raise Problem(403, "foreign-origin", "pages of other sites may not ask; --origin allows one")
        declared = headers.get("content-length", "0")
        if scope["path"] not in UPLOADS and declared.isdecimal() and int(declared[:20]) > self._limits.body_bytes:
            raise too_large(f"a body of {int(declared[:20]):,} bytes; the limit is {self._limits.body_bytes:,}")

    def _is_own(self, origin: str, host: str) -> bool:
        return origin in self._access.origins or urlsplit(origin).netloc.lower() == host.lower()

    def _tell(self, scope: Scope, call: _Call) -> None:
        seconds = monotonic() - call.started
        route = getattr(scope.get("route"), "path", None) or "unknown"
        method = scope["method"] if scope["method"] in {*_SAFE, "POST", "DELETE"} else "other"
        self._meters.request(route, method, call.status, seconds)
        who = scope.get("state", {}).get("key", "-")
        _log.info("%s %s %s %d %.3fs key=%s", call.id, method, route, call.status, seconds, who)


class _Call:
    """One request: what was received, and what has been answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        given = Headers(scope=scope).get(REQUEST_ID, "")
        self.id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        self.started = monotonic()
        self.status = LEFT
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = headers
        self._is_begun = False

    async def send(self, message: Message) -> None:
        """Send on, with the headers of every response."""
        if message["type"] == "http.response.start":
            self._is_begun = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            headers[REQUEST_ID] = self.id
        await self._send(message)

    async def answer(self, problem: Problem) -> None:
        """Answer with a problem, where nothing has been answered yet."""
        if not self._is_begun:
            await response(problem)(self._scope, self._receive, self.send)

    def receiver(self, limit: int | None, idle_seconds: float) -> Callable[[], Awaitable[Message]]:
        """What the application receives: no body longer than the limit, and none that does not come."""
        seen, is_whole = 0, False

        async def receive() -> Message:
            nonlocal seen, is_whole
            if is_whole:
                return await self._receive()  # until who asked leaves
            try:
                async with asyncio.timeout(idle_seconds):
                    message = await self._receive()
            except TimeoutError:
                raise Problem(
                    408, "slow", f"nothing of the body came for {idle_seconds:.0f} s; send it again"
                ) from None
            seen += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if limit is not None and seen > limit:
                raise too_large(f"a body of more than {limit:,} bytes")
            return message

        return receive


def _name(host: str) -> str:
    """The name in a ``Host`` header, without its port."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def place_of(error: BaseException) -> str:
    """Where an error was raised: files and lines, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
