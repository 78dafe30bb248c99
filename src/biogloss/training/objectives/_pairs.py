"""What the objectives over two texts share: a head on the first piece's state, as BERT has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from biogloss.training.objectives._seen import Seen

ANSWERS = 2
_SPREAD = 0.02  # of BERT's first weights: before learning both answers are nearly as likely


def head(width: int) -> nn.Module:
    """States (batch, width) -> logits (batch, 2), over a layer with tanh (the pooler of Devlin et al. 2019)."""
    layers = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, ANSWERS))
    for parameter in layers.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=_SPREAD)
        else:
            nn.init.zeros_(parameter)
    return layers


def loss(seen: Seen, own: nn.Module) -> Tensor:
    """Cross-entropy in nats, a scalar: the mean over the rows.

    Args:
        seen: rows of two texts with labels.
        own: the head.
    """
    assert seen.labels is not None
    return functional.cross_entropy(own(seen.states[:, 0]).float(), seen.labels)
