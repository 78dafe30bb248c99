"""The processes that train one model together: alone, or as ``torchrun`` starts them.

    torchrun --standalone --nproc-per-node 2 -m biogloss -- pretrain recipe.toml --run runs/mine

Each works on its share of a step's rows, and their gradients are added up once a step: Gloo between processors, NCCL
between graphics cards.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import distributed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Team:
    """``rank`` of this process among ``size``; the first one has rank 0 and writes the files."""

    rank: int = 0
    size: int = 1
    device: str = "cpu"

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def add(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors of one type by their sums over all processes, in one message."""
        own = list(tensors)
        if self.size == 1 or not own:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in own])
        distributed.all_reduce(flat)
        for tensor, total in zip(own, torch.split(flat, [tensor.numel() for tensor in own]), strict=True):
            tensor.copy_(total.view_as(tensor))

    def wait(self) -> None:
        """Until every process is here."""
        if self.size > 1:
            distributed.barrier()


def join() -> Team:
    """The team that the environment names (``RANK``, ``WORLD_SIZE``, ``LOCAL_RANK``), or this process alone."""
    has_cards = torch.cuda.is_available()
    device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if has_cards else "cpu"
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if has_cards else "gloo")
    return Team(int(os.environ.get("RANK", "0")) if size > 1 else 0, size, device)
