"""What is wrong with a graph, read from end to end; nothing where it is whole.

problems(graph)    "evidence 91: the subject's characters 60-76 are not in its sentences"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.statement import CURATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.knowledge.graph.query import Graph

_EMPTY = {
    "statements without evidence": "SELECT count(*) FROM edges WHERE number NOT IN (SELECT edge FROM evidence)",
    "pieces of evidence of no statement": "SELECT count(*) FROM evidence WHERE edge NOT IN (SELECT number FROM edges)",
    "pieces of evidence without document": (
        "SELECT count(*) FROM evidence WHERE document NOT IN (SELECT number FROM documents)"
    ),
    "statements whose pieces are not counted right": (
        "SELECT count(*) FROM edges e WHERE pieces != (SELECT count(*) FROM evidence WHERE edge = e.number)"
    ),
    "statements that are not linked from both ends": (
        "SELECT count(*) FROM edges e WHERE 2 != (SELECT count(*) FROM links l WHERE l.edge = e.number AND"
        " l.belief = e.belief AND l.node IN (e.subject, e.object) AND l.neighbour IN (e.subject, e.object))"
    ),
    "concepts without statement": "SELECT count(*) FROM nodes WHERE number NOT IN (SELECT node FROM links)",
    "concepts whose neighbours are not counted right": (
        "SELECT count(*) FROM nodes n"
        " WHERE degree != (SELECT count(DISTINCT neighbour) FROM links WHERE node = n.number)"
    ),
}
"""What there may be none of."""


def problems(graph: Graph) -> Iterator[str]:
    """Say what is wrong, in words."""
    (said,) = graph.rows("PRAGMA integrity_check(1)")[0]
    if said != "ok":
        yield f"the file is damaged: {said}"
    for words, query in _EMPTY.items():
        if (count := graph.rows(query)[0][0]) > 0:
            yield f"{count:,} {words}"
    for edge in graph.all_edges():
        for one in graph.evidence(edge):
            for role, spans in (("subject", one.subject), ("object", one.object)):
                if one.kind != CURATED and not one.words(spans):
                    statement = f"{edge.subject.id} {edge.predicate} {edge.object.id}"
                    yield f"{statement}, document {one.document}: no sentence has its {role}"
