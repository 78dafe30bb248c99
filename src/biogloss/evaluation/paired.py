"""Is one system better than another on the same documents? The paired bootstrap (Efron and Tibshirani 1993, 8.3).

    compared(f1, [(counts_of_one, counts_of_other)])      Difference(before=0.81, after=0.83, low=0.004, high=0.036)

    differences(measure_of_one, measure_of_other)         {("macro", "roc_auc"): Difference(...), ...}, of any Measure

Documents are drawn with replacement, the same for both systems; where there are several sets of documents, each is
drawn from on its own and the mean over the sets is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation.bootstrap import draws, interval
from biogloss.evaluation.rates import precision_recall_f1, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from biogloss.evaluation.bootstrap import Measure, Name

    Sums = NDArray[np.float64]

SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """The values of two systems, and the 95 % interval of their difference, second minus first."""

    before: float
    after: float
    low: float
    high: float

    @property
    def is_measurable(self) -> bool:
        """Whether the interval does not cover zero."""
        return self.low > 0 or self.high < 0


def compared(
    value: Callable[[Sums], Sums], sets: Sequence[tuple[Sums, Sums]], *, samples: int = SAMPLES, seed: int = 0
) -> Difference:
    """Compare two systems.

    Args:
        value: sums over documents, (..., numbers), to what is compared, (...).
        sets: for each set of documents what the two systems reach on each, (documents, numbers) both.
        samples: of the bootstrap.
        seed: of the draws.

    Raises:
        ValueError: there is no set, or the two systems were not measured on the same documents.
    """
    if not sets or any(one.shape != other.shape or not len(one) for one, other in sets):
        msg = "one or more sets expected, the same documents for both systems"
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    low, high = interval(np.mean([_drawn(value, one, other, samples, rng) for one, other in sets], axis=0))
    before, after = (float(np.mean([value(pair[side].sum(axis=0)) for pair in sets])) for side in (0, 1))
    return Difference(before, after, float(low), float(high))


def differences(before: Measure, after: Measure, *, samples: int = SAMPLES, seed: int = 0) -> dict[Name, Difference]:
    """Compare two systems in every score that both measures give and that is defined for both.

    Raises:
        ValueError: the two systems were not measured on the same number of documents, or on none.
    """
    if before.documents != after.documents or not before.documents:
        msg = f"systems measured on {before.documents} and {after.documents} documents: the same documents expected"
        raise ValueError(msg)
    shared = [name for name in before.names if name in set(after.names)]
    sides = [(measure, [measure.names.index(name) for name in shared]) for measure in (before, after)]
    one, other = (measure.of_all()[places] for measure, places in sides)
    rng = np.random.default_rng(seed)
    drawn = [
        np.subtract(*(measure.values(times)[:, places] for measure, places in reversed(sides)))
        for times in draws(before.documents, samples, rng)
    ]
    low, high = interval(np.concatenate(drawn))
    rows = np.stack([one, other, low, high], axis=1)
    return {name: Difference(*row) for name, row in zip(shared, rows.tolist(), strict=True) if not np.isnan(row).any()}


@dataclass(frozen=True, slots=True)
class McNemar:
    """On how many items only the first, or only the second of two systems is right, and the p-value of the test."""

    only_before: int
    only_after: int
    p_value: float


def mcnemar(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test of two classifiers, two-sided: is either right more often where they disagree?

    Args:
        before: (items,) where the first one is right.
        after: (items,) where the second one is. Items must be independent: documents, not their sentences.

    Raises:
        ValueError: they are not the same items.
    """
    if before.shape != after.shape:
        raise ValueError(f"{before.size} items of one system but {after.size} of the other: the same expected")
    one, other = int((before & ~after).sum()), int((after & ~before).sum())
    return McNemar(one, other, min(1.0, 2 * _at_most(min(one, other), one + other)))


def f1(sums: Sums) -> Sums:
    """From ``found, right, gold, predicted`` to F1; numbers of several runs, four each, to the mean over the runs."""
    runs = sums.reshape(*sums.shape[:-1], -1, 4)
    mean: Sums = precision_recall_f1(runs)[..., 2].mean(axis=-1)
    return mean


def mean(sums: Sums) -> Sums:
    """From ``total, count`` to their ratio."""
    return ratio(sums[..., 0], sums[..., 1])


def _drawn(
    value: Callable[[Sums], Sums], one: Sums, other: Sums, samples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    return np.concatenate([value(times @ other) - value(times @ one) for times in draws(len(one), samples, rng)])


def _at_most(successes: int, trials: int) -> float:
    """The probability of at most so many heads in ``trials`` tosses of a fair coin, in logarithms: trials are many."""
    heads = np.arange(1, successes + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log((trials - heads + 1) / heads))]) - trials * np.log(2)
    return float(np.exp(logs).sum())
