"""A trainable model folder to an inference folder: int8 for CTranslate2, or ONNX for families it does not know.

    export(Path("runs/ner-bc5cdr/model"), Path("biogloss-en"))

Needs the extra ``train``; using the result does not.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file

from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models.encoder import encoder_folder, load_encoder, silent

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNTIMES = ("ctranslate2", "onnx")
PRECISIONS = ("int8", "float32")
CARRIED = (folders.HEADS, "tokenizer.json", folders.CARD)


def export(
    source: Path,
    target: Path,
    *,
    runtime: str = "ctranslate2",
    precision: str = "int8",
    thresholds: Mapping[str, float] | None = None,
) -> Path:
    """Write ``target`` whole or not at all.

    Args:
        source: a trainable folder.
        target: a folder that does not exist yet.
        runtime: ``ctranslate2`` or ``onnx``.
        precision: ``int8`` (weights per row, activations per row) or ``float32``.
        thresholds: label -> least score, in place of the source's own.

    Raises:
        ModelError: the source is not whole or not trainable, or its family is not supported by the runtime.
        ConfigError: an unknown runtime or precision, or the target exists.
    """
    if runtime not in RUNTIMES or precision not in PRECISIONS:
        msg = f"runtime is one of {', '.join(RUNTIMES)} and precision one of {', '.join(PRECISIONS)}"
        raise ConfigError(msg)
    if target.exists():
        msg = f"{target} exists already; name another folder"
        raise ConfigError(msg)
    settings = folders.settings(source)
    if settings.kind == folders.INFERENCE:
        msg = f"{source} is an {settings.kind} model; only a trainable one can be exported"
        raise ModelError(msg)
    if thresholds is not None:
        settings = _with_thresholds(settings, thresholds)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".export-") as place:
        new = Path(place) / "model"
        _write(Path(encoder_folder(str(source))), new, runtime, precision)  # adapters merged
        folders.seal(new, replace(settings, kind=folders.INFERENCE))
        new.rename(target)
    return target


def _with_thresholds(settings: folders.Settings, thresholds: Mapping[str, float]) -> folders.Settings:
    """The same model with other thresholds for entities."""
    entities = settings.head("ner")
    other = replace(entities, options={**entities.options, "thresholds": dict(thresholds)})
    return replace(settings, heads=tuple(other if head is entities else head for head in settings.heads))


def _write(source: Path, new: Path, runtime: str, precision: str) -> None:
    if runtime == "ctranslate2":
        _ctranslate2(source, new, precision)
    else:
        _onnx(source, new, precision)
    for name in CARRIED:
        shutil.copyfile(source / name, new / name)


def _ctranslate2(source: Path, new: Path, precision: str) -> None:
    import ctranslate2  # noqa: PLC0415
    from ctranslate2.converters import TransformersConverter  # noqa: PLC0415

    with TemporaryDirectory() as place:
        whole = Path(place) / "encoder"
        shutil.copytree(source, whole)
        tensors = load_file(whole / "model.safetensors")
        width = load_encoder(str(source)).config.hidden_size
        # The converter wants a pooler; ours has none, and a zero one gives the same bytes every time.
        tensors |= {"pooler.dense.weight": torch.zeros(width, width), "pooler.dense.bias": torch.zeros(width)}
        save_file(tensors, whole / "model.safetensors", metadata={"format": "pt"})
        _name_positions(whole / "config.json")
        try:
            with silent():
                TransformersConverter(str(whole)).convert(str(new), quantization=precision)
        except (ValueError, AttributeError) as error:
            version = ctranslate2.__version__
            msg = f"{source}: CTranslate2 {version} does not know this family ({error}); use --runtime onnx"
            raise ModelError(msg) from error


def _name_positions(config: Path) -> None:
    """Say ``absolute`` where the configuration is silent, as transformers means it; the converter wants it said."""
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings.setdefault("position_embedding_type", "absolute")
    config.write_text(json.dumps(settings), encoding="utf-8")


def _onnx(source: Path, new: Path, precision: str) -> None:
    new.mkdir()
    encoder = _States(load_encoder(str(source))).eval()
    longest = min(512, getattr(encoder.encoder.config, "max_position_embeddings", 512))
    sizes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("seq", min=2, max=longest)}
    program = torch.onnx.export(
        encoder, (torch.ones(2, 8, dtype=torch.int64),), input_names=["ids"], dynamic_shapes=(sizes,), dynamo=True
    )
    assert program is not None
    program.save(str(new / "model.onnx"), external_data=False)
    if precision == "int8":
        _quantize(new / "model.onnx")
    shutil.copyfile(source / "config.json", new / "config.json")


class _States(torch.nn.Module):
    """The encoder without padding: ids in, states out."""

    def __init__(self, encoder: Any) -> None:  # noqa: ANN401 - any transformers model
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.encoder(input_ids=ids).last_hidden_state
        return states


def _quantize(path: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    whole = path.with_suffix(".float32.onnx")
    path.rename(whole)
    quantize_dynamic(whole, path, weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
