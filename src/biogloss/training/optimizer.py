"""AdamW with rates by layer, and the schedule of its rate (Loshchilov and Hutter 2019, arXiv 1711.05101).

optimizer = adamw(model, rate=2e-4, weight_decay=0.01, layer_decay=0.9)
set_rate(optimizer, 2e-4 * schedule(step / steps, warmup=0.05))
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn

_LAYER = re.compile(r"\blayers?\.(\d+)\.")
_EMBEDDINGS = re.compile(r"\b\w*embeddings?\b")


def depth(name: str) -> int | None:
    """How deep a parameter lies: -1 in the embeddings, n in layer n from 0, None above all layers."""
    if found := _LAYER.search(name):
        return int(found[1])
    return -1 if _EMBEDDINGS.search(name) else None


def adamw(model: nn.Module, *, rate: float, weight_decay: float, layer_decay: float = 1.0) -> torch.optim.AdamW:
    """An optimizer over all parameters that learn.

    Args:
        model: what learns.
        rate: of what lies above all layers.
        weight_decay: of matrices; biases and the scales of norms have none.
        layer_decay: the rate of a layer as a share of that of the layer above it (ULMFiT, Howard and Ruder 2018).
    """
    learning = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    layers = 1 + max((place for name, _ in learning if (place := depth(name)) is not None), default=-1)
    groups: dict[tuple[float, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in learning:
        place = depth(name)
        below = 0 if place is None else layers - place
        groups[layer_decay**below, weight_decay if parameter.ndim > 1 else 0.0].append(parameter)
    return torch.optim.AdamW(
        [{"params": own, "share": share, "weight_decay": decay} for (share, decay), own in groups.items()],
        lr=rate,
        fused=True,
    )


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the rate of every group to its share of ``rate``."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("share", 1.0)


@torch.no_grad()
def shrink(optimizer: torch.optim.Optimizer, pull: float) -> None:
    """The proximal step of an L1 penalty: matrices that have a gradient move towards zero, by the rate times ``pull``.

    What would cross zero stays there. As the decay of AdamW, it does not go through the adaptive rates.
    """
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter.ndim > 1 and parameter.grad is not None:
                parameter.copy_(torch.nn.functional.softshrink(parameter, group["lr"] * pull))


def schedule(progress: float, warmup: float) -> float:
    """The share of the peak rate at ``progress`` in [0, 1]: linear warm-up, then linear decay to zero."""
    if progress < warmup:
        return progress / warmup
    return max(0.0, (1 - progress) / (1 - warmup))
