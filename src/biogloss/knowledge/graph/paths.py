"""Ways from one concept to another: the best of a length, and the shortest.

    best(graph, "DrugBank:DB00331", "HP:0001943", k=5, longest=3)
    [Path(0.71, (metformin, type 2 diabetes mellitus, hypoglycemia), ...), ...]

A path goes over statements in either direction and through no concept twice. Between two concepts it takes the most
believed statement, and is as good as the product of its beliefs. Both ends are looked at first, and what lies between
them is asked for from the side that has fewer links, the most promising first, until no path can be better than those
that are found: no belief is above 1.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from biogloss.errors import ConfigError
from biogloss.knowledge.graph.filters import EVERYTHING
from biogloss.knowledge.graph.query import list_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from biogloss.knowledge.graph.filters import Filter
    from biogloss.knowledge.graph.query import Concept, Edge, Graph

LONGEST = 4
_PROBE = 4
"""How many links are read in the time of looking for one."""
_ROUNDED = 1 - 1e-12
"""Bounds are let down by more than rounding can raise them."""
_FIRST, _MOST = 4, 128
"""How many neighbours are followed at once: few, until there are paths to be beaten."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a concept to another: its score in [0, 1], the concepts, and for each step its statement."""

    score: float
    concepts: tuple[Concept, ...]
    edges: tuple[Edge, ...]


class _Found(NamedTuple):
    """A path by numbers; the order of two that are equally good is that of length, then of numbers."""

    score: float
    nodes: tuple[int, ...]

    @property
    def order(self) -> tuple[float, int, tuple[int, ...]]:
        return -self.score, len(self.nodes), self.nodes


class _Best:
    """The k best paths so far."""

    def __init__(self, k: int) -> None:
        self._k = k
        self.found: list[_Found] = []

    @property
    def least(self) -> float:
        """What a path must beat to count."""
        return self.found[-1].score if len(self.found) >= self._k else -1.0

    def add(self, paths: Iterable[_Found]) -> None:
        self.found = heapq.nsmallest(self._k, [*self.found, *paths], key=lambda one: one.order)


class _Links(NamedTuple):
    """Links from nodes, each to a neighbour with the belief of its best statement; arrays of one length."""

    node: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    belief: NDArray[np.float64]

    def sorted(self) -> _Links:
        """The most believed first, then by number."""
        order = np.lexsort((self.neighbour, -self.belief))
        return self.at(order)

    def without(self, *nodes: int) -> _Links:
        """Those that lead elsewhere."""
        return self.at(~np.isin(self.neighbour, nodes))

    def at(self, places: NDArray[Any]) -> _Links:
        """Those at some places, or where it is true."""
        return _Links(self.node[places], self.neighbour[places], self.belief[places])


def best(
    graph: Graph, one: str, other: str, *, k: int = 10, longest: int = 3, wanted: Filter = EVERYTHING
) -> list[Path]:
    """The k best paths of at most ``longest`` steps (up to 4), best first; the concepts between are of ``wanted``.

    Raises:
        ConfigError: no such concept, both the same, or a length that is not from 1 to 4.
    """
    start, end = _ends(graph, one, other)
    if not 1 <= longest <= LONGEST:
        msg = f"paths of {longest} steps; expected 1 to {LONGEST}"
        raise ConfigError(msg)
    search = _Search(graph, start, end, wanted)
    found = _Best(k)
    for ways in (search.direct, search.over_one, search.over_two, search.over_three)[:longest]:
        ways(found)
    return [_path(graph, path, wanted) for path in found.found]


def shortest(graph: Graph, one: str, other: str, *, longest: int = 8, wanted: Filter = EVERYTHING) -> Path | None:
    """The best of the shortest paths; None where there is none of at most ``longest`` steps.

    Raises:
        ConfigError: no such concept, or both the same.
    """
    start, end = _ends(graph, one, other)
    if graph.between(graph.concepts([start])[0].id, graph.concepts([end])[0].id, wanted, limit=1):
        found = _Best(1)
        _Search(graph, start, end, wanted).direct(found)
        return _path(graph, found.found[0], wanted)
    sides = (_Side(graph, start, end, wanted), _Side(graph, end, start, wanted))
    for _ in range(longest):
        side = min((side for side in sides if side.ahead), key=lambda side: len(side.ahead), default=None)
        if side is None or not all(one.ahead for one in sides):
            return None
        side.step()
        if meeting := sides[0].ahead.keys() & sides[1].ahead.keys():
            return _path(graph, max(_met(sides, meeting), key=lambda one: (one.score, one.nodes)), wanted)
    return None


class _Side:
    """A search in widening circles from one end: each node of the outermost, with its score and the way back."""

    def __init__(self, graph: Graph, start: int, goal: int, wanted: Filter) -> None:
        self._search, self._goal = _Search(graph, start, goal, wanted), goal
        self.ahead: dict[int, float] = {start: 1.0}
        self.back: dict[int, int] = {}
        self._seen = {start}

    def step(self) -> None:
        """To all that was not reached before, over the best of the shortest ways."""
        new: dict[int, float] = {}
        links = self._search.links(self.ahead)
        for node, neighbour, belief in zip(*(column.tolist() for column in links), strict=True):
            score = self.ahead[node] * belief
            if neighbour not in self._seen and score > new.get(neighbour, -1.0):
                new[neighbour], self.back[neighbour] = score, node
        self._seen |= new.keys()
        self.ahead = new

    def way(self, node: int) -> list[int]:
        """From a node back to the start."""
        way = [node]
        while way[-1] in self.back:
            way.append(self.back[way[-1]])
        return way


def _met(sides: Sequence[_Side], meeting: Iterable[int]) -> Iterator[_Found]:
    first, second = sides
    for node in meeting:
        way = (*reversed(first.way(node)), *second.way(node)[1:])
        yield _Found(first.ahead[node] * second.ahead[node], way)


class _Search:
    """Paths between two nodes, of each length; and links as arrays."""

    def __init__(self, graph: Graph, start: int, end: int, wanted: Filter) -> None:
        self._graph, self._start, self._end, self._wanted = graph, start, end, wanted
        self._near = [self.links([node]).without(start, end).sorted() for node in (start, end)]

    def links(self, nodes: Iterable[int], least: float = 0.0) -> _Links:
        """The links of nodes with at least such a belief, of each pair the best."""
        joins, clause, values = self._wanted.links()
        return self._table(
            f"json_each(?) i CROSS JOIN links l{joins} WHERE l.node = i.value AND l.belief >= ?{clause}",
            (list_of(nodes), max(least, self._wanted.least), *values),
        )

    def _probed(self, nodes: Iterable[int], others: Iterable[int], least: float) -> _Links:
        """The links between each of the ones and each of the others."""
        joins, clause, values = self._wanted.links()
        return self._table(
            f"json_each(?) i CROSS JOIN json_each(?) j CROSS JOIN links l{joins}"
            f" WHERE l.node = i.value AND l.neighbour = j.value AND l.belief >= ?{clause}",
            (list_of(nodes), list_of(others), max(least, self._wanted.least), *values),
        )

    def _table(self, tables: str, values: Sequence[object]) -> _Links:
        query = (
            f"SELECT l.node, l.neighbour, max(l.belief) FROM {tables}"  # own words # nosec B608
            " GROUP BY l.node, l.neighbour"
        )
        table = np.array(self._graph.rows(query, values), dtype=np.float64).reshape(-1, 3)
        return _Links(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])

    def direct(self, found: _Best) -> None:
        """Over nothing."""
        ends = self._graph.concepts([self._start, self._end])
        for edge in self._graph.between(ends[0].id, ends[1].id, self._wanted, limit=1):
            found.add([_Found(edge.belief, (self._start, self._end))])

    def over_one(self, found: _Best) -> None:
        """Over a neighbour of both."""
        first, second = self._near
        nodes, one, other = np.intersect1d(first.neighbour, second.neighbour, assume_unique=True, return_indices=True)
        scores = first.belief[one] * second.belief[other]
        found.add(
            _Found(score, (self._start, node, self._end))
            for node, score in zip(nodes.tolist(), scores.tolist(), strict=True)
        )

    def over_two(self, found: _Best) -> None:
        """Over a neighbour of each, from the side that has fewer links."""
        turned = self._degrees(self._near[0].neighbour) > self._degrees(self._near[1].neighbour)
        first, second = self._near[::-1] if turned else self._near
        if not len(first.neighbour) or not len(second.neighbour):
            return
        ends = dict(zip(second.neighbour.tolist(), second.belief.tolist(), strict=True))
        highest = float(second.belief.max())
        start, many = 0, _FIRST
        while start < len(first.neighbour) and first.belief[start] * highest > found.least:
            part = slice(start, start + many)
            begin = dict(zip(first.neighbour[part].tolist(), first.belief[part].tolist(), strict=True))
            # What is denied is believed 0, and counts as long as there are fewer than k paths.
            least = _ROUNDED * found.least / (float(first.belief[start]) * highest) if found.least > 0 else 0.0
            links = self._between(begin, second.neighbour, least)
            found.add(self._joined(links, begin, ends, turned=turned, least=found.least))
            start, many = start + many, min(2 * many, _MOST)

    def _between(self, nodes: Iterable[int], others: NDArray[np.int64], least: float) -> _Links:
        """The links from some nodes to others: all links of the ones, or each pair, whichever is less."""
        some = list(nodes)
        if _PROBE * len(some) * len(others) < self._degrees(some):
            return self._probed(some, others.tolist(), least)
        links = self.links(some, least)
        return links.at(np.isin(links.neighbour, others))

    def _joined(
        self, links: _Links, begin: dict[int, float], ends: dict[int, float], *, turned: bool, least: float
    ) -> Iterator[_Found]:
        for node, neighbour, belief in zip(*(column.tolist() for column in links), strict=True):
            score = begin[node] * belief * ends[neighbour]
            if score > least:
                between = (neighbour, node) if turned else (node, neighbour)
                yield _Found(score, (self._start, *between, self._end))

    def over_three(self, found: _Best) -> None:
        """Over a neighbour of each, and what is next to both; the most promising of those first."""
        first, second = (self._two_steps(near) for near in self._near)
        middles = first.keys() & second.keys()
        promised = sorted(((first[m][0][0] * second[m][0][0], m) for m in middles), key=lambda one: (-one[0], one[1]))
        for bound, middle in promised:
            if bound <= found.least:
                break
            found.add(
                _Found(one * other, (self._start, x, middle, y, self._end))
                for one, x in first[middle]
                for other, y in second[middle]
                if x != y
            )

    def _two_steps(self, near: _Links) -> dict[int, list[tuple[float, int]]]:
        """(score, over which neighbour) of each node two steps away, best first."""
        begin = dict(zip(near.neighbour.tolist(), near.belief.tolist(), strict=True))
        ways: dict[int, list[tuple[float, int]]] = {}
        links = self.links(begin).without(self._start, self._end)
        for node, neighbour, belief in zip(*(column.tolist() for column in links), strict=True):
            ways.setdefault(neighbour, []).append((begin[node] * belief, node))
        for reached in ways.values():
            reached.sort(key=lambda one: (-one[0], one[1]))
        return ways

    def _degrees(self, nodes: Iterable[int]) -> int:
        """How many links they have, together."""
        query = "SELECT coalesce(sum(degree), 0) FROM nodes WHERE number IN (SELECT value FROM json_each(?))"
        return int(self._graph.rows(query, (list_of(nodes),))[0][0])


def _ends(graph: Graph, one: str, other: str) -> tuple[int, int]:
    start, end = graph.concept(one), graph.concept(other)
    if start.number == end.number:
        msg = f"{one!r} and {other!r} are the same concept, {start.id} {start.name}; name two"
        raise ConfigError(msg)
    return start.number, end.number


def _path(graph: Graph, found: _Found, wanted: Filter) -> Path:
    concepts = graph.concepts(found.nodes)
    steps = [graph.between(one.id, other.id, wanted, limit=1)[0] for one, other in pairwise(concepts)]
    return Path(found.score, tuple(concepts), tuple(steps))
