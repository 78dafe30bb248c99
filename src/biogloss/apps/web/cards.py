"""A model's card, which is written in Markdown, as HTML that fetches and runs nothing."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def html_of(card: str) -> str:
    """The card between tags: its headings one level lower, its HTML shown as text, no picture, no style of its own."""
    tokens = _reader().parse(card)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        if "right" in str(token.attrs.pop("style", "")):
            token.attrs["class"] = "number"
    found: str = _reader().renderer.render(tokens, _reader().options, {})
    return found
