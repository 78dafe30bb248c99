"""What training has shown that looks most like this: the items whose states are nearest to an item's.

    nearest(vectors, texts, groups, most=3)     [(Neighbour("doc-7", "Disease", "…has ", "gout", " and…", 0.93), ...)]

A vector holds the mean states that the head reads of an item, one of length 1 a role; the nearest are those with the
largest cosine. Training documents go by one group at a time, so any number of them takes the memory of a group.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from biogloss.models import heads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Span
    from biogloss.explanation.question import Question

    Floats = NDArray[np.float32]

AROUND = 60  # characters


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item of a training document, and the text around it: what stands before, its words, what stands behind.

    ``text`` is the whole text of the document.
    """

    text: str = field(repr=False)
    document: str
    label: str
    before: str
    words: str
    after: str
    similarity: float = 0.0


def vector(question: Question, states: Floats) -> Floats:
    """What the head reads of an item, as (roles * width,) of length 1.

    Args:
        question: about the item.
        states: (windows * seq, width) of its windows.
    """
    own = states[question.places]
    pooling = question.pooling
    if pooling is None:
        return _unit(own.mean(axis=0))
    (means,) = heads.means(heads.sums_of(own), pooling)
    return _unit(np.concatenate([_unit(mean) for mean in means]))


def nearest(
    wanted: Floats, texts: Sequence[str], groups: Iterable[tuple[Floats, Sequence[Neighbour]]], *, most: int
) -> list[tuple[Neighbour, ...]]:
    """The nearest of all examples, best first, for each wanted vector.

    Args:
        wanted: (items, width) unit vectors.
        texts: that each item is of; examples of the very same text are left out.
        groups: unit vectors of examples, (examples, width), with what is shown of each; similarities are filled in.
        most: how many to keep of each item.
    """
    kept: list[list[tuple[float, Neighbour]]] = [[] for _ in wanted]
    for vectors, shown in groups:
        if not len(vectors):
            continue
        for own, text, row in zip(kept, texts, wanted @ vectors.T, strict=True):
            others = (place for place in np.argsort(-row, kind="stable") if shown[place].text != text)
            own += [(float(row[place]), shown[place]) for place in islice(others, most)]
            own.sort(key=lambda pair: -pair[0])
            del own[most:]
    return [tuple(replace(neighbour, similarity=similarity) for similarity, neighbour in own) for own in kept]


def excerpt(text: str, spans: Sequence[Span]) -> tuple[str, str, str]:
    """Where spans stand in a text: what stands before, what they cover, what stands behind; shortened."""
    start, end = (spans[0].start, spans[-1].end) if spans else (0, len(text))
    inside = " ".join(text[start:end].split())
    if len(inside) > 2 * AROUND:
        inside = f"{inside[: 2 * AROUND]}…"
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return (
        ("…" if start > AROUND else "") + " ".join(before.split()) + (" " if before[-1:].isspace() else ""),
        inside,
        (" " if after[:1].isspace() else "") + " ".join(after.split()) + ("…" if end + AROUND < len(text) else ""),
    )


def _unit(values: Floats) -> Floats:
    length = float(np.linalg.norm(values))
    made: Floats = values / length if length else values
    return made
