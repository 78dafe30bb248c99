"""Which parameters learn in which epoch: lowest layers that never do, and layers that begin to from the top downward.

learning = Learning(model, frozen_layers=2, gradual=True)
learning.enter(epoch=0)          the heads and the top layer; in epoch 1 the layer below it too, ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.training.optimizer import depth

if TYPE_CHECKING:
    from torch import nn


def freeze(model: nn.Module, layers: int) -> None:
    """Let the lowest ``layers`` layers, and with them the embeddings, learn nothing; the rest stays as it is."""
    for name, parameter in model.named_parameters():
        place = depth(name)
        if layers and place is not None and place < layers:
            parameter.requires_grad = False


class Learning:
    """What learns of a model; the rest is frozen from the beginning, adapters' encoders as they are.

    Args:
        model: its parameters that need no gradient never learn.
        frozen_layers: so many of the lowest layers, and the embeddings, never learn.
        gradual: whether layers begin to learn one an epoch, the top one in epoch 0, the embeddings last.
    """

    def __init__(self, model: nn.Module, *, frozen_layers: int = 0, gradual: bool = False) -> None:
        freeze(model, frozen_layers)
        self._gradual = gradual
        self._parameters = [(depth(name), own) for name, own in model.named_parameters() if own.requires_grad]
        self._top = max((place for place, _ in self._parameters if place is not None), default=-1)

    def enter(self, epoch: int) -> None:
        """Let learn what learns in an epoch; a function of its number alone."""
        for place, parameter in self._parameters:
            parameter.requires_grad = not self._gradual or place is None or place >= self._top - epoch
