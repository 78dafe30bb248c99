"""Which windows go through the encoder together: batches of nearly equal length under a budget of pieces.

by_budget([5, 5, 90, 7], budget=100)    [[0, 1, 3], [2]]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def by_budget(lengths: Sequence[int], *, budget: int) -> list[list[int]]:
    """Group indices by length so that rows x longest stays within ``budget`` pieces (one longer window goes alone)."""
    batches: list[list[int]] = []
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if batch and (len(batch) + 1) * lengths[index] > budget:
            batches.append(batch)
            batch = []
        batch.append(index)
    return [*batches, batch] if batch else batches
