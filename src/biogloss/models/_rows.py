"""An encoder with more rows: each new word begins as the mean of the pieces it was cut into. Needs torch.

    metformin = mean(met, ##form, ##in)

The input embedding, the masked-word head's decoder where it is a tensor of its own, and its biases follow alike; so a
new word's first prediction is the mean of its pieces' predictions.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from biogloss.errors import ModelError
from biogloss.models import _torch_weights, _wordpiece
from biogloss.models._files import new_folder, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

FAMILIES = ("bert", "distilbert", "electra")
EMBEDDING = "embeddings.word_embeddings.weight"
ROWS = (
    EMBEDDING,
    "cls.predictions.decoder.weight",
    "cls.predictions.decoder.bias",
    "cls.predictions.bias",
    "vocab_projector.weight",
    "vocab_projector.bias",
    "generator_lm_head.weight",
    "generator_lm_head.bias",
)
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
CARRIED = ("tokenizer_config.json", "special_tokens_map.json", "generation_config.json")


def extend(source: Path, target: Path, words: Sequence[str], *, record: str = "") -> None:
    """Write ``target``, the encoder of ``source`` with a row for each word, whole or not at all.

    Args:
        source: a Hugging Face folder of a family with a WordPiece vocabulary.
        target: a folder that does not exist yet.
        words: normalised as the tokenizer does it; none of them in its vocabulary.
        record: text for ``vocabulary.json`` beside the model; none where empty.

    Raises:
        ModelError: the source is damaged, or not an encoder whose rows we know.
        ConfigError: the target exists.
        OutputError: it cannot be written.
    """
    config = read_object(source / "config.json")
    if config.get("model_type") not in FAMILIES:
        msg = f"{source}: an encoder of the family {config.get('model_type')}; extended are {', '.join(FAMILIES)}"
        raise ModelError(msg)
    path = source / "tokenizer.json"
    document = _wordpiece.read(path)
    longer = _wordpiece.extended(document, words, path)
    weights = next((source / name for name in WEIGHTS if (source / name).is_file()), source / WEIGHTS[0])
    tensors = _longer(_torch_weights.read(weights), _means(document, words), longer, source)
    rows = next(len(tensor) for name, tensor in tensors.items() if name.endswith(EMBEDDING))
    with new_folder(target) as new:
        from safetensors.torch import save_file  # noqa: PLC0415

        save_file(tensors, new / WEIGHTS[0], metadata={"format": "pt"})
        _write(new / "config.json", json.dumps({**config, "vocab_size": rows}, indent=2) + "\n")
        _write(new / path.name, json.dumps(longer, ensure_ascii=False))
        if record:
            _write(new / "vocabulary.json", record)
        for name in CARRIED:
            if (source / name).is_file():
                shutil.copyfile(source / name, new / name)


def _means(document: Mapping[str, Any], words: Sequence[str]) -> list[list[int]]:
    """The old rows that each word was cut into."""
    model = Tokenizer.from_str(json.dumps(document)).model
    return [[piece.id for piece in model.tokenize(word)] for word in words]


def _longer(
    tensors: dict[str, Tensor],
    means: Sequence[Sequence[int]],
    document: Mapping[str, Any],
    source: Path,
) -> dict[str, Tensor]:
    """The tensors, those with a row for each piece made longer; rows that padded the vocabulary are used first."""
    end = max(document["model"]["vocab"].values()) + 1
    embedding = next((tensor for name, tensor in tensors.items() if name.endswith(EMBEDDING)), None)
    if embedding is None or len(embedding) < end - len(means):
        has = 0 if embedding is None else len(embedding)
        msg = f"{source}: {has:,} rows of word embeddings for a vocabulary of {end - len(means):,} pieces"
        raise ModelError(msg)
    return {
        name: _with_means(tensor, means, end) if name.endswith(ROWS) and len(tensor) == len(embedding) else tensor
        for name, tensor in tensors.items()
    }


def _with_means(tensor: Tensor, means: Sequence[Sequence[int]], end: int) -> Tensor:
    """``tensor`` (rows, width) or (rows,); the means fill the rows before ``end``."""
    longer = tensor.new_zeros((max(len(tensor), end), *tensor.shape[1:]))
    longer[: len(tensor)] = tensor
    for row, old in enumerate(means, end - len(means)):
        longer[row] = tensor[list(old)].float().mean(dim=0).to(tensor.dtype)
    return longer


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
