"""GraphML, for Cytoscape, Gephi, yEd, networkx and igraph.

<edge id="40" source="MESH:D008750" target="MESH:D007022"><data key="predicate">biolink:causes</data> ...
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from biogloss.knowledge.graph.exports import _rows

if TYPE_CHECKING:
    from pathlib import Path

    from biogloss.knowledge.graph.exports._rows import Summary
    from biogloss.knowledge.graph.query import Concept, Graph

FOLDER = False
SUFFIX = ".graphml"
_KEYS = {
    "node": (("name", "string"), ("category", "string"), ("degree", "int")),
    "edge": (
        *(("predicate", "string"), ("belief", "double"), ("pieces", "int"), ("negated", "boolean")),
        *(("sources", "string"), ("documents", "string"), ("first_year", "int"), ("last_year", "int")),
    ),
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(graph: Graph, target: Path) -> None:
    """The file: a directed graph, in which two nodes may have several edges."""
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(_HEAD)
        for end, keys in _KEYS.items():
            for name, kind in keys:
                stream.write(f'<key id="{end[0]}_{name}" for="{end}" attr.name="{name}" attr.type="{kind}"/>\n')
        stream.write('<graph edgedefault="directed">\n')
        stream.writelines(map(_node, _rows.nodes(graph)))
        stream.writelines(map(_edge, _rows.statements(graph)))
        stream.write("</graph>\n</graphml>\n")


def _node(node: Concept) -> str:
    return f"<node id={_quoted(node.id)}>{_data('n', node._asdict(), 'node')}</node>\n"


def _edge(found: Summary) -> str:
    edge = found.edge
    fields = {
        **edge._asdict(),
        "negated": str(found.is_negated).lower(),
        "sources": ";".join(found.sources),
        "documents": ";".join(found.documents),
    }
    ends = f"source={_quoted(edge.subject.id)} target={_quoted(edge.object.id)}"
    return f'<edge id="e{edge.number}" {ends}>{_data("e", fields, "edge")}</edge>\n'


def _data(prefix: str, fields: dict[str, object], end: str) -> str:
    return "".join(
        f'<data key="{prefix}_{name}">{escape(_NO_XML.sub(" ", str(fields[name])))}</data>'
        for name, _ in _KEYS[end]
        if fields[name] is not None
    )


def _quoted(text: str) -> str:
    return quoteattr(_NO_XML.sub(" ", text))
