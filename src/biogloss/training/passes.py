"""The gradients of a batch, in as many parts as memory asks for.

    loss = within_memory(lambda parts: gradients(model, batch, loss_of, parts=parts), most=12, told=print)

In parts, the encoder reads some rows of a batch at a time and keeps nothing but states; the loss is that of the whole
batch, and once its gradient at the states is known each part is read again, with the same dropout, to pass it on (Gao
et al. 2021, arXiv 2101.06983). So no task needs to know: every item weighs what it would have weighed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from biogloss.errors import TrainingError
from biogloss.training.precision import FLOAT32, multiplied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from biogloss.models.encoder import HeadedModel
    from biogloss.training.material import Batch

    Loss = Callable[[Sequence[Tensor]], Tensor]

_NO_MEMORY = re.compile(r"DefaultCPUAllocator|out of memory|allocate memory")


def gradients(
    model: HeadedModel, batch: Batch, loss: Loss, *, passes: int = 1, precision: str = FLOAT32, parts: int = 1
) -> Tensor:
    """Add the gradients of a batch's loss to those of the model, and return the loss, a scalar.

    Args:
        model: what learns.
        batch: what is read.
        loss: of the states of each pass, (pieces, width).
        passes: how often the batch is read, each time with another dropout.
        precision: of matrix products.
        parts: how many of them, one after the other; at most as many as the batch has rows.
    """
    if parts == 1:
        whole = _Rows.of(batch, 0, len(batch.ids))
        total = loss([whole.states(model, precision) for _ in range(passes)])
        total.backward()  # type: ignore[no-untyped-call]
        return total.detach()
    bounds = np.linspace(0, len(batch.ids), parts + 1).round().astype(int).tolist()
    rows = [_Rows.of(batch, first, last) for first, last in pairwise(bounds)]
    return _in_parts(model, rows * passes, loss, len(batch.places), passes, precision)


def states(model: HeadedModel, batch: Batch, precision: str = FLOAT32) -> Tensor:
    """What the encoder makes of a batch, (pieces, width)."""
    return _Rows.of(batch, 0, len(batch.ids)).states(model, precision)


def within_memory(attempt: Callable[[int], Tensor], *, most: int, told: Callable[[int], None]) -> Tensor:
    """What an attempt at a batch gives, in twice as many parts whenever there is no memory for it.

    Args:
        attempt: parts -> loss.
        most: how many parts there can be.
        told: called with the parts of the next attempt, to undo what the failed one has done; draws are taken back.

    Raises:
        TrainingError: there is no memory for the smallest parts.
    """
    parts, begin = 1, torch.get_rng_state()
    while True:
        try:
            return attempt(parts)
        except (RuntimeError, MemoryError) as error:
            if not _is_of_memory(error):
                raise
            if parts == most:
                raise TrainingError(
                    "there is no memory for a single window; lower max_pieces and cuts, or take a smaller encoder"
                ) from error
        # Out of the except block, for the error holds on to all that the attempt has allocated.
        parts = min(2 * parts, most)
        torch.set_rng_state(begin)
        told(parts)


def _is_of_memory(error: Exception) -> bool:
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or bool(_NO_MEMORY.search(str(error)))


def _in_parts(
    model: HeadedModel, rows: Sequence[_Rows], loss: Loss, pieces: int, passes: int, precision: str
) -> Tensor:
    """Read all parts for their states, take the loss, then read each again for its gradients."""
    begins, found = [], []
    with torch.no_grad():
        for part in rows:
            begins.append(torch.get_rng_state())
            found.append(part.states(model, precision))
    count = len(rows) // passes
    states = []
    for first in range(0, len(rows), count):
        whole = found[first].new_empty(pieces, found[first].shape[1])
        for part, own in zip(rows[first : first + count], found[first : first + count], strict=True):
            whole[part.pieces] = own
        states.append(whole.requires_grad_())
    total = loss(states)
    total.backward()  # type: ignore[no-untyped-call]
    ended = torch.get_rng_state()
    for number, (part, begin) in enumerate(zip(rows, begins, strict=True)):
        torch.set_rng_state(begin)
        again = part.states(model, precision)
        gradient = states[number // count].grad
        if again.requires_grad and gradient is not None:
            again.backward(gradient[part.pieces])  # type: ignore[no-untyped-call]
    torch.set_rng_state(ended)
    return total.detach()


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows of a batch: ``pieces`` (pieces of them,) are their places among those of the batch."""

    ids: Tensor
    mask: Tensor | None
    places: Tensor
    pieces: Tensor

    @classmethod
    def of(cls, batch: Batch, first: int, last: int) -> _Rows:
        width = batch.ids.shape[1]
        pieces: NDArray[np.intp] = np.flatnonzero((batch.places >= first * width) & (batch.places < last * width))
        return cls(
            torch.from_numpy(batch.ids[first:last]),
            None if batch.mask is None else torch.from_numpy(batch.mask[first:last]),
            torch.from_numpy(batch.places[pieces] - first * width),
            torch.from_numpy(pieces),
        )

    def states(self, model: HeadedModel, precision: str) -> Tensor:
        with multiplied(precision):
            found: Tensor = model(self.ids, self.mask, self.places)
        return found
