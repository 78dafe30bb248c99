"""Few documents: of each label at most so many, drawn by chance.

drawn(documents, task.said, shots=5, seed=1)      at most 5 documents with Chemical, at most 5 with Disease, ...
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

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
