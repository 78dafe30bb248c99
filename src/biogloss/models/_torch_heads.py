"""The heads of ``models/heads.py`` in torch, to be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from biogloss.models import heads

if TYPE_CHECKING:
    from biogloss.models.heads import Pooling


class PieceHead(nn.Module):
    """A linear layer on each piece's state."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.out = nn.Linear(width, outputs)

    def forward(self, states: Tensor, pooling: Pooling | None = None) -> Tensor:  # noqa: ARG002 - one signature
        """States (pieces, width) to logits (pieces, outputs)."""
        logits: Tensor = self.out(states)
        return logits


class PooledHead(nn.Module):
    """A layer on means of states.

    Args:
        width: of the states.
        outputs: logits of each item.
        roles: how many an item has.
        features: how many numbers beside the states an item has.
        hidden: width of a layer with tanh between; 0 leaves it out.
        dropout: share of what the last layer sees that is dropped in training.
    """

    def __init__(
        self, width: int, outputs: int, *, roles: int = 1, features: int = 0, hidden: int = 0, dropout: float = 0.1
    ) -> None:
        super().__init__()
        inputs = heads.inputs(width, roles, features)
        if hidden:
            self.hidden = nn.Linear(inputs, hidden)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(hidden or inputs, outputs)

    def forward(self, states: Tensor, pooling: Pooling) -> Tensor:
        """States (pieces, width) to logits (items, outputs)."""
        logits: Tensor = self.out(self.dropout(self.inputs(states, pooling)))
        return logits

    def inputs(self, states: Tensor, pooling: Pooling) -> Tensor:
        """States (pieces, width) to what the last layer sees of items, (items, inputs)."""
        made = _pooled(states, pooling)
        return torch.tanh(self.hidden(made)) if hasattr(self, "hidden") else made


def _pooled(states: Tensor, pooling: Pooling) -> Tensor:
    rows, starts, ends, weights, features = (
        torch.from_numpy(array).to(states.device)
        for array in (pooling.rows, pooling.starts, pooling.ends, pooling.weights, pooling.features)
    )
    sums = torch.cat([states.new_zeros(1, states.shape[1], dtype=torch.float64), states.cumsum(0, dtype=torch.float64)])
    own = weights[:, None] * (sums[ends] - sums[starts])
    means = states.new_zeros(len(pooling) * pooling.roles, states.shape[1]).index_add(0, rows, own.to(states.dtype))
    means = means.view(len(pooling), pooling.roles, states.shape[1])
    parts = [means.flatten(1)]
    if pooling.roles > 1:
        parts.append(means[:, 0] * means[:, 1])
    return torch.cat([*parts, features], dim=1)
