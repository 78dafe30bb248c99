"""What a graph is asked and how its answers are shown, to whoever asks: routes, tools.

answer = await ask(service, lambda graph: neighbours(graph, "metformin", EVERYTHING, limit=10, pieces=2))
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict

from biogloss.apps.rest.problems import Problem
from biogloss.knowledge.graph import paths as finding
from biogloss.knowledge.graph.filters import Filter, years_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from biogloss.apps.rest.service import Service
    from biogloss.knowledge.graph import query
    from biogloss.knowledge.graph.statement import Evidence as Stored

YEARS = r"^([0-9]{4}(-([0-9]{4})?)?|-[0-9]{4})?$"
"""A span of years, as 2010-2020, 2010-, -2020 or 2015."""
Found = TypeVar("Found")


class Concept(BaseModel):
    """A node; ``degree`` is how many others it has statements with."""

    model_config = ConfigDict(from_attributes=True)

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


async def ask(service: Service, question: Callable[[query.Graph], Found]) -> Found:
    """The answer of the service's graph to a question.

    Raises:
        Problem: there is no graph.
        Busy: too much waits already.
        ConfigError: no such concept.
        KnowledgeError: the graph cannot be read now.
    """
    if service.graph is None:
        raise Problem(404, "not-loaded", "no graph is loaded; start the service with --graph FILE")
    return await service.graph.ask(question)


def filtered(predicates: str, categories: str, belief: float, years: str, *, asserted: bool) -> Filter:
    """Which statements count: names with commas between, a least belief, :data:`YEARS`."""
    span = years_of(years) if years else None
    return Filter(terms(predicates), terms(categories), belief, span, asserted=asserted)


def terms(text: str) -> tuple[str, ...]:
    """Biolink's names, with or without their prefix."""
    names = (name.strip() for name in text.split(",") if name.strip())
    return tuple(name if ":" in name else f"biolink:{name}" for name in names)


def search(graph: query.Graph, words: str, limit: int) -> Concepts:
    """The concepts of an identifier, of a name, or of names that begin so."""
    return Concepts(concepts=[concept(one) for one in graph.find(words, limit)])


def neighbours(graph: query.Graph, words: str, wanted: Filter, *, limit: int, pieces: int) -> Statements:
    """The statements about a concept."""
    return statements(graph, graph.neighbours(words, wanted, limit), pieces)


def between(graph: query.Graph, one: str, other: str, wanted: Filter, *, limit: int, pieces: int) -> Statements:
    """What joins two concepts, in either direction."""
    return statements(graph, graph.between(one, other, wanted, limit), pieces)


def paths(graph: query.Graph, start: str, end: str, wanted: Filter, *, k: int, longest: int) -> Paths:
    """The ways from one concept to another that are believed most, with a sentence of each step."""
    found = finding.best(graph, start, end, k=k, longest=longest, wanted=wanted)
    return Paths(paths=[path(graph, one) for one in found])


def concept(one: query.Concept) -> Concept:
    """A node as it is shown."""
    return Concept.model_validate(one)


def statements(graph: query.Graph, edges: list[query.Edge], pieces: int) -> Statements:
    """Edges as they are shown, each with so many pieces of evidence at most."""
    return Statements(statements=list(map(partial(statement, graph, pieces=pieces), edges)))


def statement(graph: query.Graph, edge: query.Edge, pieces: int) -> Statement:
    """An edge as it is shown."""
    found = [evidence_of(one) for one in graph.evidence(edge, pieces)] if pieces else []
    return Statement.model_validate({**edge._asdict(), "evidence": found})


def evidence_of(one: Stored) -> Evidence:
    """A piece of evidence as it is shown: a citation."""
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


def path(graph: query.Graph, found: finding.Path) -> Path:
    """A path as it is shown, with the newest sentence of each step."""
    return Path(
        score=found.score,
        concepts=[concept(one) for one in found.concepts],
        statements=[statement(graph, edge, 1) for edge in found.edges],
    )
