"""Checkpoints: model, optimizer, position and random state in one safetensors file, replaced atomically.

    save(path, model, optimizer, {"step": 120})
    save(path, model, optimizer, {"step": 120}, average)     a second module goes along

Nothing is pickled: tensors go in by name, the rest is JSON in the file's metadata.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn
    from torch.optim import Optimizer

RANDOM_STATE = "random_state"


def save(
    path: Path, model: nn.Module, optimizer: Optimizer, position: Mapping[str, Any], beside: nn.Module | None = None
) -> None:
    """Write everything that a resumed run needs to equal an uninterrupted one."""
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    if beside is not None:
        tensors |= {f"beside.{name}": tensor for name, tensor in beside.state_dict().items()}
    names = _names(model, optimizer)
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{names[index]}.{key}": torch.as_tensor(value) for key, value in state.items()}
    tensors[RANDOM_STATE] = torch.get_rng_state()
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    new = path.with_suffix(".new")
    save_file(tensors, new, metadata={"position": json.dumps(position)})
    with new.open("rb+") as stream:
        os.fsync(stream.fileno())
    new.replace(path)


def load(path: Path, model: nn.Module, optimizer: Optimizer, beside: nn.Module | None = None) -> dict[str, Any]:
    """Put a checkpoint's tensors and random state back; returns the position.

    Raises:
        ModelError: damaged, or of another model.
    """
    found, tensors = _read(path, tensors=True)
    try:
        model.load_state_dict(_under("model.", tensors))
        if beside is not None:
            beside.load_state_dict(_under("beside.", tensors))
    except RuntimeError as error:
        msg = f"{path}: a checkpoint of another model ({str(error).splitlines()[0]}); use another run folder"
        raise ModelError(msg) from error
    _load_optimizer(optimizer, _names(model, optimizer), tensors)
    torch.set_rng_state(tensors[RANDOM_STATE])
    return found


def position(path: Path) -> dict[str, Any]:
    """The position of a checkpoint alone.

    Raises:
        ModelError: damaged.
    """
    return _read(path)[0]


def _read(path: Path, *, tensors: bool = False) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            found: dict[str, Any] = json.loads(file.metadata()["position"])
            return found, {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        msg = f"{path}: not a checkpoint of Biogloss or damaged ({error}); delete it to start again"
        raise ModelError(msg) from error


def _names(model: nn.Module, optimizer: Optimizer) -> list[str]:
    """The names of the parameters in the optimizer's order, which groups may change."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return [names[id(parameter)] for group in optimizer.param_groups for parameter in group["params"]]


def _load_optimizer(optimizer: Optimizer, names: list[str], tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for index, name in enumerate(names):
        if found := _under(f"optimizer.{name}.", tensors):
            state[index] = found
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
