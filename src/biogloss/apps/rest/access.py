"""Who asks: what a route may depend on to let in only those with a key for it, as often as the key may.

@router.get("/v1/graph/search", dependencies=[needs("graph")])
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from biogloss.apps.rest.problems import Problem

if TYPE_CHECKING:
    from biogloss.apps.rest.service import Service

_bearer = HTTPBearer(auto_error=False, description="An API key: `biogloss keys add NAME` makes one.")
ANYBODY = ""


def service_of(request: Request) -> Service:
    """The service behind a request."""
    service: Service = request.app.state.service
    return service


def owner(request: Request) -> str:
    """The id of the key of a request, or nobody's where there are no keys."""
    who: str = request.scope.get("state", {}).get("key", ANYBODY)
    return who


def needs(scope: str = "") -> Any:  # noqa: ANN401 - FastAPI's own
    """A dependency on a key with a scope, and on its rate; without a scope on any key, whose scopes are asked later."""

    # A coroutine, although it waits for nothing: FastAPI calls a plain function in a thread, which costs more
    async def check(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> None:
        service = service_of(request)
        if service.keys is None:
            return
        key = service.keys.find(given.credentials) if given is not None else None
        if key is None:
            what = "no API key, or one that does not hold; send `Authorization: Bearer KEY`"
            raise Problem(401, "unauthorized", what, headers={"WWW-Authenticate": "Bearer"})
        request.scope.setdefault("state", {}).update({"key": key.id, "scopes": key.scopes})
        if scope:
            allow(request, scope)
        seconds = service.rates.take(key.id, key.per_minute or service.settings.limits.per_minute)
        if seconds:
            wait = str(math.ceil(seconds))
            raise Problem(
                429, "rate", f"the key {key.id} asks too often; ask again in {wait} s", headers={"Retry-After": wait}
            )

    return Depends(check)


def allow(request: Request, scope: str) -> None:
    """Let a request go on if its key is for a scope, or if there are no keys.

    Raises:
        Problem: 403, with what the key is for.
    """
    scopes = request.scope.get("state", {}).get("scopes")
    if scopes is not None and scope not in scopes:
        what = f"the key {owner(request)} is not for {scope}; it is for {', '.join(scopes)}"
        raise Problem(403, "wrong-scope", what)
