"""KGX as tables: a folder with ``nodes.tsv`` and ``edges.tsv``, several values in a cell joined by ``|``.

id            category                 name              degree
MESH:D008750  biolink:ChemicalEntity   alpha-methyldopa  4
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.exports import _kgx, _rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from biogloss.knowledge.graph.query import Graph

FOLDER = True
SUFFIX = ""
_APART = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def write(graph: Graph, target: Path) -> None:
    """The two files."""
    _table(target / "nodes.tsv", _kgx.NODE, map(_kgx.node, _rows.nodes(graph)))
    _table(target / "edges.tsv", _kgx.EDGE, map(_kgx.edge, _rows.statements(graph)))


def _table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("\t".join(columns) + "\n")
        stream.writelines("\t".join(_cell(row.get(name, "")) for name in columns) + "\n" for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "|".join(str(one).replace("|", " ") for one in value).translate(_APART)
    return str(value).translate(_APART)
