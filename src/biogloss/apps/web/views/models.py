"""*Models*: the card of each, and what two of them say of one text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.problems import invalid
from biogloss.apps.rest.routes.annotate import Model, read_of
from biogloss.apps.rest.waiting import answered
from biogloss.apps.web import frame
from biogloss.apps.web.cards import html_of
from biogloss.apps.web.words import in_articles, language_of
from biogloss.documents import Document
from biogloss.errors import Failure
from biogloss.formats import html
from biogloss.models import folder as folders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.apps.rest import media
    from biogloss.apps.rest.annotators import Annotator

router = APIRouter(include_in_schema=False)
MOST_DIFFERENCES = 200


@router.get("/models")
async def models(request: Request, name: Model = "") -> Response:
    """Show the models that are loaded; a page of its own for the card of each."""
    loaded = service_of(request).annotators.all
    return frame.page(
        request, "models", models=list(loaded), name=name or next(iter(loaded)), known=not name or name in loaded
    )


@router.get("/web/card", dependencies=[needs("annotate")])
async def card(request: Request, model: Model = "") -> Response:
    """Show the card of a model."""
    one = service_of(request).annotators.find(model)
    text = await asyncio.to_thread(folders.card, one.folder)
    made = Markup(html_of(text))  # noqa: S704 - HTML in the card is shown as text # nosec B704
    return frame.piece(request, "_card.html", one=one, card=made)


@router.post("/web/compare", dependencies=[needs("annotate")])
async def compare(request: Request, model: Model = "", other: Model = "") -> Response:
    """Show what two models find in one text, and where they differ."""
    both = [service_of(request).annotators.find(name) for name in (model, other)]
    read = await read_of(request, both[0])
    found = [await _one(request, annotator, read) for annotator in both]
    size = sum(len(document.text) for document in found)
    say = in_articles(language_of(request))
    service = service_of(request)
    work = service.drawing.of(lambda: (html.parts([(one, {}) for one in found], say), compared(found)), size)
    parts, (agreed, differing) = await answered(request, work, service.settings.limits)
    return frame.piece(
        request,
        "_compared.html",
        legend=Markup(parts.legend),  # noqa: S704 - the format escapes # nosec B704
        columns=[
            (one.name, Markup(article))  # noqa: S704 - the format escapes # nosec B704
            for one, article in zip(both, parts.articles, strict=True)
        ],
        agreed=agreed,
        differences=differing[:MOST_DIFFERENCES],
        names=[one.name for one in both],
    )


async def _one(request: Request, annotator: Annotator, read: media.Read) -> Document:
    """What a model says of the one text that is sent."""
    results = await answered(request, annotator.annotate(read.documents), service_of(request).settings.limits)
    if len(results) != 1 or isinstance(results[0], Failure):
        raise invalid([("body", "expected one text")])
    return results[0]


def _mentions(document: Document) -> frozenset[tuple[int, int, str, str]]:
    """Where each mention begins and ends, its type and its words."""
    return frozenset(
        (entity.spans[0].start, entity.spans[-1].end, entity.label, entity.text) for entity in document.entities
    )


def compared(found: Sequence[Document]) -> tuple[int, list[tuple[str, str, int]]]:
    """How many mentions two have in common; words and type of each that only one has, in reading order, and which."""
    own = [_mentions(document) for document in found]
    only = [(mention, place) for place in (0, 1) for mention in own[place] - own[1 - place]]
    return len(own[0] & own[1]), [(text, label, place) for (_, _, label, text), place in sorted(only)]
