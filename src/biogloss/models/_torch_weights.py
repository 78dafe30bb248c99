"""Weights of Hugging Face folders, safetensors or PyTorch's, to one ``model.safetensors``. Needs torch.

pytorch_model.bin    {"bert.embeddings.LayerNorm.gamma": ...}  ->  bert.embeddings.LayerNorm.weight
"""

from __future__ import annotations

from pickle import UnpicklingError
from typing import TYPE_CHECKING

from biogloss.errors import MissingExtra, ModelError
from biogloss.models._bert_names import current
from biogloss.models._files import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

SHARDED = ".index.json"


def copy(source: Path, target: Path) -> Mapping[str, Tensor]:
    """Write every tensor of a weight file, or of the files that an index of shards lists, under its present name.

    Raises:
        ModelError: damaged, incomplete, or with something in it that is no tensor.
        MissingExtra: torch is not installed.
    """
    tensors = read(source)
    from safetensors.torch import save_file  # noqa: PLC0415

    save_file(tensors, target, metadata={"format": "pt"})
    return tensors


def read(source: Path) -> dict[str, Tensor]:
    """The tensors; as :func:`copy`."""
    try:
        import torch  # noqa: F401, PLC0415 - the extra `train`
    except ImportError as error:
        raise MissingExtra("torch", "train", "reading weights of a Hugging Face folder") from error
    files = _shards(source) if source.name.endswith(SHARDED) else [source]
    tensors = {current(name): tensor for path in files for name, tensor in _one(path).items()}
    if not tensors:
        msg = f"{source}: no tensors in it"
        raise ModelError(msg)
    return tensors


def _one(path: Path) -> dict[str, Tensor]:
    import torch  # noqa: PLC0415
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, UnpicklingError, SafetensorError) as error:
        msg = (
            f"{path}: damaged, or more than tensors in it ({str(error).partition(chr(10))[0][:200]}). Download it again"
        )
        raise ModelError(msg) from error
    if not isinstance(found, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in found.items()
    ):
        msg = f"{path}: expected names and tensors, as transformers saves them"
        raise ModelError(msg)
    # Tied tensors share their memory there, which safetensors does not hold.
    return {name: tensor.detach().clone().contiguous() for name, tensor in found.items()}


def _shards(index: Path) -> list[Path]:
    try:
        listed = set(read_object(index)["weight_map"].values())
        files = sorted(index.with_name(name) for name in listed)  # refuses a name that leads elsewhere
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{index}: not an index of weight files ({error})"
        raise ModelError(msg) from error
    return files
