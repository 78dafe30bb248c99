"""``/v1/graph/...``: questions to the graph that the service was started with.

curl 'http://127.0.0.1:8000/v1/graph/neighbours?concept=metformin&categories=Disease&evidence=2'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request

from biogloss.apps.rest import findings
from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.findings import Concepts, Paths, Statements
from biogloss.apps.rest.problems import RESPONSES
from biogloss.apps.rest.waiting import answered
from biogloss.knowledge.graph.filters import Filter

if TYPE_CHECKING:
    from collections.abc import Callable

    from biogloss.knowledge.graph import query

router = APIRouter(prefix="/v1/graph", dependencies=[needs("graph")], responses=RESPONSES)

Answer = TypeVar("Answer")
Words = Annotated[str, Query(min_length=1, max_length=300, description="An identifier, or a name.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Pieces = Annotated[int, Query(ge=0, le=20, description="Pieces of evidence of each statement, the newest first.")]


def wanted(
    predicates: Annotated[str, Query(max_length=500, description="Only these, with commas between.")] = "",
    categories: Annotated[str, Query(max_length=500, description="Only these, found or in between.")] = "",
    belief: Annotated[float, Query(ge=0, le=1, description="Least belief.")] = 0.0,
    years: Annotated[str, Query(pattern=findings.YEARS, description="With evidence of them: 2010-2020.")] = "",
    asserted: Annotated[bool, Query(description="With evidence that is neither negated nor uncertain.")] = False,  # noqa: FBT002
) -> Filter:
    """Which statements count."""
    return findings.filtered(predicates, categories, belief, years, asserted=asserted)


Wanted = Annotated[Filter, Depends(wanted)]


@router.get("/search")
async def search(request: Request, q: Words, limit: Limit = 10) -> Concepts:
    """Find concepts by identifier, by name, or by how a name begins."""
    return await ask(request, lambda graph: findings.search(graph, q, limit))


@router.get("/neighbours")
async def neighbours(
    request: Request, concept: Words, filtered: Wanted, limit: Limit = 30, evidence: Pieces = 0
) -> Statements:
    """List the statements about a concept."""
    return await ask(request, lambda graph: findings.neighbours(graph, concept, filtered, limit=limit, pieces=evidence))


@router.get("/evidence")
async def evidence(
    request: Request,
    subject: Words,
    object: Words,  # noqa: A002 - of the field
    filtered: Wanted,
    limit: Limit = 30,
    pieces: Pieces = 20,
) -> Statements:
    """Show what joins two concepts, in either direction, with the sentences that say so."""
    return await ask(
        request, lambda graph: findings.between(graph, subject, object, filtered, limit=limit, pieces=pieces)
    )


@router.get("/paths")
async def paths(
    request: Request,
    start: Words,
    end: Words,
    filtered: Wanted,
    k: Annotated[int, Query(ge=1, le=50, description="How many.")] = 10,
    longest: Annotated[int, Query(ge=1, le=3, description="Steps at most.")] = 3,
) -> Paths:
    """Find the ways from one concept to another that are believed most, with a sentence of each step."""
    return await ask(request, lambda graph: findings.paths(graph, start, end, filtered, k=k, longest=longest))


async def ask(request: Request, question: Callable[[query.Graph], Answer]) -> Answer:
    """The answer to a question to the graph.

    Raises:
        Problem: 404 where no graph is loaded; 429 and 503 as of every request.
    """
    service = service_of(request)
    return await answered(request, findings.ask(service, question), service.settings.limits)
