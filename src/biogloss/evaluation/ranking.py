"""How well scores put what is of a class above what is not: ROC and precision-recall curves and the areas below them.

    gold, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.3])
    roc_auc(gold, scores)               0.5         of the pairs of one that is and one that is not
    average_precision(gold, scores)     0.83        1 x 1/2 + 2/3 x 1/2

Items of equal score are one step of a curve: their order decides nothing. Average precision is the sum of the precision
at each step times the recall gained there, without interpolation. Without items of the class neither area is defined,
without others not that of ROC: NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]


def roc_auc(gold: Bools, scores: Floats, times: Floats | None = None) -> Floats:
    """The area below the ROC curve: the share of pairs, one of the class and one not, in the right order; ties half.

    Args:
        gold: (items,) whether each is of the class.
        scores: (items,) of the class.
        times: (..., items) how often each item counts; None: once.

    Returns:
        (...) in [0, 1], or NaN.

    Raises:
        ValueError: a score is NaN.
    """
    of_class, others = _steps(gold, scores, times)
    pairs = of_class[..., -1] * others[..., -1]
    middle = of_class[..., 1:] + of_class[..., :-1]
    area = (np.diff(others, axis=-1) * middle).sum(axis=-1) / 2
    return _where_defined(area, pairs)


def average_precision(gold: Bools, scores: Floats, times: Floats | None = None) -> Floats:
    """The area below the precision-recall curve; arguments, range and errors as in :func:`roc_auc`."""
    of_class, others = _steps(gold, scores, times)
    taken = of_class + others
    precision = np.divide(of_class, taken, out=np.zeros_like(taken), where=taken > 0)
    area = (np.diff(of_class, axis=-1) * precision[..., 1:]).sum(axis=-1)
    return _where_defined(area, of_class[..., -1])


def roc_curve(gold: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates, (steps + 1,) both, from (0, 0) to (1, 1)."""
    of_class, others = _steps(gold, scores, None)
    return others / max(others[-1], 1), of_class / max(of_class[-1], 1)


def precision_recall_curve(gold: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Recall and precision, (steps,) both, from the highest score down."""
    of_class, others = (steps[1:] for steps in _steps(gold, scores, None))
    return of_class / max(of_class[-1], 1), of_class / (of_class + others)


def _steps(gold: Bools, scores: Floats, times: Floats | None) -> tuple[Floats, Floats]:
    """(..., steps + 1): how many of the class, and how many others, are above each place where the score changes."""
    if np.isnan(scores).any():
        raise ValueError(f"the score of item {int(np.flatnonzero(np.isnan(scores))[0])} is no number")
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    counts = np.ones(len(gold)) if times is None else times
    counts, is_gold = counts[..., order], gold[order]
    above = (np.cumsum(counts * side, axis=-1)[..., ends] for side in (is_gold, ~is_gold))
    of_class, others = (np.concatenate([np.zeros((*side.shape[:-1], 1)), side], axis=-1) for side in above)
    return of_class, others


def _where_defined(above: Floats, below: Floats) -> Floats:
    area: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return area
