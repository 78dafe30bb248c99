"""Does the model need the words that an explanation names? Words are hidden in its order, and in random ones.

    "The patient has gout."   gout, has, ...    deletion 0.12, insertion 0.84, better than 20 of 20 random orders

*Deletion* hides the words one by one, the one that speaks most for the prediction first; *insertion* hides all and
shows them in that order (Petsiuk et al. 2018, arXiv 1806.07421): areas below the probability over the share of words.
*Comprehensiveness* is what the probability loses without the first 1, 5, 10, 20 and 50 % of the words, *sufficiency*
what it loses when nothing but these is shown, means over the five (DeYoung et al. 2020, arXiv 1911.03429).
An explanation that does no better than random orders of the words tells nothing about this model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Hidden = NDArray[np.bool_]

ORDERS = 20
"""Random orders: that one does better than all of twenty by chance happens less than once in twenty times."""
TIE = 1e-6
"""Areas that differ by less are one: what rounding leaves."""
SHARES = (0.01, 0.05, 0.10, 0.20, 0.50)
"""Of the words, at which comprehensiveness and sufficiency are measured; so are the curves, and at 1 minus these."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Probabilities while words are hidden and shown in some orders.

    Args:
        shares: (points,) of the words, from 0 to 1.
        deletion: (orders, points): with that share hidden, first ones first.
        insertion: (orders, points): with nothing but that share shown.
        comprehensiveness: (orders,), larger is better.
        sufficiency: (orders,), smaller is better.
    """

    shares: Floats
    deletion: Floats
    insertion: Floats
    comprehensiveness: Floats
    sufficiency: Floats

    @property
    def areas(self) -> tuple[Floats, Floats]:
        """Below each curve of deletion and of insertion, (orders,) in [0, 1]."""
        return _area(self.deletion, self.shares), _area(self.insertion, self.shares)


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """The curves of an explanation's order, and of random ones."""

    own: Curves
    random: Curves

    @property
    def gains(self) -> tuple[float, float]:
        """The areas between the explanation and the mean random order: of deletion, of insertion; larger is better."""
        (deletion,), (insertion,) = self.own.areas
        others = [float(areas.mean()) for areas in self.random.areas]
        return others[0] - float(deletion), float(insertion) - others[1]

    @property
    def beaten(self) -> int:
        """How many of the random orders leave a smaller area between insertion and deletion."""
        (own,), others = (insertion - deletion for deletion, insertion in (self.own.areas, self.random.areas))
        return int((others < own - TIE).sum())

    @property
    def orders(self) -> int:
        """How many random orders there are."""
        return len(self.random.deletion)

    @property
    def is_better_than_chance(self) -> bool:
        """Whether all random orders do worse."""
        return self.beaten == self.orders > 0


def faithfulness(
    values: Floats, probabilities: Callable[[Hidden], Floats], *, orders: int = ORDERS, seed: int = 0
) -> Faithfulness:
    """How well hiding words bears out what an explanation says of them.

    Args:
        values: (words,): how much each speaks for the prediction.
        probabilities: of the prediction, (variants,), with some words hidden, (variants, words).
        orders: how many random orders to compare with.
        seed: of these.
    """
    own = np.argsort(-values, kind="stable")[None]
    return Faithfulness(_curves(own, probabilities), _curves(_random(len(values), orders, seed), probabilities))


def _area(curves: Floats, across: Floats) -> Floats:
    """Below each of some curves, (curves, points) over (points,), by trapezoids."""
    area: Floats = (curves[:, 1:] + curves[:, :-1]) @ np.diff(across) / 2
    return area


def _random(words: int, orders: int, seed: int) -> NDArray[np.int64]:
    """(orders, words): every second one is the reverse of the one before, so that what one hides the other shows."""
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(words) for _ in range((orders + 1) // 2)]
    both = [order for one in drawn for order in (one, one[::-1])]
    return np.array(both[:orders], dtype=np.int64).reshape(orders, words)


def _curves(orders: NDArray[np.int64], probabilities: Callable[[Hidden], Floats]) -> Curves:
    """The curves of orders, (orders, words): in each the place of the word that comes first, second, ..."""
    words = orders.shape[1]
    some = np.ceil(words * np.array(SHARES)).astype(np.int64)
    counts = np.unique(np.concatenate([[0], some, words - some, [words]]))
    hidden = np.argsort(orders, axis=1)[:, None, :] < counts[:, None]
    deletion, insertion = _asked(hidden, probabilities), _asked(~hidden, probabilities)
    measured = np.searchsorted(counts, some)
    whole = deletion[:, :1]
    return Curves(
        counts / max(1, words),
        deletion,
        insertion,
        (whole - deletion[:, measured]).mean(axis=1),
        (whole - insertion[:, measured]).mean(axis=1),
    )


def _asked(hidden: Hidden, probabilities: Callable[[Hidden], Floats]) -> Floats:
    """(orders, counts) probabilities of (orders, counts, words) hidden words, each set of words asked about once."""
    orders, counts, words = hidden.shape
    if not orders:
        return np.zeros((0, counts))
    sets, places = np.unique(hidden.reshape(-1, words), axis=0, return_inverse=True)
    return probabilities(sets)[places.reshape(orders, counts)]
