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
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pooling:
    """Items to classify, and the pieces whose states each is told from.

    An item has one or more roles (the two arguments of a relation, what stands between them); the state of a role is
    the mean over its pieces, zero where it has none.

    Args:
        roles: how many an item has.
        rows: (entries,) int64, ``item * roles + role``.
        pieces: (entries,) int64, a piece of that role.
        weights: (entries,) float32; those of a role sum to 1.
        features: (items, features) float32, numbers beside the states.
    """

    roles: int
    rows: NDArray[np.int64]
    pieces: NDArray[np.int64]
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
        rows, pieces, weights = [], [], []
        for number, item in enumerate(items):
            for role, ranges in enumerate(item):
                own = np.concatenate([np.arange(*one) for one in ranges]) if ranges else np.empty(0)
                rows.append(np.full(len(own), number * roles + role))
                pieces.append(own)
                weights.append(np.full(len(own), 1 / max(1, len(own))))
        return cls(
            roles,
            np.concatenate([*rows, []]).astype(np.int64),
            np.concatenate([*pieces, []]).astype(np.int64),
            np.concatenate([*weights, []]).astype(np.float32),
            features.astype(np.float32),
        )

    def __len__(self) -> int:
        return len(self.features)


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
        np.concatenate([own.pieces + first for own, first in zip(poolings, before, strict=False)]),
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
    inputs = states if pooling is None else _pooled(states, pooling)
    if "hidden.weight" in tensors:
        inputs = np.tanh(_layer(inputs, tensors["hidden.weight"], tensors["hidden.bias"]))
    return _layer(inputs, tensors["out.weight"], tensors["out.bias"])


def inputs(width: int, roles: int, features: int) -> int:
    """How many numbers an item's first layer sees: each role's state, the product of the first two, the features."""
    return (roles + (roles > 1)) * width + features


def _pooled(states: Floats, pooling: Pooling) -> Floats:
    weights = np.zeros((len(pooling) * pooling.roles, len(states)), dtype=np.float32)
    weights[pooling.rows, pooling.pieces] = pooling.weights
    means = _product(weights, states).reshape(len(pooling), pooling.roles, states.shape[1])
    parts = [means.reshape(len(pooling), -1)]
    if pooling.roles > 1:
        parts.append(means[:, 0] * means[:, 1])
    return np.concatenate([*parts, pooling.features], axis=1)


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
