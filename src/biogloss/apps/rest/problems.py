"""What goes wrong, as RFC 9457 has it: ``application/problem+json`` with a type, a title, a status and what to do.

    {"type": "urn:biogloss:problem:busy", "title": "Too many requests", "status": 429,
     "detail": "63 documents are waiting, which takes 2.1 s; ask again in 3 s"}

The words of a document are in none of them but those that go back to who sent it.
"""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from biogloss.errors import (
    BioglossError,
    CannotHold,
    ConfigError,
    InputError,
    KnowledgeError,
    ModelError,
    OutputError,
    UnsafeInputError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:biogloss:problem:"
_log = logging.getLogger("biogloss.rest")
LEFT = 499
"""The status of a request whose sender did not wait for the answer."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem: stable, for programs."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found, where, and what to do."},
        "errors": {
            "type": "array",
            "description": "Each thing that is wrong with the request.",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
    for status, words in (("4XX", "The request cannot be met; the problem says why."), ("5XX", "The service failed."))
}
"""For every route of the description."""


class Problem(HTTPException):
    """A problem to be shown to who asked.

    Args:
        status: of HTTP.
        kind: a short name for programs, the end of ``type``.
        detail: what, where, expected, what to do.
        headers: of the response, as ``Retry-After``.
        errors: (where, what) of each thing that is wrong.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: list[tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.kind = kind
        self.errors = errors or []


def response(problem: Problem) -> Response:
    """The problem as it is sent."""
    body: dict[str, Any] = {
        "type": PREFIX + problem.kind,
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [{"where": where, "what": what} for where, what in problem.errors]
    content = json.dumps(body).encode()  # ASCII: half a surrogate pair in a message stays an escape
    return Response(content, problem.status_code, problem.headers, MEDIA_TYPE)


_MEANING: tuple[tuple[type[BioglossError], int, str], ...] = (
    (UnsafeInputError, 422, "unsafe-input"),
    (InputError, 422, "unreadable"),
    (CannotHold, 406, "cannot-hold"),
    (ConfigError, 404, "unknown-name"),
    (KnowledgeError, 503, "unavailable"),
)
_OURS = (KnowledgeError, ModelError, OutputError)
"""Errors of what the service itself needs: their words name its files, and nothing of a document."""


def of_error(error: BioglossError) -> Problem:
    """What an error of the library means to who asked; where files of the server are is nobody else's business."""
    meant = ((status, kind) for type_, status, kind in _MEANING if isinstance(error, type_))
    status, kind = next(meant, (500, "failed"))
    is_told = status < HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(
        status, kind, str(error) if is_told else "what the service needs cannot be read now; its log says more"
    )


def log(errors: Iterable[Exception]) -> None:
    """Log what the service itself lacks, each once: callers are referred to the log. Other errors are not its own."""
    for words in dict.fromkeys(str(error) for error in errors if isinstance(error, _OURS)):
        _log.error("%s", words)


def install(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(BioglossError, _known)
    app.add_exception_handler(ClientDisconnect, _left)


_KINDS = {404: "not-found", 405: "method-not-allowed"}


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return response(error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = "no such resource; /openapi.json lists those there are" if status == 404 else HTTPStatus(status).phrase
    headers = getattr(error, "headers", None)
    if status == 405:
        headers = {"Allow": _allowed(request) or _own(headers)}
    return response(Problem(status, _KINDS.get(status, "refused"), detail, headers=headers))


def _allowed(request: Request) -> str:
    """Every method of a path, whichever routes they are of; empty where the description does not have it."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    found = request.app.openapi()["paths"]
    same = (own for name, own in found.items() if re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", name), path))
    return ", ".join(sorted({method.upper() for own in same for method in own}))


def _own(headers: Mapping[str, str] | None) -> str:
    """The methods that a route itself says it has."""
    said = (name.strip() for name in (headers or {}).get("Allow", "GET").split(","))
    return ", ".join(sorted(set(said) - {"HEAD"}))


async def _invalid(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [(".".join(map(str, one["loc"])), str(one["msg"])) for one in found[:20]]
    return response(invalid(errors))


def invalid(errors: list[tuple[str, str]]) -> Problem:
    """A request that is not as /openapi.json describes it."""
    where, what = errors[0] if errors else ("body", "not valid")
    return Problem(422, "invalid", f"{where}: {what}; /openapi.json says what is expected", errors=errors)


async def _left(*_: object) -> Response:
    """What is noted of one who has left; nobody reads it."""
    return Response(status_code=LEFT)


async def _known(_: Request, error: Exception) -> Response:
    log([error])
    return response(of_error(error) if isinstance(error, BioglossError) else Problem(500, "failed", "failed"))
