"""The frame of the web page that ``html`` writes: head and legend.

The page is one file without any outside resource. Its Content-Security-Policy lets only the style and the script of
this module run, by their digests, so nothing that stands in a text can.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from biogloss import markup
from biogloss.markup import safe

if TYPE_CHECKING:
    from collections.abc import Mapping


def head() -> str:
    """The page up to the first document."""
    return f"""{markup.head("Annotated text", style(), script())}\
<header class="top">
<h1>Annotated text</h1>
<p>Point at a coloured word, or reach it with the Tab key, to see what it is. Struck: absent. Italic: possible, feared
or under a condition. Pale: past, or another person's. <a href="#types">Types and counts</a></p>
</header>
<div id="bar"></div>
<main>
"""


def style() -> str:
    """The style of the page, for other pages of this house to begin with."""
    return _asset("_page.css")


def script() -> str:
    """The script of the page, for other pages of this house: ``biogloss.legend()`` serves a legend that came later."""
    return _asset("_arcs.js") + _asset("_page.js")


def tail(counts: Mapping[str, int], colours: Mapping[str, int], documents: int) -> str:
    """The page after the last document: the legend with the number of entities of each type, and the script."""
    return f"""</main>
<section id="types" aria-label="Types of entities">
<h2>{_counted(documents, "document")}, {_counted(sum(counts.values()), "entity", "entities")}</h2>
<ul>
{items(counts, colours)}
</ul>
</section>
<script>{script()}</script>
</body>
</html>
"""


def items(counts: Mapping[str, int], colours: Mapping[str, int]) -> str:
    """The items of the legend, the most frequent type first; each has a box that shows and hides its type."""
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    places = {label: place for place, label in enumerate(colours)}
    return "\n".join(_item(label, places[label], colours[label], counts[label]) for label in ranked)


def _item(label: str, place: int, colour: int, count: int) -> str:
    return (
        f'<li><label><input type="checkbox" checked data-type="{place}">'
        f'<span class="e c{colour}">{safe(label) or "no type"}</span> <span class="count">{count:,}</span></label></li>'
    )


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"


@cache
def _asset(name: str) -> str:
    # Universal newlines: the digest is of what a browser sees, which has \n however the file was checked out.
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
