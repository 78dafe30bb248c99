"""SIF, as Cytoscape reads it: subject, predicate and object in a line.

MESH:D008750	causes	MESH:D007022
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from biogloss.knowledge.graph.query import Graph

FOLDER = False
SUFFIX = ".sif"


def write(graph: Graph, target: Path) -> None:
    """The file."""
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        for edge in graph.all_edges():
            stream.write(f"{edge.subject.id}\t{edge.predicate.removeprefix('biolink:')}\t{edge.object.id}\n")
