"""*Explore*: a concept of the graph, what is said of it, and the sentences that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.routes.graph import ask
from biogloss.apps.web import frame
from biogloss.knowledge.graph import page as pages

if TYPE_CHECKING:
    from biogloss.knowledge.graph.query import Concept, Graph

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
async def found(request: Request, q: Annotated[str, Query(min_length=1, max_length=300)]) -> Response:
    """Show the concept that is meant, and others that may be."""
    concepts, edges, parts = await ask(request, lambda graph: _found(graph, q))
    if parts is None:
        return frame.piece(request, "_concept.html", q=q, node=None, others=[])
    node = concepts[0]
    names = service_of(request).names
    known = names.step.linker.terms.concept(node.id) if names is not None else None
    return frame.piece(
        request,
        "_concept.html",
        q=q,
        node=node,
        category=node.category.removeprefix("biolink:"),
        others=concepts[1:],
        definition=known.definition if known else "",
        also="; ".join(one.text for one in known.synonyms[:MOST_NAMES]) if known else "",
        counts=(edges, parts.concepts, node.degree),
        key=Markup(parts.key),  # noqa: S704 - the page escapes
        statements=Markup(parts.statements),  # noqa: S704 - the page escapes
        data=parts.data,
    )


def _found(graph: Graph, words: str) -> tuple[list[Concept], int, pages.Parts | None]:
    """The concepts that words may mean, the likeliest first, and the neighbourhood of that one."""
    concepts = graph.find(words, MOST_FOUND)
    if not concepts:
        return [], 0, None
    edges = pages.around(graph, concepts[0], limit=MOST_STATEMENTS)
    return concepts, len(edges), pages.parts(graph, concepts[0], edges)
