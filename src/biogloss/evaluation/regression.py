"""Numbers against numbers: mean squared error, Pearson's and Spearman's correlation.

    measure([1.0, 2.0, 3.0], [1.1, 1.9, 3.2])       mse 0.02, pearson 0.994, spearman 1.0

Spearman's is Pearson's correlation of ranks, where equal numbers share the mean of their ranks. Where all numbers of
one side are the same there is no correlation: NaN. Draws are of items: each is a document, a pair, a molecule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation.bootstrap import Measure, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ALL = "all"
METRICS = ("mse", "pearson", "spearman")
_SAME = 1e-12  # of the squares: less variance than this is the error of the arithmetic


def measure(
    gold: Sequence[float] | Floats, predicted: Sequence[float] | Floats, *, ids: Sequence[str] | None = None
) -> Measure:
    """MSE, Pearson's and Spearman's correlation.

    Args:
        gold: (items,) right numbers.
        predicted: (items,) a system's.
        ids: what the items are called in messages; None numbers them from 0.

    Raises:
        ValueError: not as many on both sides, none at all, or one that is not finite.
    """
    right, found = np.asarray(gold, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    _check(right, found, ids)

    sides = right - right.mean(), found - found.mean()

    def values(times: Floats) -> Floats:
        error = times @ (right - found) ** 2 / times.sum(axis=1)
        one, other = (_ranks(side, times) for side in sides)
        return np.stack([error, _correlation(*sides, times), _correlation(one, other, times)], axis=1)

    return Measure(tuple(Name(ALL, metric) for metric in METRICS), len(right), values)


def _check(gold: Floats, predicted: Floats, ids: Sequence[str] | None) -> None:
    if gold.shape != predicted.shape or gold.ndim != 1 or not len(gold):
        raise ValueError(f"{gold.size} gold numbers and {predicted.size} predicted ones; as many expected, not none")
    for side, numbers in (("gold", gold), ("predicted", predicted)):
        if (wrong := np.flatnonzero(~np.isfinite(numbers))).size:
            place = int(wrong[0])
            raise ValueError(f"item {ids[place] if ids else place}: the {side} number is {numbers[place]}")


def _correlation(one: Floats, other: Floats, times: Floats) -> Floats:
    """(draws,): Pearson's correlation of (items,) or (draws, items), each item counted so often."""
    total = times.sum(axis=1, keepdims=True)
    left, right = (side - (side * times).sum(axis=1, keepdims=True) / total for side in (one, other))
    shared, *own = ((times * a * b).sum(axis=1) for a, b in ((left, right), (left, left), (right, right)))
    squares = ((times * side * side).sum(axis=1) for side in (one, other))
    varied = np.all([variance > _SAME * square for variance, square in zip(own, squares, strict=True)], axis=0)
    correlation: Floats = np.divide(shared, np.sqrt(own[0] * own[1]), out=np.full(len(times), np.nan), where=varied)
    return correlation


def _ranks(numbers: Floats, times: Floats) -> Floats:
    """(draws, items): the rank of each item among all that were drawn; equal numbers share the mean of theirs."""
    _, group = np.unique(numbers, return_inverse=True)
    groups = int(group.max()) + 1
    counts = np.zeros((len(times), groups))
    np.add.at(counts.T, group, times.T)
    before = np.cumsum(counts, axis=1) - counts
    ranks: Floats = (before + (counts + 1) / 2)[:, group]
    return ranks
