"""Is one system better than another on the same documents? The paired bootstrap (Efron and Tibshirani 1993, 8.3).

    compared(f1, [(counts_of_one, counts_of_other)])      Difference(before=0.81, after=0.83, low=0.004, high=0.036)

Documents are drawn with replacement, the same for both systems; where there are several sets of documents, each is
drawn from on its own and the mean over the sets is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Sums = NDArray[np.float64]

SAMPLES = 2000
_DRAWN_AT_ONCE = 64  # of the samples: bounds memory for many documents


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
    drawn = np.mean([_draws(value, one, other, samples, rng) for one, other in sets], axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975])
    before, after = (float(np.mean([value(pair[side].sum(axis=0)) for pair in sets])) for side in (0, 1))
    return Difference(before, after, float(low), float(high))


def f1(sums: Sums) -> Sums:
    """From ``found, right, gold, predicted`` to F1; numbers of several runs, four each, to the mean over the runs."""
    runs = sums.reshape(*sums.shape[:-1], -1, 4)
    found, right, gold, predicted = (runs[..., place] for place in range(4))
    precision, recall = _ratio(right, predicted), _ratio(found, gold)
    mean: Sums = _ratio(2 * precision * recall, precision + recall).mean(axis=-1)
    return mean


def mean(sums: Sums) -> Sums:
    """From ``total, count`` to their ratio."""
    return _ratio(sums[..., 0], sums[..., 1])


def _ratio(above: Sums, below: Sums) -> Sums:
    ratio: Sums = np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below > 0)
    return ratio


def _draws(
    value: Callable[[Sums], Sums], one: Sums, other: Sums, samples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    even = np.full(len(one), 1 / len(one))
    found = []
    for begin in range(0, samples, _DRAWN_AT_ONCE):
        times = rng.multinomial(len(one), even, size=min(_DRAWN_AT_ONCE, samples - begin)).astype(np.float64)
        found.append(value(times @ other) - value(times @ one))
    return np.concatenate(found)
