"""One task of a fine-tuning run: its documents, fitted to what they hold, and its place in the model.

lessons(recipe)      [Lesson("ner", Ner(("Disease",)), [Source("ncbi_disease", ...)])]
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from biogloss import tasks
from biogloss.errors import ConfigError
from biogloss.models.folder import Head
from biogloss.training import material, shots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biogloss.tasks import Task
    from biogloss.training.learned import Learned
    from biogloss.training.material import Source
    from biogloss.training.recipe import Recipe

FORGOTTEN = frozenset({"labels", "max_pieces", "overlap", "loss_of", "chosen"})
"""Fields of a task that a model folder has elsewhere, or that nobody needs after training."""


@dataclass(frozen=True)
class Lesson:
    """``name`` of the head, the ``task``, what the recipe says of it, and its ``sources``."""

    name: str
    task: Task
    learned: Learned
    sources: tuple[Source, ...]


def lessons(recipe: Recipe) -> list[Lesson]:
    """The tasks of a recipe, fitted to their training documents.

    Raises:
        ConfigError: training documents do not have what is to be learned.
        InputError: a corpus is not there.
        FormatError: a record of a file is damaged.
    """
    sources = material.sources(recipe)
    made = [_lesson(learned, recipe, own) for learned, own in zip(recipe.learned, sources, strict=True)]
    if recipe.temperature == 1:
        return made
    largest = max(len(source.train) for lesson in made for source in lesson.sources)
    return [replace(lesson, sources=_tempered(lesson.sources, largest, recipe.temperature)) for lesson in made]


def _lesson(learned: Learned, recipe: Recipe, found: tuple[Source, ...]) -> Lesson:
    if recipe.share < 1:
        found = tuple(replace(own, train=shots.portion(own.train, recipe.share, seed=recipe.seed)) for own in found)
    task = _fitted(learned, recipe, found)
    if recipe.shots:
        found = tuple(_few(source, task, recipe) for source in found)
        task = _fitted(learned, recipe, found)
    return Lesson(learned.head, task, learned, found)


def _few(source: Source, task: Task, recipe: Recipe) -> Source:
    """A corpus with few training documents."""
    labels = set(task.labels)
    train = shots.drawn(
        source.train, lambda document: labels & task.said(document).keys(), shots=recipe.shots, seed=recipe.seed
    )
    return replace(source, train=train)


def _fitted(learned: Learned, recipe: Recipe, found: Sequence[Source]) -> Any:  # noqa: ANN401 - any task
    """The task as training documents have it."""
    documents = [document for source in found for document in source.train]
    if not documents:
        raise ConfigError(f"recipe {recipe.name}: {learned.head} has no training document")
    task = tasks.load(learned.task).fitted(documents, **learned.options())
    return replace(task, max_pieces=recipe.max_pieces, overlap=recipe.overlap)


def _tempered(sources: Sequence[Source], largest: int, temperature: float) -> tuple[Source, ...]:
    """The corpora with passes by a power of their size."""
    return tuple(
        replace(source, passes=source.passes * (largest / max(1, len(source.train))) ** (1 - temperature))
        for source in sources
    )


def head_of(lesson: Lesson, thresholds: Mapping[str, float]) -> Head:
    """What a model folder says of a trained task."""
    task: Any = lesson.task
    options = {own.name: getattr(task, own.name) for own in fields(task) if own.name not in FORGOTTEN}
    if "thresholds" in options:
        options["thresholds"] = dict(thresholds)
    return Head(name=lesson.name, task=lesson.learned.task, labels=task.labels, options=options)
