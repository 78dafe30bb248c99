"""What two concepts have in common that nobody has written down: Swanson's discovery, closed and open.

    common(graph, "fish oil", "Raynaud disease")       blood viscosity, platelet aggregation ...   (closed)
    suggested(graph, "fish oil", to=(DISEASE,))        Raynaud disease, over blood viscosity ...   (open)

After Swanson 1986 (doi:10.1353/pbm.1986.0087): A is related to B, B to C, and A and C have no statement together. A
concept in between counts by both beliefs and the less, the more it is related to (Adamic and Adar 2003,
doi:10.1016/S0378-8733(03)00009-8): the score is the sum over all B of belief(A, B) * belief(B, C) / ln(degree of B).
It orders, and is no probability.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.graph.filters import EVERYTHING, Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.knowledge.graph.query import Concept, Graph

SHOWN = 5


class Shared(NamedTuple):
    """A concept between two others: how far its statements with each are believed, and what it adds."""

    concept: Concept
    first: float
    second: float
    score: float


class Suggestion(NamedTuple):
    """A concept that has no statement with the one that was asked for: its score, how many lead there, the best."""

    concept: Concept
    score: float
    between: int
    over: tuple[Shared, ...]


def common(
    graph: Graph, one: str, other: str, *, wanted: Filter = EVERYTHING, limit: int | None = None
) -> list[Shared]:
    """The concepts that have statements with both, best first; those between are of ``wanted``'s categories.

    Raises:
        ConfigError: no such concept.
    """
    first = _near(graph, graph.concept(one).number, wanted)
    second = _near(graph, graph.concept(other).number, wanted)
    concepts = {node.number: node for node in graph.concepts(sorted(first.keys() & second.keys()))}
    found = [
        Shared(node, first[number], second[number], _weight(node.degree) * first[number] * second[number])
        for number, node in concepts.items()
    ]
    return sorted(found, key=lambda shared: (-shared.score, shared.concept.id))[:limit]


def suggested(
    graph: Graph, one: str, *, to: Sequence[str] = (), wanted: Filter = EVERYTHING, limit: int = 20
) -> list[Suggestion]:
    """The concepts that others lead to from this one, which has no statement with them at all; best first.

    Args:
        graph: to look in.
        one: an identifier or a name.
        to: the categories of what is found; none for all.
        wanted: the statements to go over, and the categories of the concepts between.
        limit: how many.

    Raises:
        ConfigError: no such concept.
    """
    start = graph.concept(one).number
    between = _near(graph, start, wanted)
    known = {number for (number,) in graph.rows("SELECT DISTINCT neighbour FROM links WHERE node = ?", (start,))}
    degrees = {node.number: node.degree for node in graph.concepts(sorted(between))}
    scores: dict[int, float] = {}
    counts: dict[int, int] = {}
    leading = Filter(wanted.predicates, tuple(to), wanted.least, wanted.years, wanted.sources, wanted.asserted)
    for number in sorted(between):
        for neighbour, belief in _near(graph, number, leading).items():
            if neighbour != start and neighbour not in known:
                added = _weight(degrees[number]) * between[number] * belief
                scores[neighbour] = scores.get(neighbour, 0.0) + added
                counts[neighbour] = counts.get(neighbour, 0) + 1
    chosen = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
    return [
        Suggestion(node, scores[node.number], counts[node.number], _over(graph, one, node, wanted))
        for node in graph.concepts(chosen)
    ]


def _over(graph: Graph, one: str, node: Concept, wanted: Filter) -> tuple[Shared, ...]:
    return tuple(common(graph, one, node.id, wanted=wanted, limit=SHOWN))


def _near(graph: Graph, number: int, wanted: Filter) -> dict[int, float]:
    """The neighbours of a node, each with the belief of its best statement."""
    joins, clause, values = wanted.links()
    query = (
        f"SELECT l.neighbour, max(l.belief) FROM links l{joins} WHERE l.node = ? AND l.belief >= ?{clause}"
        " GROUP BY l.neighbour"  # own words # nosec B608
    )
    return dict(graph.rows(query, (number, wanted.least, *values)))


def _weight(degree: int) -> float:
    return 1 / log(max(degree, 2))
