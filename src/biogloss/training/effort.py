"""What a run asks of the machine, beside what the machine can do: the share of its peak that the log shows.

operations(learner, length=128, mask_rate=0.15) * pieces_per_second / peak("float32")      0.62
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from biogloss.training.precision import BFLOAT16

if TYPE_CHECKING:
    from biogloss.training.learner import Learner

SHAPES = ((1024, 1024), (384, 1536))
"""Inner x columns of the products that are timed: a square one, and a layer of a small encoder."""
ROWS, CARD_ROWS = 1024, 16384
SECONDS = 0.33
FORWARD, BACKWARD = 2, 4  # operations for each weight and piece: one product forward; backward two, or one if frozen


def operations(learner: Learner, *, length: int, mask_rate: float) -> float:
    """Operations of one training step for each piece: matrices of the layers, attention, the head at hidden places.

    What is frozen counts forward only. Embeddings, norms, the optimizer and other objectives count nothing.

    Args:
        learner: the model, with what learns set to learn.
        length: of the rows, in pieces.
        mask_rate: share of the pieces that the head sees.
    """
    layers = _matrices(learner.body)
    weights = sum(weight.numel() for weight in layers)
    learning = sum(weight.numel() for weight in layers if weight.requires_grad)
    config = learner.body.config
    attention = 2 * config.num_hidden_layers * config.hidden_size * length
    encoder = (FORWARD + BACKWARD * learning / weights) * (weights + attention)
    head = sum(
        (FORWARD + BACKWARD * (1 if weight.requires_grad else 0.5)) * weight.numel()
        for weight in _matrices(learner.words_head)
    )
    return float(encoder + mask_rate * head)


def _matrices(module: nn.Module) -> list[Tensor]:
    return [part.weight for part in module.modules() if isinstance(part, nn.Linear)]


def peak(precision: str, device: str = "cpu") -> float:
    """The fastest matrix product in a resolved precision, in operations a second, with the threads torch has now.

    Measured in a third of a second.
    """
    kind = torch.bfloat16 if precision == BFLOAT16 else torch.float32
    return max(_speed(*shape, kind, device) for shape in SHAPES)


def _speed(inner: int, columns: int, kind: torch.dtype, device: str) -> float:
    rows = ROWS if device == "cpu" else CARD_ROWS
    left = torch.ones(rows, inner, dtype=kind, device=device)
    right = torch.ones(inner, columns, dtype=kind, device=device)
    out = left @ right  # the first one prepares
    began, fastest = time.perf_counter(), float("inf")
    while time.perf_counter() - began < SECONDS / len(SHAPES) or fastest == float("inf"):
        start = time.perf_counter()
        torch.mm(left, right, out=out)
        if device != "cpu":
            torch.cuda.synchronize(device)
        fastest = min(fastest, time.perf_counter() - start)
    return 2 * rows * inner * columns / fastest
