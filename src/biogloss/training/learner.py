"""The model that pre-training works on: a masked language model of ``transformers``, and more heads beside it.

learner = start(recipe, Corpus(Path("corpus-en")))
states = learner(ids)                     (batch, seq) -> (batch, seq, width)
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from biogloss.errors import ConfigError, ModelError
from biogloss.models import encoder
from biogloss.models.folder import checksum
from biogloss.models.tokenizer import Tokenizer
from biogloss.training.dropout import set_dropout
from biogloss.training.objectives import masked_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from biogloss.preparation.corpus import Corpus
    from biogloss.training.pretrain_recipe import Recipe

PRESETS: Mapping[str, tuple[int, int]] = {"bert-base": (12, 768), "mini": (4, 256), "tiny": (2, 128)}
"""Layers and width; a head of attention has 64 of it, the feed-forward layer four times as much."""
HEAD_WIDTH = 64
TOKENIZER = "tokenizer.json"


class Learner(nn.Module):
    """A masked language model with its encoder's states open to other heads.

    Args:
        full: an ``AutoModelForMaskedLM``.
        heads: of other objectives, by name; they are not part of the encoder that a run writes.
    """

    def __init__(self, full: Any, heads: Mapping[str, nn.Module] | None = None) -> None:  # noqa: ANN401
        super().__init__()
        self.full = full
        self.heads = nn.ModuleDict(heads or {})

    @property
    def body(self) -> Any:  # noqa: ANN401 - any transformers model
        """The encoder under the head."""
        return self.full.base_model

    @property
    def words_head(self) -> nn.Module:
        """States to logits over the vocabulary."""
        return masked_words.head_of(self.full)

    @property
    def has_segments(self) -> bool:
        """Whether the encoder tells a second text from the first by its segments; RoBERTa's does not."""
        return bool(getattr(self.body.config, "type_vocab_size", 1) > 1)

    def forward(
        self, ids: Tensor, mask: Tensor | None = None, segments: Tensor | None = None, *, layers: bool = False
    ) -> tuple[Tensor, ...]:
        """States of every layer, embeddings first, or of the last one alone; each (batch, seq, width).

        Args:
            ids: (batch, seq) int64.
            mask: (batch, seq) bool, True on real pieces; None where no row is padded.
            segments: (batch, seq) int64, which of two texts; None where there is one.
            layers: give all layers.
        """
        more = {} if segments is None else {"token_type_ids": segments}
        found = self.body(input_ids=ids, attention_mask=mask, output_hidden_states=layers, **more)
        return tuple(found.hidden_states) if layers else (found.last_hidden_state,)

    def save(self, folder: Path, tokenizer: Path) -> None:
        """Write the masked language model, float32, as a folder for ``transformers``."""
        with encoder.silent():
            self.full.save_pretrained(folder)
        for name in (TOKENIZER, "tokenizer_config.json"):
            if (tokenizer.parent / name).exists():
                shutil.copyfile(tokenizer.parent / name, folder / name)


@dataclass(frozen=True, slots=True)
class Start:
    """What a run starts from: ``learner``, its ``tokenizer`` and that one's ``file``."""

    learner: Learner
    tokenizer: Tokenizer
    file: Path


def start(recipe: Recipe, corpus: Corpus) -> Start:
    """Build the model of a recipe.

    Raises:
        ModelError: the encoder cannot be loaded, or its family has no head over its vocabulary.
        ConfigError: the corpus was cut with another vocabulary, or rows are longer than the encoder reads.
    """
    if recipe.preset:
        file = corpus.folder / TOKENIZER
        tokenizer = Tokenizer(file)
        full = _preset(recipe.preset, tokenizer)
    else:
        folder = encoder.encoder_folder(recipe.encoder)
        file = encoder.tokenizer_file(folder)
        tokenizer = Tokenizer(file)
        _same_vocabulary(recipe, corpus, file)
        full = encoder.load_masked(str(folder))
    longest = encoder.longest(full.config)
    if recipe.length > longest:
        raise ConfigError(f"recipe {recipe.name}: length = {recipe.length}, but the encoder reads at most {longest}")
    set_dropout(full, recipe.dropout)
    return Start(Learner(full), tokenizer, file)


def _same_vocabulary(recipe: Recipe, corpus: Corpus, file: Path) -> None:
    if checksum(file) != corpus.manifest["tokenizer"]:
        raise ConfigError(
            f"{recipe.corpus}: cut with another vocabulary than that of {recipe.encoder}; build it with this one: "
            f"biogloss corpora build RECIPE -o FOLDER --tokenizer {file}"
        )


def _preset(name: str, tokenizer: Tokenizer) -> Any:  # noqa: ANN401 - a transformers model
    from transformers import BertConfig, BertForMaskedLM  # noqa: PLC0415 - four seconds

    layers, width = PRESETS[name]
    config = BertConfig(
        vocab_size=tokenizer.vocabulary_size,
        num_hidden_layers=layers,
        hidden_size=width,
        num_attention_heads=width // HEAD_WIDTH,
        intermediate_size=4 * width,
        pad_token_id=tokenizer.padding,
        # BERT's 0.02 is for its width of 768; in narrow models it leaves all pieces alike for a thousand steps.
        initializer_range=0.02 * (768 / width) ** 0.5,
    )
    return BertForMaskedLM(config)


def load(folder: Path) -> Learner:
    """A masked language model that a run wrote, with its own head.

    Raises:
        ModelError: nothing there that ``transformers`` can load.
    """
    if not (folder / "config.json").exists():
        raise ModelError(f"{folder}: no encoder there; expected a folder with config.json and model.safetensors")
    return Learner(encoder.load_masked(str(folder)))


def frozen(learner: Learner) -> list[nn.Parameter]:
    """Freeze all but the head over the vocabulary; its output rows are those of the embeddings, so they stay too."""
    body = {id(parameter) for parameter in learner.body.parameters()}
    own = [parameter for parameter in learner.words_head.parameters() if id(parameter) not in body]
    for parameter in learner.parameters():
        parameter.requires_grad = False
    for parameter in own:
        parameter.requires_grad = True
    return own


def to_tensor(array: Any, device: str) -> Tensor:  # noqa: ANN401 - a numpy array
    """A numpy array on the device, without a copy where that is the processor."""
    return torch.from_numpy(array).to(device)
