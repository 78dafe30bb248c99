"""KGX as JSON lines: a folder with ``nodes.jsonl`` and ``edges.jsonl``.

{"id": "MESH:D008750", "category": ["biolink:ChemicalEntity"], "name": "alpha-methyldopa", "degree": 4}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from biogloss.knowledge.graph.exports import _kgx, _rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from biogloss.knowledge.graph.query import Graph

FOLDER = True
SUFFIX = ""


def write(graph: Graph, target: Path) -> None:
    """The two files."""
    _lines(target / "nodes.jsonl", map(_kgx.node, _rows.nodes(graph)))
    _lines(target / "edges.jsonl", map(_kgx.edge, _rows.statements(graph)))


def _lines(path: Path, objects: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
