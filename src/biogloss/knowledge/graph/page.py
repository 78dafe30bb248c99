"""A concept and what is said of it, as one self-contained web page: click a statement, read its sentences.

    write(graph, "metformin", Path("metformin.html"))

Every statement with its sentences stands in the page as text, to be read without a script, by keyboard or aloud; the
drawing (Cytoscape.js, in ``vendor/``) leads there. Nothing is fetched: the page's Content-Security-Policy lets its own
style and script alone run.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from biogloss import markup
from biogloss.errors import OutputError
from biogloss.knowledge._build import replaced
from biogloss.knowledge.graph.biolink import SYMMETRIC
from biogloss.knowledge.graph.filters import EVERYTHING
from biogloss.knowledge.graph.marked import marked
from biogloss.knowledge.graph.query import list_of
from biogloss.markup import attribute, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from biogloss.knowledge.graph.filters import Filter
    from biogloss.knowledge.graph.query import Concept, Edge, Graph
    from biogloss.knowledge.graph.statement import Evidence

MOST_SENTENCES = 12
"""Pieces of evidence that are shown of one statement; how many there are is said."""
MOST_BETWEEN = 150
"""Statements among the neighbours that are shown, the most believed."""
HUES = 8
"""Colours of categories in the style sheet and the script."""
_ROLES = {"subject": "s", "object": "o", "both": "s o"}


def write(
    graph: Graph,
    concept: str,
    target: Path,
    *,
    wanted: Filter = EVERYTHING,
    limit: int = 30,
    force: bool = False,
) -> None:
    """Write the page of a concept, its ``limit`` most believed statements and those among its neighbours.

    Raises:
        ConfigError: no such concept.
        OutputError: the file is there and ``force`` is not given, or it cannot be written.
    """
    if target.exists() and not force:
        msg = f"{target} exists already; --force writes it anew, or name another file with --html"
        raise OutputError(msg)
    node = graph.concept(concept)
    text = page(graph, node, around(graph, node, wanted, limit))
    with replaced(target) as place:
        place.write_text(text, encoding="utf-8", newline="\n")


def around(graph: Graph, node: Concept, wanted: Filter = EVERYTHING, limit: int = 30) -> list[Edge]:
    """The most believed statements about a concept, and those among the neighbours that they lead to."""
    near = graph.neighbours(node.id, wanted, limit)
    return [*near, *_among(graph, node, near, wanted)]


class Parts(NamedTuple):
    """Parts of a page about a concept: key of colours, drawing with its list, and what the script draws, as JSON."""

    key: str
    statements: str
    data: str
    concepts: int


def parts(graph: Graph, node: Concept, edges: Sequence[Edge]) -> Parts:
    """A concept and what is said of it, as parts of another page; :func:`style` and :func:`script` go with them."""
    ends = {end.number: end for edge in edges for end in (edge.subject, edge.object)} | {node.number: node}
    hues = {category: place for place, category in enumerate(sorted({end.category for end in ends.values()}))}
    articles = "\n".join(_article(edge, graph.evidence(edge, MOST_SENTENCES)) for edge in edges)
    items = "".join(f'<li class="h{hue % HUES}">{safe(_short(name))}</li>' for name, hue in hues.items())
    statements = f"""<div class="statements">
<div id="drawing">
<div id="graph" role="img" aria-label="Drawing of the statements that are listed beside it"></div>
</div>
<section id="said" aria-label="Statements">
<p id="shown" role="status"></p>
{articles}
</section>
</div>"""
    key = f'<ul class="key" aria-label="Categories">{items}</ul>'
    return Parts(key, statements, _data(node, ends.values(), edges, hues), len(ends))


def page(graph: Graph, node: Concept, edges: Sequence[Edge]) -> str:
    """The page, in one string."""
    own = parts(graph, node, edges)
    left = f" {node.degree:,} neighbours in all." if node.degree > own.concepts - 1 else ""
    return f"""{markup.head(f"{node.name or node.id}: what is said of it", style(), script())}\
<meta id="__________cytoscape_stylesheet">
<header class="top">
<h1 dir="auto">{safe(node.name or node.id)} <span class="quiet">{safe(node.id)}</span></h1>
<p>{len(edges):,} statements about {own.concepts:,} concepts.{left} Click a line or open a statement to read its
sentences.</p>
{own.key}
</header>
<main>
{own.statements}
</main>
<script type="application/json" id="data">{own.data}</script>
<script>{script()}</script>
</body>
</html>
"""


def _among(graph: Graph, node: Concept, near: Sequence[Edge], wanted: Filter) -> list[Edge]:
    """The most believed statements among the neighbours."""
    numbers = list_of({edge.other(node.number).number for edge in near} - {node.number})
    clause, values = wanted.edges()
    inside = "IN (SELECT value FROM json_each(?))"
    query = (
        f"SELECT e.number FROM links l JOIN edges e ON e.number = l.edge WHERE l.node {inside}"  # own words # nosec B608
        f" AND l.neighbour {inside} AND l.node = e.subject AND e.belief >= ?{clause}"
        f" ORDER BY e.belief DESC, e.number LIMIT {MOST_BETWEEN}"
    )
    return graph.edges([number for (number,) in graph.rows(query, (numbers, numbers, wanted.least, *values))])


def _article(edge: Edge, evidence: Sequence[Evidence]) -> str:
    years = f", {edge.first_year}–{edge.last_year}" if edge.first_year else ""  # noqa: RUF001 - of years
    counted = f"{edge.pieces:,} piece{'s' if edge.pieces != 1 else ''} of evidence"
    items = "".join(f"<li>{''.join(_item(one))}</li>" for one in evidence)
    more = f'<p class="quiet">… and {edge.pieces - len(evidence):,} more</p>' if edge.pieces > len(evidence) else ""
    return (
        f'<details id="e{edge.number}"><summary><span dir="auto">{safe(edge.subject.name or edge.subject.id)} '
        f"<i>{safe(_worded(edge.predicate))}</i> {safe(edge.object.name or edge.object.id)}</span> "
        f'<span class="quiet">belief {edge.belief:.2f}, {counted}{years}</span></summary>\n'
        f"<ul>{items}</ul>{more}</details>"
    )


def _item(one: Evidence) -> Iterator[str]:
    about = (one.document, str(one.year or ""), one.section, one.source, one.reference, one.label)
    said = f' <b class="{attribute(one.assertion)}">{safe(one.assertion)}</b>' if one.assertion != "asserted" else ""
    score = f", score {one.score:.2f}" if one.score is not None else ""
    yield f'<p class="about">{safe(", ".join(dict.fromkeys(filter(None, about))))}{score}{said}</p>'
    for sentence in marked(one):
        words = "".join(
            f'<mark class="{_ROLES[part.role]}">{safe(part.text)}</mark>' if part.role else safe(part.text)
            for part in sentence
        )
        yield f'<blockquote dir="auto">{words}</blockquote>'


def _data(node: Concept, ends: Iterable[Concept], edges: Sequence[Edge], hues: dict[str, int]) -> str:
    """What the drawing needs, as JSON that cannot end the element it stands in."""
    nodes = [
        {"id": f"n{end.number}", "label": end.name or end.id, "hue": hues[end.category] % HUES, "own": end == node}
        for end in sorted(ends, key=lambda end: end.number)
    ]
    lines = [
        {
            "id": f"e{edge.number}",
            "source": f"n{edge.subject.number}",
            "target": f"n{edge.object.number}",
            "label": _worded(edge.predicate),
            "belief": round(edge.belief, 3),
            "both": edge.predicate in SYMMETRIC,
        }
        for edge in edges
    ]
    return json.dumps({"nodes": nodes, "edges": lines}).replace("<", "\\u003c")


def _worded(predicate: str) -> str:
    return _short(predicate).replace("_", " ")


def _short(name: str) -> str:
    return name.removeprefix("biolink:")


def style() -> str:
    """The style of the page."""
    return _asset("_page.css")


def script() -> str:
    """The script of the page with what it draws by; ``drawing()`` draws what has come later."""
    return f"{_asset('vendor/cytoscape.min.js')}\n{_asset('_page.js')}"


@cache
def _asset(name: str) -> str:
    # Universal newlines: the digest is of what a browser sees, which has \n however the file was checked out.
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
