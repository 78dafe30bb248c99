"""The frame of the web page that ``html`` writes: head, legend, and text made safe to show.

    safe("p < .05" and a NUL)   ->   p &lt; .05<span class="control" title="U+0000">NUL</span>

The page is one file without any outside resource. Its Content-Security-Policy lets only the style and the script of
this module run, by their digests, so nothing that stands in a text can.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Characters that are invisible or reorder their surroundings: shown by name. Zero-width joiners make emoji and scripts
# what they are and stay.
_NAMES = {0x00: "NUL", 0x08: "BS", 0x0B: "VT", 0x0C: "FF", 0x1B: "ESC", 0x7F: "DEL"}
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_HIDDEN = {
    *(set(range(0x20)) - {0x09, 0x0A, 0x0D}),
    *range(0x7F, 0xA0),
    *_DIRECTIONS,
    *range(0xD800, 0xE000),
    0xFEFF,
    0xFFFE,
    0xFFFF,
}
_MARKUP = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}
_IN_TEXT = _MARKUP | {
    code: f'<span class="control" title="U+{code:04X}">{_NAMES.get(code, f"U+{code:04X}")}</span>' for code in _HIDDEN
}
_IN_ATTRIBUTE = _MARKUP | {ord("\n"): "&#10;"} | {code: f"[U+{code:04X}]" for code in _HIDDEN}


def safe(text: str) -> str:
    """Text as it stands between tags; hidden control characters are shown by their names."""
    return _one_line_end(text).translate(_IN_TEXT)


def attribute(text: str) -> str:
    """Text as it stands in the quotes of an attribute, or in a title."""
    return _one_line_end(text).translate(_IN_ATTRIBUTE)


def head() -> str:
    """The page up to the first document."""
    style, script = _asset("_page.css"), _asset("_page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Biogloss">
<title>Annotated text</title>
<style>{style}</style>
</head>
<body>
<header class="top">
<h1>Annotated text</h1>
<p>Point at a coloured word, or reach it with the Tab key, to see what it is. <a href="#types">Types and counts</a></p>
</header>
<div id="bar"></div>
<main>
"""


def tail(counts: Mapping[str, int], colours: Mapping[str, int], documents: int) -> str:
    """The page after the last document: the legend with the number of entities of each type, and the script."""
    ranked = sorted(counts, key=lambda label: (-counts[label], label))
    places = {label: place for place, label in enumerate(colours)}
    items = "\n".join(_item(label, places[label], colours[label], counts[label]) for label in ranked)
    return f"""</main>
<section id="types" aria-label="Types of entities">
<h2>{_counted(documents, "document")}, {_counted(sum(counts.values()), "entity", "entities")}</h2>
<ul>
{items}
</ul>
</section>
<script>{_asset("_page.js")}</script>
</body>
</html>
"""


def _item(label: str, place: int, colour: int, count: int) -> str:
    return (
        f'<li><label><input type="checkbox" checked data-type="{place}">'
        f'<span class="e c{colour}">{safe(label) or "no type"}</span> <span class="count">{count:,}</span></label></li>'
    )


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


@cache
def _asset(name: str) -> str:
    # Universal newlines: the digest is of what a browser sees, which has \n however the file was checked out.
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
