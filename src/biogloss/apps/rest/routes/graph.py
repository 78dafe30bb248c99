"""``/v1/graph/...``: questions to the graph that the service was started with.

curl 'http://127.0.0.1:8000/v1/graph/neighbours?concept=metformin&categories=Disease&evidence=2'
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.problems import RESPONSES, Problem
from biogloss.apps.rest.waiting import answered
from biogloss.knowledge.graph import paths as finding
from biogloss.knowledge.graph.filters import Filter, years_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from biogloss.apps.rest.service import Service
    from biogloss.knowledge.graph import query, statement

router = APIRouter(prefix="/v1/graph", dependencies=[needs("graph")], responses=RESPONSES)

Answer = TypeVar("Answer")
Words = Annotated[str, Query(min_length=1, max_length=300, description="An identifier, or a name.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Pieces = Annotated[int, Query(ge=0, le=20, description="Pieces of evidence of each statement, the newest first.")]


class Concept(BaseModel):
    """A node; ``degree`` is how many others it has statements with."""

    id: str
    name: str
    category: str
    degree: int


class Mention(BaseModel):
    """A mention in a document: its words, and its spans in the document's characters."""

    text: str
    spans: list[tuple[int, int]]


class Sentence(BaseModel):
    """A sentence, and where in its document it starts."""

    start: int
    text: str


class Evidence(BaseModel):
    """One place that makes a statement."""

    document: str
    source: str
    kind: str
    assertion: str
    score: float | None
    section: str
    year: int | None
    reference: str
    sentences: list[Sentence]
    subject: Mention
    object: Mention


class Statement(BaseModel):
    """Subject, predicate and object, with the belief in it in [0, 1] and its evidence."""

    number: int
    subject: Concept
    predicate: str
    object: Concept
    belief: float
    pieces: int
    first_year: int | None
    last_year: int | None
    evidence: list[Evidence]


class Path(BaseModel):
    """A way from a concept to another; its score is the product of the beliefs of its steps."""

    score: float
    concepts: list[Concept]
    statements: list[Statement]


class Concepts(BaseModel):
    """Those that are found."""

    concepts: list[Concept]


class Statements(BaseModel):
    """Those that are found, the most believed first."""

    statements: list[Statement]


class Paths(BaseModel):
    """Those that are found, the best first."""

    paths: list[Path]


def wanted(
    predicates: Annotated[str, Query(max_length=500, description="Only these, with commas between.")] = "",
    categories: Annotated[str, Query(max_length=500, description="Only these, found or in between.")] = "",
    belief: Annotated[float, Query(ge=0, le=1, description="Least belief.")] = 0.0,
    years: Annotated[
        str, Query(pattern=r"^([0-9]{4}(-([0-9]{4})?)?|-[0-9]{4})?$", description="With evidence of them: 2010-2020.")
    ] = "",
    asserted: Annotated[bool, Query(description="With evidence that is neither negated nor uncertain.")] = False,  # noqa: FBT002
) -> Filter:
    """Which statements count."""
    span = years_of(years) if years else None
    return Filter(_terms(predicates), _terms(categories), belief, span, asserted=asserted)


Wanted = Annotated[Filter, Depends(wanted)]


@router.get("/search")
async def search(request: Request, q: Words, limit: Limit = 10) -> Concepts:
    """Find concepts by identifier, by name, or by how a name begins."""
    found = await _ask(request, lambda graph: graph.find(q, limit))
    return Concepts(concepts=[_concept(one) for one in found])


@router.get("/neighbours")
async def neighbours(
    request: Request, concept: Words, filtered: Wanted, limit: Limit = 30, evidence: Pieces = 0
) -> Statements:
    """List the statements about a concept."""
    return await _ask(request, lambda graph: _statements(graph, graph.neighbours(concept, filtered, limit), evidence))


@router.get("/evidence")
async def evidence(
    request: Request,
    subject: Words,
    object: Words,  # noqa: A002 - of the field
    filtered: Wanted,
    pieces: Pieces = 20,
) -> Statements:
    """Show what joins two concepts, in either direction, with the sentences that say so."""
    return await _ask(request, lambda graph: _statements(graph, graph.between(subject, object, filtered), pieces))


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

    def asked(graph: query.Graph) -> Paths:
        found = finding.best(graph, start, end, k=k, longest=longest, wanted=filtered)
        return Paths(paths=[_path(graph, one) for one in found])

    return await _ask(request, asked)


async def _ask(request: Request, question: Callable[[query.Graph], Answer]) -> Answer:
    service: Service = service_of(request)
    if service.graph is None:
        raise Problem(404, "not-loaded", "no graph is loaded; start the service with --graph FILE")
    return await answered(request, service.graph.ask(question), service.settings.limits)


def _terms(text: str) -> tuple[str, ...]:
    """Biolink's names, with or without their prefix."""
    names = (name.strip() for name in text.split(",") if name.strip())
    return tuple(name if ":" in name else f"biolink:{name}" for name in names)


def _concept(one: query.Concept) -> Concept:
    return Concept(id=one.id, name=one.name, category=one.category, degree=one.degree)


def _statements(graph: query.Graph, edges: list[query.Edge], pieces: int) -> Statements:
    return Statements(statements=list(map(partial(_statement, graph, pieces=pieces), edges)))


def _statement(graph: query.Graph, edge: query.Edge, pieces: int) -> Statement:
    return Statement(
        number=edge.number,
        subject=_concept(edge.subject),
        predicate=edge.predicate,
        object=_concept(edge.object),
        belief=edge.belief,
        pieces=edge.pieces,
        first_year=edge.first_year,
        last_year=edge.last_year,
        evidence=[_evidence(one) for one in graph.evidence(edge, pieces)] if pieces else [],
    )


def _evidence(one: statement.Evidence) -> Evidence:
    return Evidence(
        document=one.document,
        source=one.source,
        kind=one.kind,
        assertion=one.assertion,
        score=one.score,
        section=one.section,
        year=one.year,
        reference=one.reference,
        sentences=[Sentence(start=sentence.start, text=sentence.text) for sentence in one.sentences],
        subject=Mention(text=one.words(one.subject), spans=[(span.start, span.end) for span in one.subject]),
        object=Mention(text=one.words(one.object), spans=[(span.start, span.end) for span in one.object]),
    )


def _path(graph: query.Graph, path: finding.Path) -> Path:
    return Path(
        score=path.score,
        concepts=[_concept(one) for one in path.concepts],
        statements=[_statement(graph, edge, 1) for edge in path.edges],
    )
