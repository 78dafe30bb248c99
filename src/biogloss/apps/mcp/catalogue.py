"""The tools: what each is called and says of itself, whom it needs, and the function of the service that it asks.

answer = await TOOLS["graph_search"].call(service, Search(query="metformin"))
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biogloss.apps.mcp import answers
from biogloss.apps.rest import findings, media, naming, relating
from biogloss.apps.rest.problems import Problem
from biogloss.errors import Failure
from biogloss.knowledge.graph.filters import EVERYTHING, Filter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from biogloss.apps.rest.service import Service
    from biogloss.documents import Document, Entity
    from biogloss.knowledge.graph import query

MOST_IDS = 3
"""Identifiers that are shown of a mention."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool.

    Args:
        name: for programs.
        title: for people.
        about: for the model that decides whether to call it.
        scope: that a key needs for it.
        arguments, answer: their schemas.
        lists: those in the answer that may be shortened.
        is_there: whether a service can answer it.
        call: asks the service.
    """

    name: str
    title: str
    about: str
    scope: str
    arguments: type[Any]
    answer: type[answers.Bounded]
    lists: tuple[str, ...]
    is_there: Callable[[Service], bool]
    call: Callable[[Service, Any], Awaitable[answers.Bounded]]


async def annotate(service: Service, asked: answers.Text) -> answers.Passages:
    """Entities of a text, by its sentences, and its relations.

    Raises:
        Problem: the text cannot be read or annotated.
        ConfigError: no such model or type.
        Busy: too much waits already.
    """
    annotator = service.annotators.find(asked.model)
    annotator.check(asked.types)
    content = json.dumps({"id": asked.id, "text": asked.text}).encode()
    read = media.documents(content, media.Kind("json"), service.settings.limits)
    (result,) = await annotator.annotate(read.documents, types=asked.types)
    if isinstance(result, Failure):
        raise Problem(422, "unreadable", f"the text cannot be annotated: {media.failed(result)['error']}")
    related = [
        answers.Relation(document=result.id, source=annotator.name, **one.model_dump())
        for one in relating.relations(result)
    ]
    return answers.Passages(sentences=_passages(result, annotator.name), relations=related)


def _passages(document: Document, source: str) -> list[answers.Passage]:
    """The sentences with entities, each as a citation."""
    found: dict[tuple[int, int], list[answers.Mention]] = {}
    for entity in document.entities:
        span = document.evidence(entity)
        found.setdefault((span.start, span.end), []).append(_mention(entity))
    return [
        answers.Passage(
            document=document.id, source=source, start=start, end=end, text=document.text[start:end], entities=entities
        )
        for (start, end), entities in sorted(found.items())
    ]


def _mention(entity: Entity) -> answers.Mention:
    return answers.Mention(
        text=entity.text,
        type=entity.label,
        spans=[(span.start, span.end) for span in entity.spans],
        ids=[answers.Identified(id=one.id, score=one.score, source=one.source) for one in entity.links[:MOST_IDS]],
        score=entity.score,
        attributes=dict(entity.attributes),
    )


async def link(service: Service, asked: answers.Names) -> answers.Identifiers:
    """Identifiers of names, as :func:`biogloss.apps.rest.naming.linked` has them."""
    found = await naming.linked(service, asked)
    return answers.Identifiers(names=found.names)


async def search(service: Service, asked: answers.Search) -> answers.Concepts:
    """Concepts of a graph, each with a citation."""

    def question(graph: query.Graph) -> answers.Concepts:
        found = findings.search(graph, asked.query, asked.limit).concepts
        return answers.Concepts(
            concepts=[answers.Concept(**one.model_dump(), evidence=_newest(graph, one.id)) for one in found]
        )

    return await findings.ask(service, question)


def _newest(graph: query.Graph, identifier: str) -> list[findings.Evidence]:
    """The newest evidence of what is believed most about a concept."""
    found = findings.neighbours(graph, identifier, EVERYTHING, limit=1, pieces=1)
    return [piece for one in found.statements for piece in one.evidence]


async def neighbours(service: Service, asked: answers.Around) -> answers.Statements:
    """Statements about a concept."""
    wanted = _filter(asked)
    found = await findings.ask(
        service,
        lambda graph: findings.neighbours(graph, asked.concept, wanted, limit=asked.limit, pieces=asked.evidence),
    )
    return answers.Statements(statements=found.statements)


async def evidence(service: Service, asked: answers.Between) -> answers.Statements:
    """What joins two concepts."""
    wanted = _filter(asked)
    found = await findings.ask(
        service,
        lambda graph: findings.between(
            graph, asked.subject, asked.object, wanted, limit=asked.limit, pieces=asked.evidence
        ),
    )
    return answers.Statements(statements=found.statements)


async def paths(service: Service, asked: answers.Ways) -> answers.Paths:
    """Ways from one concept to another."""
    wanted = _filter(asked)
    found = await findings.ask(
        service,
        lambda graph: findings.paths(graph, asked.start, asked.end, wanted, k=asked.k, longest=asked.longest),
    )
    return answers.Paths(paths=found.paths)


def _filter(asked: answers.Filtered) -> Filter:
    return findings.filtered(asked.predicates, asked.categories, asked.belief, asked.years, asserted=asked.asserted)


def _always(_: Service) -> bool:
    return True


def _has_index(service: Service) -> bool:
    return service.names is not None


def _has_graph(service: Service) -> bool:
    return service.graph is not None


_CITED = (
    "Each statement carries its evidence: document id, source, sentence with the character where it starts in the "
    "document, and the spans of the two mentions. Cite it. Co-mention and negated evidence is weaker than an asserted "
    "reading; curated evidence has a reference instead of sentences."
)
_ALL = (
    Tool(
        "annotate",
        "Annotate a text",
        "Find diseases, chemicals, genes and other biomedical entities in a text, with exact character offsets, "
        "identifiers, and what is asserted of them (negated, uncertain, historical). Answers the sentences that have "
        "entities, and relations between them where the model finds such, each with the sentences that say it.",
        "annotate",
        answers.Text,
        answers.Passages,
        ("relations", "sentences"),
        _always,
        annotate,
    ),
    Tool(
        "link",
        "Link names",
        "Give biomedical names their identifiers in vocabularies, each with its probability, the vocabulary it is of, "
        "and the reason. A context, such as the sentence around an abbreviation, makes it surer.",
        "link",
        answers.Names,
        answers.Identifiers,
        ("names",),
        _has_index,
        link,
    ),
    Tool(
        "graph_search",
        "Search the graph",
        "Find concepts in the graph of statements by identifier, by name, or by how a name begins. Start here; the "
        "other graph tools take the identifiers that it gives.",
        "graph",
        answers.Search,
        answers.Concepts,
        ("concepts",),
        _has_graph,
        search,
    ),
    Tool(
        "graph_neighbours",
        "Statements about a concept",
        f"List what is stated about a concept, the most believed first. {_CITED}",
        "graph",
        answers.Around,
        answers.Statements,
        ("statements",),
        _has_graph,
        neighbours,
    ),
    Tool(
        "graph_paths",
        "Paths between concepts",
        "Find how two concepts may be joined through others, the most believed paths first, with a sentence of each "
        f"step. A path is a hypothesis, not a finding. {_CITED}",
        "graph",
        answers.Ways,
        answers.Paths,
        ("paths",),
        _has_graph,
        paths,
    ),
    Tool(
        "graph_evidence",
        "Evidence between two concepts",
        "Show the statements that join two concepts, in either direction, the most believed first, with the sentences "
        f"that say so. {_CITED}",
        "graph",
        answers.Between,
        answers.Statements,
        ("statements",),
        _has_graph,
        evidence,
    ),
)
TOOLS = {tool.name: tool for tool in _ALL}
