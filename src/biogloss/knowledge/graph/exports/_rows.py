"""What every form is written from: nodes, statements with what their evidence comes to, and evidence.

Summary(edge, documents=("10491763",), references=("PMID:31675180",), sources=("cdr",), kinds=("reading",), negated=0)
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.graph.statement import ASSERTIONS, LAYER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.knowledge.graph.query import Concept, Edge, Graph

MOST = 200
"""Documents and references that are named with one statement; how many there are is said in any case."""
_NEGATED = ASSERTIONS.index("negated")


class Summary(NamedTuple):
    """A statement, and what its evidence comes to: at most ``MOST`` documents and references, and who says it."""

    edge: Edge
    documents: tuple[str, ...]
    references: tuple[str, ...]
    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    negated: int

    @property
    def is_negated(self) -> bool:
        """Whether all its evidence denies it."""
        return self.negated == self.edge.pieces

    @property
    def identifier(self) -> str:
        """An identifier of the statement that stays the same when the graph is built again."""
        return f"{self.edge.subject.id}-{self.edge.predicate}-{self.edge.object.id}"


def nodes(graph: Graph) -> Iterator[Concept]:
    """Every node, in the order of identifiers."""
    from biogloss.knowledge.graph.query import Concept  # noqa: PLC0415 - the type at run time

    query = "SELECT n.number, n.id, n.name, c.name, n.degree FROM nodes n JOIN categories c ON c.number = n.category"
    return (Concept(*row) for row in graph.stream(f"{query} ORDER BY n.id"))


def statements(graph: Graph) -> Iterator[Summary]:
    """Every statement, in the order of the graph."""
    query = (
        "SELECT v.edge, d.kind, d.id, v.reference, s.name, s.kind, v.assertion FROM evidence v"
        " JOIN documents d ON d.number = v.document JOIN sources s ON s.number = v.source ORDER BY v.edge, v.number"
    )
    grouped = groupby(graph.stream(query), key=itemgetter(0))
    for edge, (number, rows) in zip(graph.all_edges(), grouped, strict=True):
        assert edge.number == number
        found = list(rows)
        documents = dict.fromkeys(row[2] for row in found if row[1] != LAYER)
        references = dict.fromkeys(row[3] for row in found if row[3])
        yield Summary(
            edge,
            tuple(documents)[:MOST],
            tuple(references)[:MOST],
            tuple(sorted({row[4] for row in found})),
            tuple(sorted({row[5] for row in found})),
            sum(row[6] == _NEGATED for row in found),
        )
