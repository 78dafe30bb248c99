"""Marks every sentence: "Dr. Wu gave 5 mg i.v. The fever fell." has two.

Where sentences end is told by :mod:`biogloss.documents.sentences`, whose functions may be imported from here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.documents.sentences import SENTENCE, marked, sentences, spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from biogloss.documents import Document

__all__ = ["KIND", "sentences", "spans", "step"]

KIND = SENTENCE


def step() -> Callable[[Document], Document]:
    """The step that marks every sentence (``Mark.kind`` is ``sentence``), never across a title, section or caption.

    A document that has sentence marks already keeps them and gets no others.
    """
    return marked
