"""One name, one decision: what a text says of a name in one place counts in its other places.

    "nitroglycerin (0.97) ... nitroglycerin (0.41) ..."      0.97 and 0.69, the mean of each with the best of its name

A clear sentence decides for an unclear one; a place that the model is sure about stays as it is. Names are the same
when their characters are (after the label consistency of tmChem, Leaman et al. 2015, with scores in place of counts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss.documents import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from biogloss.models.tokenizer import Pieces

MIN_CHARACTERS = 2
MIN_ADDED_SCORE = 0.5  # more likely than not

Scored = tuple[Span, float]


def agreed(text: str, pieces: Pieces, likelihood: NDArray[np.float32], found: Sequence[Scored]) -> list[Scored]:
    """The entities of one type with scores that agree, and the places of the same names that were overlooked.

    Args:
        text: what the pieces are of.
        pieces: of the text.
        likelihood: (pieces, 2) probabilities in [0, 1] that a piece begins an entity, and that it goes on with one.
        found: spans of whole words and their scores in [0, 1], none overlapping.

    Returns:
        All of ``found`` and what was added, in reading order; scores are in [0, 1].
    """
    names: dict[str, list[Scored]] = {}
    taken = bytearray(len(text))
    for span, score in found:
        names.setdefault(text[span.start : span.end], []).append((span, score))
        _take(taken, span)
    result = []
    for name in sorted(names, key=len, reverse=True):  # so that a longer name is added before one inside it
        best = max(score for _, score in names[name])
        result += [(span, (score + best) / 2) for span, score in names[name]]
        for span in _overlooked(text, name, taken):
            score = (_score(span, pieces, likelihood) + best) / 2
            if score >= MIN_ADDED_SCORE:
                result.append((span, score))
                _take(taken, span)
    return sorted(result)


def _take(taken: bytearray, span: Span) -> None:
    taken[span.start : span.end] = b"\x01" * (span.end - span.start)


def _overlooked(text: str, name: str, taken: bytearray) -> Iterator[Span]:
    """Places of a name where no character is taken."""
    start = text.find(name) if len(name) >= MIN_CHARACTERS else -1
    while start >= 0:
        end = start + len(name)
        if not any(taken[start:end]):
            yield Span(start, end)
        start = text.find(name, end)


def _score(span: Span, pieces: Pieces, likelihood: NDArray[np.float32]) -> float:
    """The mean probability of a span's pieces; below any score where it is not made of whole words."""
    first = int(np.searchsorted(pieces.starts, span.start))
    last = int(np.searchsorted(pieces.ends, span.end))
    is_whole = (
        first <= last < len(pieces)
        and (pieces.starts[first], pieces.ends[last]) == (span.start, span.end)
        and not pieces.continues[first]
        and (last + 1 == len(pieces) or not pieces.continues[last + 1])
    )
    if not is_whole:
        return -1.0
    return float((likelihood[first, 0] + likelihood[first + 1 : last + 1, 1].sum()) / (last - first + 1))
