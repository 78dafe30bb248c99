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

from collections.abc import Mapping  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from biogloss import recipes, tasks
from biogloss.errors import ConfigError

PREFIX = "ner-"
CLASSES = ("", "one", "several")
PROTOTYPICAL = ("classification", "roles")
"""Tasks that can be told by the nearest class mean."""
_PROTOTYPES = f"{' and '.join(PROTOTYPICAL)}, without balanced, focal or smoothing: nothing is trained"


@dataclass(frozen=True, kw_only=True)
class Learned:
    """One task, and what it is learned from.

    Args:
        name: of the model, and among ``tasks`` of the task's head; the task's own where left out.
        task: a name of ``biogloss.tasks``.
        labels: what it can say; left out, what training documents have (entities must be named).
        corpora: corpus (a name of ``biogloss.corpora``) -> passes over its training part in one epoch.
        with_dev: corpora whose development part is learned from too. It chooses nothing then: for the last run of a
            model, after runs without it have chosen its recipe and ``thresholds``.
        files: instead of or beside ``corpora``: split -> files of annotated documents, every label exhaustive.
        thresholds: label -> the least score in [0, 1] of what is said, taken as it stands; the others are tuned on
            development parts.
        weight: of its loss beside those of other tasks.
        classes: whether an item has ``one`` class or may have ``several``; left out, as the task has it.
        balanced: weigh classes by the inverse of how often they occur; where rare ones matter as much as common ones.
        focal: gamma of focal loss, 1 to 3; where most items are easy and of one class. 0 is plain cross-entropy.
        smoothing: share of certainty that targets lose; where annotators disagree.
        least: classes of fewer training documents are left out.
        form: of relations: ``pooled``, ``placeholders`` or ``markers``.
        level: of relations: ``concept`` or ``mention``.
        directed: of relations: whether (a, b) and (b, a) of one type are two candidates.
        alone: of roles: read each sentence by itself.
        scale: of pairs: least and greatest number, where a number is told and not a class.
        hidden: width of the layer between states and logits, of tasks that have one.
        prototypes: of classification and roles: the head is not trained but set to the nearest class means of the
            encoder as it is, or as other tasks have made it (``training.prototypes``); for a few documents a class.
    """

    name: str = ""
    task: str = "ner"
    labels: tuple[str, ...] = ()
    corpora: Mapping[str, float] = field(default_factory=dict)
    with_dev: tuple[str, ...] = ()
    files: Mapping[str, list[str]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    classes: str = ""
    balanced: bool = False
    focal: float = 0.0
    smoothing: float = 0.0
    least: int = 0
    form: str = ""
    level: str = ""
    directed: bool = False
    alone: bool = False
    scale: tuple[float, ...] = ()
    hidden: int = 0
    prototypes: bool = False

    def __post_init__(self) -> None:
        self._check_task()

    def _check_task(self) -> None:
        rules = {
            "task": (self.task in tasks.names(), f"one of {', '.join(tasks.names())}"),
            "labels": (len(self.labels) == len(set(self.labels)), "names, each once"),
            "corpora": (
                bool(self.corpora or self.files) and all(passes > 0 for passes in self.corpora.values()),
                "corpora with more than 0 passes each, or files",
            ),
            "with_dev": (set(self.with_dev) <= self.corpora.keys(), "corpora of the recipe"),
            "files": (
                not self.files or {"train"} <= self.files.keys() <= {"train", "dev", "test"},
                "files for train, and none, dev or test beside it",
            ),
            "thresholds": (
                (not self.labels or self.thresholds.keys() <= set(self.labels))
                and all(0 <= least <= 1 for least in self.thresholds.values()),
                "labels of the recipe with scores from 0 to 1",
            ),
            "weight": (self.weight > 0, "above 0"),
            "classes": (self.classes in CLASSES, "one or several"),
            "focal": (self.focal >= 0, "at least 0"),
            "smoothing": (0 <= self.smoothing < 1, "a share of at least 0 and less than 1"),
            "prototypes": (not self.prototypes or self._can_have_prototypes, f"false but for {_PROTOTYPES}"),
            "scale": (len(self.scale) in {0, 2} and sorted(self.scale) == list(self.scale), "two numbers, rising"),
        }
        recipes.check(self, rules)
        if self.task == "ner" and not self.labels:
            raise ConfigError(f"recipe {self.name}: labels = () cannot be; expected one or more entity types")
        self.options()

    @property
    def _can_have_prototypes(self) -> bool:
        return self.task in PROTOTYPICAL and not (self.balanced or self.focal or self.smoothing)

    @property
    def head(self) -> str:
        """What its head is called among others."""
        return self.name or self.task

    def options(self) -> dict[str, Any]:
        """What the task is fitted with.

        Raises:
            ConfigError: something that the task has no place for.
        """
        loss = {name: value for name in ("focal", "smoothing") if (value := getattr(self, name))}
        own = ("labels", "balanced", "least", "form", "level", "directed", "alone", "scale", "hidden", "thresholds")
        given = {name: value for name in own if (value := getattr(self, name))}
        if self.classes:
            given["several"] = self.classes == "several"
        if loss:
            given["loss"] = loss
        known = tasks.load(self.task).OPTIONS
        if unknown := sorted(set(given) - set(known)):
            shown = ", ".join({"several": "classes", "loss": "focal or smoothing"}.get(name, name) for name in unknown)
            raise ConfigError(f"recipe {self.name}: the task {self.task} has no {shown}; leave it out")
        return given


@dataclass(frozen=True, kw_only=True)
class Recipe(Learned):
    """Everything that decides a fine-tuning run.

    Args:
        name: what the model is called, with its version.
        encoder: a folder, a hub name or a wheel that holds one.
        tasks: what is learned where it is more than one task; nothing of a task stands at the top then.
        temperature: with several corpora or tasks, the passes over each are multiplied by a power of its size, so that
            1 draws from each as it is and 0 draws equally often from all.
        epochs: passes over that mixture.
        max_pieces: longest window at annotation time and when a document is used whole.
        overlap: pieces that neighbouring windows share at least.
        cuts: of tasks on pieces: a document is cut into windows of at most one of these lengths, drawn anew each epoch.
        budget_pieces: pieces in a batch, padding included.
        learning_rate: peak, after ``warmup`` (share of all steps), before linear decay to zero.
        layer_decay: the rate of each layer as a share of the rate of the layer above it; for little data.
        dropout: of hidden states; attention weights have none.
        evaluate_every: epochs between evaluations on development data.
        patience: evaluations without a better mean before the run stops; 0 never stops early.
        checkpoint_minutes: minutes between checkpoints.
        precision: of matrix products: ``float32``, ``bfloat16``, or ``auto``, which is bfloat16 where the hardware has
            it. It is faster there; scores differ within what another seed changes.
        seed: of every draw.

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

    def __post_init__(self) -> None:
        if self.tasks:
            self._check_tasks()
        else:
            self._check_task()
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
        recipes.check(self, rules)

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


def _default(found: Any) -> Any:  # noqa: ANN401 - any field of a dataclass
    return found.default_factory() if callable(found.default_factory) else found.default
