"""Low-rank adapters of an encoder's query and value projections (Hu et al. 2021, arXiv 2106.09685). Needs torch.

    attach(encoder, rank=8, alpha=16)      x W' becomes x W' + 2 x down' up', and only ``down`` and ``up`` learn
    merged(encoder)                        the encoder's tensors as if it had been trained itself

``adapters.safetensors`` holds ``encoder.layer.0.attention.self.query.down`` (rank, in) and ``.up`` (out, rank) of every
projection, and in its metadata rank, alpha, and the name and checksum of the encoder they belong to.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

PROJECTIONS = frozenset({"query", "value", "query_proj", "value_proj", "q_lin", "v_lin", "q_proj", "v_proj", "q", "v"})
"""What families call the projections: BERT and its kin, DeBERTa, DistilBERT, others."""
_OWN = (".down", ".up")


class Adapted(nn.Linear):
    """A linear layer that stays as it is, with an adapter that learns; at first the adapter adds nothing.

    Args:
        plain: the layer; its weight and bias are taken over.
        rank: of the adapter.
        alpha: what it adds counts ``alpha / rank`` times.
    """

    def __init__(self, plain: nn.Linear, *, rank: int, alpha: float) -> None:
        super().__init__(plain.in_features, plain.out_features, bias=plain.bias is not None, device="meta")
        self.weight, self.bias = plain.weight, plain.bias
        self.down = nn.Parameter(torch.empty(rank, plain.in_features))
        self.up = nn.Parameter(torch.zeros(plain.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))  # as nn.Linear begins
        self.scale = alpha / rank

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name that torch gives it
        """States (..., in) to (..., out)."""
        return super().forward(input) + self.scale * functional.linear(functional.linear(input, self.down), self.up)

    def whole(self) -> Tensor:
        """The weight with the adapter in it, (out, in)."""
        return self.weight.detach() + self.scale * (self.up.detach() @ self.down.detach())


def attach(encoder: nn.Module, *, rank: int, alpha: float) -> None:
    """Put adapters on an encoder, and freeze all else of it.

    Raises:
        ModelError: it has no query and value projections of their own.
    """
    encoder.requires_grad_(requires_grad=False)
    found = [
        (parent, name, layer)
        for parent in encoder.modules()
        for name, layer in parent.named_children()
        if name in PROJECTIONS and isinstance(layer, nn.Linear)
    ]
    if not found:
        raise ModelError(
            f"{type(encoder).__name__} has no linear layer called {', '.join(sorted(PROJECTIONS))} to adapt; "
            "set lora_rank = 0"
        )
    for parent, name, layer in found:
        setattr(parent, name, Adapted(layer, rank=rank, alpha=alpha))


def merged(encoder: nn.Module) -> dict[str, Tensor]:
    """The tensors of an encoder under its own names, adapters added to the weights they stand beside."""
    tensors = {name: tensor for name, tensor in encoder.state_dict().items() if not name.endswith(_OWN)}
    for path, module in encoder.named_modules():
        if isinstance(module, Adapted):
            tensors[f"{path}.weight"] = module.whole()
    return tensors


@dataclass(frozen=True, slots=True)
class Base:
    """Whose adapters they are: the ``name`` of an encoder, the SHA-256 of its weights, and the adapters' shape."""

    name: str
    checksum: str
    rank: int
    alpha: float


def save(path: Path, encoder: nn.Module, base: Base) -> None:
    """Write the adapters of an encoder, in float32."""
    tensors = {
        f"{place}{end}": getattr(module, end[1:]).detach().float().contiguous()
        for place, module in encoder.named_modules()
        if isinstance(module, Adapted)
        for end in _OWN
    }
    save_file(tensors, path, metadata={"base": json.dumps(asdict(base))})


def base(path: Path) -> Base:
    """Whose adapters a file holds.

    Raises:
        ModelError: damaged, or not a file of adapters.
    """
    return _read(path)[0]


def load(path: Path, encoder: nn.Module) -> None:
    """Put the adapters of a file on an encoder that has none.

    Raises:
        ModelError: damaged, or of an encoder of another shape.
    """
    found, tensors = _read(path)
    attach(encoder, rank=found.rank, alpha=found.alpha)
    try:
        unknown = encoder.load_state_dict(tensors, strict=False).unexpected_keys
    except RuntimeError as error:
        raise ModelError(f"{path}: adapters of an encoder of another shape ({str(error).splitlines()[0]})") from error
    if unknown:
        raise ModelError(f"{path}: adapters of an encoder of another shape ({unknown[0]} is not in {found.name})")


def _read(path: Path) -> tuple[Base, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            found: dict[str, Any] = json.loads(file.metadata()["base"])
            return Base(**found), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path}: not a file of adapters, or damaged ({error}); copy the model folder again"
        ) from error
