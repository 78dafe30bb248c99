"""RDF as Turtle: every statement as a triple, and described with its belief and evidence beside it (reification).

<https://bioregistry.io/mesh:D008750> biolink:causes <https://bioregistry.io/mesh:D007022> .
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.exports import _rdf

if TYPE_CHECKING:
    from pathlib import Path

    from biogloss.knowledge.graph.query import Graph

FOLDER = False
SUFFIX = ".ttl"


def write(graph: Graph, target: Path) -> None:
    """The file."""
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        _rdf.write(graph, stream, named=False)
