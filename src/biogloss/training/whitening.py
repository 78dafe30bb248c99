"""States in the units in which those of one class differ from each other, so that a distance counts what tells classes.

    states (items, width), targets (items, classes)    ->    whitened states, and the map that made them

States of an encoder vary most along a few directions that say little of any class. Divided by what varies within
classes, they are as far apart as Fisher's discriminant has it (Mahalanobis distance): what classes explain of a state,
by least squares, is taken off, and the covariance of the rest, shrunk towards a multiple of the identity because there
are few items (oracle approximating shrinkage, Chen et al. 2010, 0907.4698), is made 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDING = 1e-9
"""A share that is none."""


@dataclass(frozen=True)
class Whitened:
    """Items as distances count them.

    An item has its part in the units in which it is measured, and of few items that makes it seem far nearer. What is
    ``|v|^2`` of a difference ``v`` of item ``i`` is, in the units that there would be without the item,
    ``|v|^2 + growth[i] (rests[i] v)^2`` (Sherman and Morrison 1950).

    Args:
        states: (items, width) whitened, about their mean.
        middle: (width,) that mean, as it came.
        turned: (width, width) whitened = turned @ (state - middle).
        rests: (items, width) what the classes do not explain of each item, whitened.
        growth: (items,) 0 where the classes explain an item whole.
    """

    states: Floats
    middle: Floats
    turned: Floats
    rests: Floats
    growth: Floats


def whiten(states: Floats, targets: NDArray[np.bool_]) -> Whitened:
    """Make the covariance within classes 1.

    Args:
        states: (items, width).
        targets: (items, classes), whether an item has a class; of items with one class each, one is true in a row.

    Returns:
        The states as they came, about their mean, where the classes explain all of them, as of an item a class.
    """
    middle = states.mean(axis=0)
    states = states - middle
    basis, sizes, _ = np.linalg.svd(np.column_stack([np.ones(len(states)), targets]), full_matrices=False)
    basis = basis[:, sizes > ROUNDING * sizes[0]]
    rests = states - basis @ (basis.T @ states)
    free = 1 - (basis**2).sum(axis=1)  # how much of an item is not what makes its own class's mean
    if (rests**2).sum() <= ROUNDING * (states**2).sum():
        return Whitened(states, middle, np.eye(states.shape[1]), np.zeros_like(states), np.zeros(len(states)))
    covariance, kept = _covariance(rests)
    turned = np.linalg.inv(np.linalg.cholesky(covariance))
    rests = rests @ turned.T
    own = np.divide(kept / len(states), free, out=np.zeros(len(states)), where=free > ROUNDING)
    return Whitened(states @ turned.T, middle, turned, rests, own / (1 - own * (rests**2).sum(axis=1)))


def _covariance(rests: Floats) -> tuple[Floats, float]:
    """The shrunk covariance (width, width) of rows about zero, and the share of it that is not shrunk."""
    count, width = rests.shape
    plain = rests.T @ rests / count
    mean = np.trace(plain) / width
    squares = (plain**2).mean()
    spread = (count + 1) * (squares - mean**2 / width)
    shrinkage = min(1.0, (squares + mean**2) / spread) if spread > 0 else 1.0
    return (1 - shrinkage) * plain + shrinkage * mean * np.eye(width), 1 - shrinkage
