"""*Annotate*: a text or a file in, what a model finds in it in colour, to be corrected by hand and kept.

The text goes in the body of a request, never into an address: addresses stand in histories and logs.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup
from starlette.responses import RedirectResponse

from biogloss.apps.rest import media
from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.problems import invalid
from biogloss.apps.rest.routes.annotate import Model, results_of
from biogloss.apps.rest.waiting import answered
from biogloss.apps.web import frame
from biogloss.apps.web.notes import notes
from biogloss.apps.web.words import in_articles, language_of, words
from biogloss.documents import Document
from biogloss.documents.jsonl import to_line
from biogloss.errors import Failure
from biogloss.formats import html

if TYPE_CHECKING:
    from collections.abc import Sequence

router = APIRouter(include_in_schema=False)
Sample = Annotated[str, Query(max_length=40)]


@cache
def samples() -> dict[str, dict[str, str]]:
    """The sample documents by their names: their text, and a title in each language."""
    found: dict[str, dict[str, str]] = json.loads(
        files("biogloss.apps.web").joinpath("samples.json").read_text(encoding="utf-8")
    )
    return found


@router.get("/")
async def start(request: Request) -> Response:
    """Lead to the first view."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/annotate{query}", 307)


@router.get("/annotate")
async def annotate(request: Request, sample: Sample = "", model: Model = "") -> Response:
    """Show where texts are put in; with a sample, it is annotated as soon as the page is there."""
    return frame.page(
        request,
        "annotate",
        samples=samples(),
        sample=sample if sample in samples() else "",
        unknown=bool(sample) and sample not in samples(),
        model=model,
        models=list(service_of(request).annotators.all),
        kinds=media.by_name(),
        limit=service_of(request).settings.limits.body_bytes,
    )


@router.post("/web/annotate", dependencies=[needs("annotate")])
async def annotated(request: Request, model: Model = "") -> Response:
    """Annotate what is sent, in any format, and show it."""
    service = service_of(request)
    found, left_out = await results_of(request, service.annotators.find(model), (), keep=False)
    return await _shown(request, found, left_out)


@router.post("/web/show", dependencies=[needs("annotate")])
async def corrected(request: Request) -> Response:
    """Show documents as they are sent, after corrections."""
    return await _shown(request, await sent(request), {})


async def sent(request: Request) -> list[Document]:
    """The documents of a page, checked as any others.

    Raises:
        Problem: one of them is none.
    """
    service = service_of(request)
    content, limits = await request.body(), service.settings.limits
    work = service.drawing.of(lambda: media.documents(content, media.Kind("json"), limits), len(content))
    read = await answered(request, work, limits)
    if failures := [one for one in read.documents if isinstance(one, Failure)]:
        raise invalid([(failures[0].document_id, str(failures[0].error))])
    return [one for one in read.documents if isinstance(one, Document)]


async def _shown(request: Request, found: Sequence[Document | Failure], left_out: Any) -> Response:  # noqa: ANN401
    service = service_of(request)
    whole = [one for one in found if isinstance(one, Document)]
    language = language_of(request)
    say, in_colour = words(language), in_articles(language)
    size = sum(len(one.text) for one in whole)
    work = service.drawing.of(lambda: html.parts([(one, notes(service, one, say)) for one in whole], in_colour), size)
    parts = await answered(request, work, service.settings.limits)
    labels = {label for one in service.annotators.all.values() for label in one.labels}
    labels |= {entity.label for one in whole for entity in one.entities}
    return frame.piece(
        request,
        "_annotated.html",
        articles=Markup("".join(parts.articles)),  # noqa: S704 - the format escapes # nosec B704
        legend=Markup(parts.legend),  # noqa: S704 - the format escapes # nosec B704
        documents=f"[{','.join(map(to_line, whole))}]",
        counts=(len(whole), parts.entities, sum(len(one.relations) for one in whole)),
        failures=[media.failed(one) for one in found if isinstance(one, Failure)],
        left_out=dict(left_out),
        labels=sorted(labels),
        has_graph=service.graph is not None,
    )
