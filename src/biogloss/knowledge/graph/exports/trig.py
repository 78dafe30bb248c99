"""RDF as TriG, Turtle with named graphs: each statement in one of its own, whose name belief and evidence speak of.

<urn:biogloss:statement:...> { <https://bioregistry.io/mesh:D008750> biolink:causes <...D007022> . }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.exports import _rdf

if TYPE_CHECKING:
    from pathlib import Path

    from biogloss.knowledge.graph.query import Graph

FOLDER = False
SUFFIX = ".trig"


def write(graph: Graph, target: Path) -> None:
    """The file."""
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        _rdf.write(graph, stream, named=True)
