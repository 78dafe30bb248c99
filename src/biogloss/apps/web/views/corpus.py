"""*Corpus*: a file is uploaded as a job, its progress watched, and its documents browsed by their entities."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from biogloss.apps.rest import media
from biogloss.apps.rest.access import needs, owner, service_of
from biogloss.apps.rest.jobs import store as jobs
from biogloss.apps.rest.routes.jobs import desk_of, found
from biogloss.apps.rest.waiting import answered
from biogloss.apps.web import facets, frame, trend
from biogloss.apps.web.words import in_articles, language_of
from biogloss.documents.jsonl import from_line
from biogloss.formats import html

if TYPE_CHECKING:
    from biogloss.apps.rest.jobs import Jobs

router = APIRouter(include_in_schema=False)
MOST_FAILURES = 20

Job = Annotated[str, Query(pattern="^([0-9a-f]{32})?$", description="As the answer to the upload gave it.")]
Key = Annotated[str, Query(max_length=500, description="Type and identifier of an entity.")]
Page = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/corpus")
async def corpus(request: Request, job: Job = "", key: Key = "", page: Page = 1) -> Response:
    """Show where a corpus is uploaded, or one that was."""
    return frame.page(
        request,
        "corpus",
        job=job,
        key=key,
        page=page,
        kinds=media.by_name(),
        keeps_jobs=service_of(request).jobs is not None,
    )


@router.get("/web/jobs", dependencies=[needs("jobs")])
async def listed(request: Request) -> Response:
    """Show the corpora of a key, the newest first."""
    own = await asyncio.to_thread(desk_of(request).store.of, owner(request))
    return frame.piece(request, "_jobs.html", jobs=own)


@router.get("/web/job", dependencies=[needs("jobs")])
async def shown(request: Request, job: Job, key: Key = "", page: Page = 1) -> Response:
    """Show how far a corpus is, or what is in it."""
    own = await found(request, job)
    if own.status not in jobs.FINISHED:
        return frame.piece(request, "_progress.html", job=own)
    service, desk = service_of(request), desk_of(request)
    size = 1 if job in desk.digests else min(own.done, facets.MOST_DOCUMENTS)
    say = in_articles(language_of(request))
    work = service.browsing.of(lambda: _opened(desk, job, key, page, say), size)
    corpus, seen, parts, failures = await answered(request, work, service.settings.limits)
    years = trend.years(corpus, key)
    return frame.piece(
        request,
        "_corpus.html",
        job=own,
        key=key,
        name=corpus.names.get(key, ""),
        figure=trend.figure(years) if years else None,
        size=(trend.WIDTH, trend.HEIGHT),
        page=page,
        seen=seen,
        read=len(corpus.documents) if corpus.is_cut else 0,
        failures=failures,
        legend=Markup(parts.legend),  # noqa: S704 - the format escapes # nosec B704
        articles=Markup("".join(parts.articles)),  # noqa: S704 - the format escapes # nosec B704
    )


def _opened(
    desk: Jobs, job: str, key: str, page: int, say: html.Words
) -> tuple[facets.Corpus, facets.Browsed, html.Parts, list[str]]:
    """A corpus, what is seen of it, its documents in colour, and the first of those that failed."""
    corpus = desk.digests.of(job, lambda: facets.read(desk.store.placed(job, failures=False)))
    seen = facets.browse(corpus, key, page)
    parts = html.parts(((from_line(line), {}) for line in desk.store.at(job, seen.places)), say)
    return corpus, seen, parts, list(islice(desk.store.results(job, failures=True), MOST_FAILURES))
