"""Few documents: of each label at most so many, or a share of all, drawn by chance.

drawn(documents, task.said, shots=5, seed=1)      at most 5 documents with Chemical, at most 5 with Disease, ...
portion(documents, 0.25, seed=1)                  a quarter of all
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from biogloss.evaluation import folds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from biogloss.documents import Document

NOTHING = ""
"""What stands for the labels of a document that has none: of those too there are at most so many."""


def drawn(
    documents: Sequence[Document], labels_of: Callable[[Document], Iterable[str]], *, shots: int, seed: int
) -> tuple[Document, ...]:
    """Some of the documents, in their order: no label is in more than ``shots`` of them.

    Labels of few documents choose first; a document that would be one too many for any of its labels is left out. So a
    label that never stands alone may be in fewer than there are.

    Args:
        documents: to draw from.
        labels_of: a document's labels.
        shots: documents of each label at most.
        seed: of the draw.
    """
    labels = [frozenset(labels_of(document)) or frozenset({NOTHING}) for document in documents]
    total = Counter(label for own in labels for label in own)
    order = list(range(len(documents)))
    random.Random(f"{seed} shots").shuffle(order)  # noqa: S311 - no secret
    held = Counter[str]()
    chosen = set[int]()
    for label in sorted(total, key=lambda label: (total[label], label)):
        for place in order:
            if label in labels[place] and place not in chosen and all(held[own] < shots for own in labels[place]):
                chosen.add(place)
                held.update(labels[place])
    return tuple(document for place, document in enumerate(documents) if place in chosen)


def portion(documents: Sequence[Document], share: float, *, seed: int) -> tuple[Document, ...]:
    """A share of the documents, in their order, one at least: whole sources, so long as there is room for them.

    A smaller share is part of a larger one of the same seed.

    Args:
        documents: to draw from.
        share: above 0, at most 1.
        seed: of the draw.
    """
    names = folds.sources(documents)
    counts = Counter(names)
    order = sorted(counts)
    random.Random(f"{seed} share").shuffle(order)  # noqa: S311 - no secret
    room, chosen = max(1, round(share * len(documents))), set[str]()
    for source in order:
        if chosen and room <= 0:
            break
        chosen.add(source)
        room -= counts[source]
    return tuple(document for name, document in zip(names, documents, strict=True) if name in chosen)
