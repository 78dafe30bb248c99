"""Styles and scripts of the pages: files of the package, named by their content, so that a browser may keep them.

address("site.js")    ->    "/web/assets/site.js?v=3f9a01c2"
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Response

from biogloss.apps.rest.problems import Problem
from biogloss.formats import _page
from biogloss.knowledge.graph import page as graph

router = APIRouter(include_in_schema=False)
KEPT = "public, max-age=31536000, immutable"
_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_FILES = {
    "site.css": ("biogloss.apps.web", "static/site.css"),
    "site.js": ("biogloss.apps.web", "static/site.js"),
    "explore.js": ("biogloss.apps.web", "static/explore.js"),
    "models.js": ("biogloss.apps.web", "static/models.js"),
    "corpus.js": ("biogloss.apps.web", "static/corpus.js"),
    "annotate.js": ("biogloss.apps.web", "static/annotate.js"),
    "icon.svg": ("biogloss.apps.web", "static/icon.svg"),
    "htmx.js": ("biogloss.apps.web", "vendor/htmx.min.js"),
}
_MADE = {
    "text.css": _page.style,
    "text.js": _page.script,
    "graph.css": graph.style,
    "graph.js": graph.script,
}
"""What colours texts and draws graphs: the same as in the pages that ``annotate`` and ``graph show`` write."""


@cache
def content(name: str) -> bytes:
    """The bytes of a file.

    Raises:
        KeyError: there is none of that name.
    """
    if name in _MADE:
        return _MADE[name]().encode()
    package, path = _FILES[name]
    return files(package).joinpath(path).read_bytes()


@cache
def address(name: str) -> str:
    """Where a page finds a file."""
    return f"/web/assets/{name}?v={hashlib.sha256(content(name)).hexdigest()[:12]}"


@router.get("/web/assets/{name}")
def asset(name: Annotated[str, Path(max_length=40)]) -> Response:
    """Send a file."""
    if name not in {*_FILES, *_MADE}:
        raise Problem(404, "not-found", "no such file of the web page")
    return Response(content(name), media_type=_KINDS[name.rpartition(".")[2]], headers={"Cache-Control": KEPT})
