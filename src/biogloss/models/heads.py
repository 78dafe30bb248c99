"""What stands on an encoder's states, in numpy: a layer on each piece, or on means of pieces.

    logits(tensors, states)              a line for each piece: entities, answers
    logits(tensors, states, pooling)     a line for each item: a text, a sentence, a pair of mentions

The same arithmetic in torch, for training, is in ``models/_torch_heads.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BLOCK = 16
ITEMS = 512
"""How many items are told at once, so that those of a long text need little memory."""
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pooling:
    """Items to classify, and the pieces whose states each is told from.

    An item has one or more roles (the two arguments of a relation, what stands between them); the state of a role is
    the mean over its pieces, zero where it has none.

    Args:
        roles: how many an item has.
        rows: (ranges,) int64, ``item * roles + role``, in ascending order.
        starts, ends: (ranges,) int64, the half-open range of pieces of that role.
        weights: (ranges,) float32, of each piece of a range; those of a role's pieces sum to 1.
        features: (items, features) float32, numbers beside the states.
    """

    roles: int
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: Floats
    features: Floats

    @classmethod
    def of(cls, items: Sequence[Sequence[Ranges]], features: Floats, *, roles: int) -> Pooling:
        """From each item's roles, which are half-open ranges of pieces.

        Args:
            items: for each item, for each role, its ranges; none may overlap another of the role.
            features: (items, features) float32.
            roles: how many an item has.
        """
        found = [
            (number * roles + role, start, end, sum(last - first for first, last in ranges))
            for number, item in enumerate(items)
            for role, ranges in enumerate(item)
            for start, end in ranges
            if start < end
        ]
        rows, starts, ends, lengths = np.array(found, dtype=np.int64).reshape(-1, 4).T
        return cls(roles, rows, starts, ends, (1 / lengths).astype(np.float32), features.astype(np.float32))

    def __len__(self) -> int:
        return len(self.features)

    def part(self, first: int, last: int) -> Pooling:
        """Some of the items, ``first`` and those behind it until before ``last``."""
        own = slice(*np.searchsorted(self.rows, (first * self.roles, last * self.roles)))
        rows = self.rows[own] - first * self.roles
        ranges = rows, self.starts[own], self.ends[own], self.weights[own]
        return Pooling(self.roles, *ranges, self.features[first:last])

    def pieces(self) -> tuple[NDArray[np.int64], Floats]:
        """The pieces of every range, one behind the other, with their weights."""
        ranges = [np.arange(start, end) for start, end in zip(self.starts, self.ends, strict=True)]
        return np.concatenate([*ranges, []]).astype(np.int64), np.repeat(self.weights, self.ends - self.starts)


def joined(poolings: Sequence[Pooling], pieces: Sequence[int]) -> Pooling:
    """The items of several texts as those of one, whose pieces follow one another.

    Args:
        poolings: with the same number of roles and features.
        pieces: how many pieces each text has.
    """
    roles = poolings[0].roles
    items = np.cumsum([0, *map(len, poolings)])
    before = np.cumsum([0, *pieces])
    return Pooling(
        roles,
        np.concatenate([own.rows + roles * first for own, first in zip(poolings, items, strict=False)]),
        np.concatenate([own.starts + first for own, first in zip(poolings, before, strict=False)]),
        np.concatenate([own.ends + first for own, first in zip(poolings, before, strict=False)]),
        np.concatenate([own.weights for own in poolings]),
        np.concatenate([own.features for own in poolings]),
    )


def logits(tensors: Mapping[str, Floats], states: Floats, pooling: Pooling | None = None) -> Floats:
    """A head's outputs.

    Args:
        tensors: ``out.weight`` (outputs, inputs) and ``out.bias``; ``hidden.weight`` and ``hidden.bias`` of a layer
            with tanh before it, where there is one.
        states: (pieces, width) of the encoder.
        pooling: the items; None where every piece is one.

    Returns:
        (pieces or items, outputs) float32.
    """
    if pooling is None:
        return _layers(tensors, states)
    sums = sums_of(states)
    parts = [pooling.part(first, first + ITEMS) for first in range(0, max(1, len(pooling)), ITEMS)]
    return np.concatenate([_layers(tensors, _inputs(means(sums, part), part)) for part in parts])


def inputs(width: int, roles: int, features: int) -> int:
    """How many numbers an item's first layer sees: each role's state, the product of the first two, the features."""
    return (roles + (roles > 1)) * width + features


def sums_of(states: Floats) -> NDArray[np.float64]:
    """(pieces, width) states -> (pieces + 1, width), the sum of all before each piece: a range's is a difference."""
    return np.concatenate([np.zeros((1, states.shape[1])), np.cumsum(states, axis=0, dtype=np.float64)])


def means(sums: NDArray[np.float64], pooling: Pooling) -> Floats:
    """The state of each item's roles, (items, roles, width), from :func:`sums_of` the states."""
    found = np.zeros((len(pooling) * pooling.roles, sums.shape[1]), dtype=np.float32)
    own = (sums[pooling.ends] - sums[pooling.starts]) * pooling.weights[:, None]
    rows, first = np.unique(pooling.rows, return_index=True)
    if len(rows):
        found[rows] = np.add.reduceat(own, first)
    return found.reshape(len(pooling), pooling.roles, sums.shape[1])


def _inputs(means: Floats, pooling: Pooling) -> Floats:
    parts = [means.reshape(len(pooling), -1)]
    if pooling.roles > 1:
        parts.append(means[:, 0] * means[:, 1])
    return np.concatenate([*parts, pooling.features], axis=1)


def _layers(tensors: Mapping[str, Floats], rows: Floats) -> Floats:
    if "hidden.weight" in tensors:
        rows = np.tanh(_layer(rows, tensors["hidden.weight"], tensors["hidden.bias"]))
    return _layer(rows, tensors["out.weight"], tensors["out.bias"])


def _layer(rows: Floats, weight: Floats, bias: Floats) -> Floats:
    made = _product(rows, weight.T)
    made += bias
    return made


def _product(rows: Floats, matrix: Floats) -> Floats:
    """``rows @ matrix`` in products too small for numpy to wake its own threads, which would fight with the workers."""
    made = np.empty((len(rows), matrix.shape[1]), dtype=np.float32)
    whole = len(rows) // BLOCK * BLOCK
    blocks = rows[:whole].reshape(-1, BLOCK, rows.shape[1])
    np.matmul(blocks, matrix, out=made[:whole].reshape(-1, BLOCK, made.shape[1]))
    np.matmul(rows[whole:], matrix, out=made[whole:])
    return made
