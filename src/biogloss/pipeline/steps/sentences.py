"""Marks every sentence: "Dr. Wu gave 5 mg i.v. The fever fell." has two.

Where sentences end is told by :func:`biogloss.documents.sentences.sentences`, which may be imported from here too.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from biogloss.documents import Document, Mark
from biogloss.documents.kinds import STRUCTURE
from biogloss.documents.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    from biogloss.documents import Span

__all__ = ["KIND", "sentences", "spans", "step"]

KIND = "sentence"


def step() -> Callable[[Document], Document]:
    """The step that marks every sentence (``Mark.kind`` is ``sentence``), never across a title, section or caption.

    A document that has sentence marks already keeps them and gets no others.
    """
    return _marked


def spans(document: Document) -> list[Span]:
    """The sentences of a document in order: those that are marked, or else as they are told.

    None that is told crosses a title, section or caption.
    """
    if marked := document.marked(KIND):
        return sorted(mark.span for mark in marked)
    edges = {edge for mark in document.marks if mark.kind in STRUCTURE for edge in (mark.span.start, mark.span.end)}
    cuts = sorted(edges | {0, len(document.text)})
    return [
        span.shift(start)
        for start, end in pairwise(cuts)
        for span in sentences(document.text[start:end], document.language)
    ]


def _marked(document: Document) -> Document:
    if any(mark.kind == KIND for mark in document.marks):
        return document
    return document.with_marks((*document.marks, *(Mark(span, KIND) for span in spans(document))))
