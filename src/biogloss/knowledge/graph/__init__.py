"""A graph of statements that point back to the sentence: built from annotated documents and curated layers.

from biogloss.knowledge.graph import Graph, best
with Graph.open("my.graph") as graph:
    for path in best(graph, "metformin", "lactic acidosis"):
        print(path.score, [concept.name for concept in path.concepts], graph.evidence(path.edges[0]))
"""

from __future__ import annotations

from biogloss.knowledge.graph.build import Reading, record
from biogloss.knowledge.graph.discovery import common, suggested
from biogloss.knowledge.graph.filters import Filter
from biogloss.knowledge.graph.paths import best, shortest
from biogloss.knowledge.graph.query import Graph
from biogloss.knowledge.graph.statement import Evidence, Node, Record, Statement
from biogloss.knowledge.graph.store import Store

__all__ = [
    "Evidence",
    "Filter",
    "Graph",
    "Node",
    "Reading",
    "Record",
    "Statement",
    "Store",
    "best",
    "common",
    "record",
    "shortest",
    "suggested",
]
