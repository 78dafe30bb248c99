"""Dropout whose draws are bytes: on a processor the draws of torch's own cost more than all the rest of it.

    set_dropout(model, 0.1)    every nn.Dropout of a model, from now on
    0.1                        26 of 256 bytes: rounded to 1/256, and what is kept is scaled by exactly 256/230

The draws come from torch's generator, so they are a function of ``torch.manual_seed`` and the same with any number of
threads.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BYTES = 256


class Dropout(nn.Dropout):
    """``nn.Dropout`` with a share that is a multiple of 1/256, on a processor; elsewhere torch's own."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name that torch gives it
        """Any shape; zero in places, in the others scaled so that the mean stays."""
        dropped = min(round(BYTES * self.p), BYTES - 1)
        if not self.training or not dropped or input.device.type != "cpu":
            return super().forward(input)
        kept = _bytes(input.numel()).view(input.shape) >= dropped
        return input * kept.to(input.dtype).mul_(BYTES / (BYTES - dropped))


def _bytes(count: int) -> Tensor:
    """(count,) uint8, each as likely as any other."""
    words = torch.empty((count + 7) // 8, dtype=torch.int64)
    return words.random_(-(2**63), None).view(torch.uint8)[:count]  # from the least number on: all 64 bits are drawn


def set_dropout(model: nn.Module, share: float) -> None:
    """Drop that share of hidden states in every ``nn.Dropout``; attention weights have none, which is much faster."""
    for path, module in list(model.named_modules()):
        for name, part in module.named_children():
            if isinstance(part, nn.Dropout):
                setattr(module, name, Dropout(0.0 if "attention.self" in path else share))
