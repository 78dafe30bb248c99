"""What a recipe says of one task: what is learned, and from which documents.

Learned(task="relations", corpora={"cdr": 1.0}, hidden=128)
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - recipes.load reads the annotations
from dataclasses import dataclass, field
from typing import Any

from biogloss import recipes, tasks
from biogloss.errors import ConfigError

CLASSES = ("", "one", "several")
PROTOTYPICAL = ("classification", "roles")
"""Tasks that can be told by the nearest class mean."""
_PROTOTYPES = f"{' and '.join(PROTOTYPICAL)}, without balanced, focal or smoothing: nothing is trained"
FILES = "files"
"""What the recipe's own files are called among corpora."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """One task, and what it is learned from.

    Args:
        name: of the model, and among ``tasks`` of the task's head; the task's own where left out.
        task: ``ner``, ``relations``, ``classification``, ``roles`` (of sentences), ``pairs`` (of texts) or
            ``question_answering``.
        labels: what it can say; left out, what training documents have (entities must be named).
        corpora: corpus (a name that ``biogloss corpora`` lists) -> passes over its training part in one epoch.
        with_dev: corpora whose development part is learned from too. It chooses nothing then: for the last run of a
            model, after runs without it have chosen its recipe and ``thresholds``.
        native: of entities: ``labels`` are types as the corpora themselves name them, all of their mentions marked; to
            compare with what is published of one corpus. Otherwise they are heads, by the cards of the corpora.
        files: instead of or beside ``corpora``: ``train``, ``dev`` or ``test`` -> files of annotated documents, every
            label exhaustive.
        thresholds: label -> the least score in [0, 1] of what is said, taken as it stands; the others are tuned on
            development parts.
        weight: of its loss beside those of other tasks.
        classes: whether an item has ``one`` class or may have ``several``; left out, as the task has it.
        balanced: weigh classes by the inverse of how often they occur; where rare ones matter as much as common ones.
        focal: gamma of focal loss, 1 to 3; where most items are easy and of one class. 0 is plain cross-entropy.
        smoothing: share of certainty that targets lose, 0.05 to 0.2; where annotators disagree.
        least: classes of fewer training documents are left out; where rare ones are too few to learn.
        form: of relations: ``pooled``, one pass for all pairs of a text, which other tasks share; ``tagged``, one pass
            over the text with its mentions shown, where relations matter most; ``placeholders`` or ``markers``, a pass
            a pair, slower, where each sentence has few of them.
        level: of relations: ``concept`` where they hold for a whole document, ``mention`` where they stand in a text.
        directed: of relations: (a, b) and (b, a) of one type are two candidates; where it matters who acts on whom.
        alone: of roles: read each sentence by itself; to see what the context is worth.
        scale: of pairs: least and greatest number, where a number is told and not a class.
        hidden: of relations and pairs: width of the layer between states and logits, 256 where left out; less for
            little data.
        prototypes: of classification and roles: the head is not trained but set to the nearest class means of the
            encoder as it is, or as other tasks have made it (``training.prototypes``); for a few documents a class.
        linear_probe: of classification and roles: the head is fitted to the encoder as it is before both are trained
            (``training.linear_probe``); for many classes, most of them rare, or few documents.
    """

    name: str = ""
    task: str = "ner"
    labels: tuple[str, ...] = ()
    corpora: Mapping[str, float] = field(default_factory=dict)
    with_dev: tuple[str, ...] = ()
    native: bool = False
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
    linear_probe: bool = False

    def __post_init__(self) -> None:
        self.check_task()

    def check_task(self) -> None:
        """Refuse what cannot be.

        Raises:
            ConfigError: a value that cannot be, or that the task has no place for.
        """
        rules = {
            "task": (self.task in tasks.names(), f"one of {', '.join(tasks.names())}"),
            "labels": (len(self.labels) == len(set(self.labels)), "names, each once"),
            "corpora": (
                bool(self.corpora or self.files) and all(passes > 0 for passes in self.corpora.values()),
                "corpora with more than 0 passes each, or files",
            ),
            "native": (self.task == "ner" or not self.native, "false but for entities"),
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
            "linear_probe": (
                not self.linear_probe or (self.task in PROTOTYPICAL and not self.prototypes),
                f"false but for {' and '.join(PROTOTYPICAL)}, without prototypes",
            ),
            "prototypes": (not self.prototypes or self._can_have_prototypes, f"false but for {_PROTOTYPES}"),
            "scale": (len(self.scale) in {0, 2} and sorted(self.scale) == list(self.scale), "two numbers, rising"),
        }
        recipes.check(self, rules)
        if self.task == "ner" and not self.labels:
            raise ConfigError(f"recipe {self.name}: labels = () cannot be; expected one or more entity types")
        self.options()

    @property
    def has_heads(self) -> bool:
        """Whether entities of corpora are called as models call them: Chemical, where BioRED says ChemicalEntity."""
        return self.task in {"ner", "relations"} and not self.native

    @property
    def _can_have_prototypes(self) -> bool:
        return self.task in PROTOTYPICAL and not (self.balanced or self.focal or self.smoothing)

    @property
    def head(self) -> str:
        """What its head is called among others."""
        return self.name or self.task

    @property
    def sources(self) -> tuple[str, ...]:
        """What it is learned from: corpora, and ``files``."""
        return (*self.corpora, *([FILES] if self.files else []))

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
