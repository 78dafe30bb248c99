"""Marks every sentence: "Dr. Wu gave 5 mg i.v. The fever fell." has two.

Where sentences end is told by :func:`biogloss.documents.sentences.sentences`, which may be imported from here too.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from biogloss.documents import Document, Mark
from biogloss.documents.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KIND", "STRUCTURE", "sentences", "step"]

KIND = "sentence"
STRUCTURE = frozenset(
    {"title", "abstract", "section", "paragraph", "heading", "table", "figure", "caption", "reference"}
)
"""Kinds of marks that no sentence crosses."""


def step() -> Callable[[Document], Document]:
    """The step that marks every sentence (``Mark.kind`` is ``sentence``), never across a title, section or caption.

    A document that has sentence marks already keeps them and gets no others.
    """
    return _marked


def _marked(document: Document) -> Document:
    if any(mark.kind == KIND for mark in document.marks):
        return document
    edges = {edge for mark in document.marks if mark.kind in STRUCTURE for edge in (mark.span.start, mark.span.end)}
    cuts = sorted(edges | {0, len(document.text)})
    marks = [
        Mark(span.shift(start), KIND)
        for start, end in pairwise(cuts)
        for span in sentences(document.text[start:end], document.language)
    ]
    return document.with_marks((*document.marks, *marks))
