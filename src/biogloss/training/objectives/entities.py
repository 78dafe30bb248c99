"""Entities: which pieces annotated documents mark, one BIO head for each type over the encoder's states.

    "Gout hurts"   pieces  go ##ut hurts
                   Disease B  I    O

It is the task of ``tasks.ner`` as a second thing to learn while the encoder is pre-trained, over every type that the
corpora mark; what a corpus does not say gives no loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn

    from biogloss.tasks.ner import Ner
    from biogloss.training.annotated import Windows


def loss(states: Tensor, windows: Windows, own: nn.Module, task: Ner) -> Tensor:
    """Cross-entropy in nats over the tags that the corpora state, a scalar.

    Args:
        states: (batch, seq, width) of the encoder.
        windows: with their targets.
        own: the task's head.
        task: the types.
    """
    places, targets = (
        torch.from_numpy(array).to(states.device) for array in (windows.batch.places, windows.batch.targets)
    )
    return task.loss(own(states.flatten(0, 1)[places]).float(), targets)
