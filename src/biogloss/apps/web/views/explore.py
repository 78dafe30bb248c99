"""*Explore*: a concept of the graph, what is said of it, and the sentences that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.routes.graph import ask
from biogloss.apps.web import frame
from biogloss.knowledge.graph import page as pages

if TYPE_CHECKING:
    from biogloss.knowledge.concept import Concept as Known
    from biogloss.knowledge.graph.query import Concept, Graph
    from biogloss.knowledge.terms import Terms

router = APIRouter(include_in_schema=False)
MOST_FOUND = 12
MOST_STATEMENTS = 30
MOST_NAMES = 8

Words = Annotated[str, Query(max_length=300, description="An identifier or a name.")]


@router.get("/explore")
async def explore(request: Request, q: Words = "") -> Response:
    """Show where concepts are searched; what is found is asked for when the page is there."""
    return frame.page(request, "explore", q=q.strip(), has_graph=service_of(request).graph is not None)


@router.get("/web/explore", dependencies=[needs("graph")])
async def shown(request: Request, q: Annotated[str, Query(min_length=1, max_length=300)]) -> Response:
    """Show the concept that is meant, and others that may be."""
    names = service_of(request).names
    terms = names.step.linker.terms if names is not None else None
    found = await ask(request, lambda graph: _found(graph, q, terms))
    if found is None:
        return frame.piece(request, "_concept.html", q=q, node=None, others=[])
    node, known, parts = found.concepts[0], found.known, found.parts
    return frame.piece(
        request,
        "_concept.html",
        q=q,
        node=node,
        category=node.category.removeprefix("biolink:"),
        others=found.concepts[1:],
        definition=known.definition if known else "",
        also="; ".join(one.text for one in known.synonyms[:MOST_NAMES]) if known else "",
        counts=(found.statements, parts.concepts, node.degree),
        key=Markup(parts.key),  # noqa: S704 - the page escapes # nosec B704
        statements=Markup(parts.statements),  # noqa: S704 - the page escapes # nosec B704
        data=parts.data,
    )


class _Found(NamedTuple):
    """The concepts that words may mean, the likeliest first; of that one, what the index has, and its neighbourhood."""

    concepts: list[Concept]
    known: Known | None
    statements: int
    parts: pages.Parts


def _found(graph: Graph, words: str, terms: Terms | None) -> _Found | None:
    """What there is; None where no concept is meant."""
    concepts = graph.find(words, MOST_FOUND)
    if not concepts:
        return None
    known = terms.concept(concepts[0].id) if terms is not None else None
    edges = pages.around(graph, concepts[0], limit=MOST_STATEMENTS)
    return _Found(concepts, known, len(edges), pages.parts(graph, concepts[0], edges))
