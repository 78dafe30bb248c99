"""Precision, recall and F1 from counts: for each label, and their means.

    rates(["Chemical", "Disease"], counts)      a Measure of ("Chemical", "precision") ... ("macro", "f1")

Counts are ``found, right, gold, predicted`` of each document and label: gold ones that were found, predicted ones that
are right (as many, where each counts for one), and how many there are of each. *Micro* counts all labels together,
*macro* is the mean over labels, *weighted* the mean weighted by how many gold ones a label has. Means are over the
labels that occur on either side, so that a label which nobody speaks of neither helps nor hurts. What has no
denominator is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation.bootstrap import Measure, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

METRICS = ("precision", "recall", "f1")
MICRO, MACRO, WEIGHTED = "micro", "macro", "weighted"
MEANS = (MICRO, MACRO)


def rates(labels: Sequence[str], counts: Floats, *, means: Sequence[str] = MEANS) -> Measure:
    """Precision, recall and F1 of each label and of the means.

    Args:
        labels: as they are called.
        counts: (documents, labels, 4): found, right, gold, predicted.
        means: of :data:`MEANS` and :data:`WEIGHTED`.

    Raises:
        ValueError: a label has the name of a mean.
    """
    if taken := sorted(set(labels) & {MICRO, MACRO, WEIGHTED}):
        raise ValueError(f"a label is called {taken[0]!r}, as a mean over labels is; rename it")
    rows = counts.reshape(len(counts), 4 * len(labels))

    def values(times: Floats) -> Floats:
        sums = (times @ rows).reshape(len(times), len(labels), 4)
        own = precision_recall_f1(sums)
        parts = [own, *(_MEANS[mean](own, sums)[:, None] for mean in means)]
        return np.concatenate(parts, axis=1).reshape(len(times), -1)

    names = tuple(Name(label, metric) for label in (*labels, *means) for metric in METRICS)
    return Measure(names, len(counts), values)


def precision_recall_f1(sums: Floats) -> Floats:
    """From (..., 4) ``found, right, gold, predicted`` to (..., 3) precision, recall and their harmonic mean."""
    found, right, gold, predicted = (sums[..., place] for place in range(4))
    precision, recall = ratio(right, predicted), ratio(found, gold)
    return np.stack([precision, recall, ratio(2 * precision * recall, precision + recall)], axis=-1)


def ratio(above: Floats, below: Floats) -> Floats:
    """``above / below``, 0 where there is nothing below."""
    quotient: Floats = np.divide(above, below, out=np.zeros(np.shape(below)), where=below > 0)
    return quotient


def _micro(own: Floats, sums: Floats) -> Floats:  # noqa: ARG001 - the same arguments for every mean
    return precision_recall_f1(sums.sum(axis=-2))


def _macro(own: Floats, sums: Floats) -> Floats:
    return _mean(own, (sums[..., 2] + sums[..., 3] > 0).astype(np.float64))


def _weighted(own: Floats, sums: Floats) -> Floats:
    return _mean(own, sums[..., 2])


def _mean(own: Floats, weights: Floats) -> Floats:
    return ratio((own * weights[..., None]).sum(axis=-2), weights.sum(axis=-1, keepdims=True) + np.zeros(len(METRICS)))


_MEANS = {MICRO: _micro, MACRO: _macro, WEIGHTED: _weighted}
