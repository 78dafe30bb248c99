"""Attention roll-out: where what stands in an item's states has come from (Abnar and Zuidema 2020, arXiv 2005.00928).

    "The patient has gout."     gout 0.31, has 0.22, patient 0.11, ..., special tokens 0.24

Each layer passes on half of a state and mixes the other half by its attention, the mean over its heads; the product of
the layers says how much of each input is in each output. It knows nothing of what the head makes of the states: it has
no sign, and it is the same for every label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.explanation.asker import Asker
    from biogloss.explanation.question import Question


def rollout(layers: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """How much of each input is in each output.

    Args:
        layers: the attention weights of each, (heads, seq, seq), rows of which sum to 1.

    Returns:
        (seq, seq): rows are outputs and sum to 1.
    """
    mixed = np.eye(layers[0].shape[-1])
    for weights in layers:
        passed: NDArray[np.float64] = (weights.mean(axis=0, dtype=np.float64) + np.eye(len(mixed))) / 2
        mixed = passed / passed.sum(axis=1, keepdims=True) @ mixed
    return mixed


def attended(asker: Asker, question: Question) -> NDArray[np.float64]:
    """How much of each piece is in the states that the item is told from, (pieces,): with special tokens 1 in all.

    Raises:
        ModelError: the encoder does not give its attention weights.
    """
    layers = asker.attentions(question)
    windows, positions = np.divmod(question.places, question.ids.shape[1])
    found = np.zeros(question.ids.shape)
    for window in np.unique(windows):
        length = int(question.mask[window].sum())
        mixed = rollout([layer[window][:, :length, :length] for layer in layers])
        own = windows == window
        found[window, :length] = _weights(question)[own] @ mixed[positions[own]]
    return question.per_piece(found)


def _weights(question: Question) -> NDArray[np.float64]:
    """What share each of the item's pieces has in it, (pieces of the item,): they sum to 1."""
    count = len(question.places)
    if question.pooling is None:
        return np.full(count, 1 / count)
    shares = np.zeros(count)
    np.add.at(shares, *question.pooling.pieces())
    return shares / float(shares.sum())
