"""Cross-validate a recipe: a model for each part of the training documents, which it has not seen, and one score.

    crossvalidate(recipe, Path("runs/folds"), Plan(folds=5))      Evaluation(parts={"fold-1": 103, ...}, ...)

The folder holds a run of fine-tuning for each part, ``fold-1`` ..., with ``gold.jsonl`` and ``predicted.jsonl`` beside
its model. Documents are scored together, once, and not as a mean over parts: F1 of few documents jumps, and its mean
depends on how many parts there are (Forman and Scholz 2010, SIGKDD Explorations 12:1).
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.documents.jsonl import to_line
from biogloss.errors import ConfigError
from biogloss.evaluation import overall
from biogloss.evaluation.overall import Evaluation
from biogloss.training import lesson, material, precision, predict
from biogloss.training.finetune import CHECKPOINT, finetune
from biogloss.training.processes import together
from biogloss.training.run_folder import claim, decided
from biogloss.training.turns import Plan, held_out, kind_of, only, scored_as, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from biogloss.documents import Document
    from biogloss.training.recipe import Recipe
    from biogloss.training.turns import Turn

    Seen = Callable[[str, int], None]

GOLD, PREDICTED = "gold.jsonl", "predicted.jsonl"


def crossvalidate(recipe: Recipe, run: Path, plan: Plan, seen: Seen | None = None) -> Evaluation:
    """Train what is not trained yet, and score all documents together; interrupted, the same call goes on.

    Args:
        recipe: of one task.
        run: the folder; a part that is finished there is not trained again.
        plan: what is left out.
        seen: told the folder of each part that is done, and how many documents it has; in every process, so a function
            of a module.

    Raises:
        ConfigError: what cannot be cross-validated, or the folder holds parts of another recipe, or other documents.
        ModelError: the encoder cannot be loaded.
        TrainingError: the loss is no number, or another process has failed.
    """
    return of_turns(recipe, run, resolved(recipe, plan), plan, seen)


def resolved(recipe: Recipe, plan: Plan) -> list[Turn]:
    """The turns of a plan as this machine takes them.

    Raises:
        ConfigError: what cannot be cross-validated.
    """
    return turns(replace(recipe, precision=precision.resolve(recipe.precision)), plan)


def of_turns(recipe: Recipe, run: Path, found: Sequence[Turn], plan: Plan, seen: Seen | None = None) -> Evaluation:
    """As :func:`crossvalidate`, of turns that are known already: to know them, all corpora are read."""
    for turn in found:
        place = run / turn.name
        claim(place, decided(turn.recipe), PREDICTED if (place / PREDICTED).exists() else CHECKPOINT)
    left = [(turn.name, turn.recipe) for turn in found if not (run / turn.name / PREDICTED).exists()]
    jobs = min(plan.jobs, len(left))
    if works := [_Work(run, tuple(left[first::jobs]), jobs > 1, seen) for first in range(jobs)]:
        together(works, threads=plan.threads, where=run)
    return _evaluation(recipe, run, found)


@dataclass(frozen=True)
class _Work:
    """What a process does: some of the parts, one after the other; quietly where others speak too."""

    run: Path
    parts: tuple[tuple[str, Recipe], ...]
    quiet: bool
    seen: Seen | None

    def __call__(self) -> None:
        with ExitStack() as files:
            nowhere = files.enter_context(Path(os.devnull).open("w", encoding="utf-8")) if self.quiet else None
            for name, recipe in self.parts:
                place = self.run / name
                count = _predict(recipe, finetune(recipe, place, stream=nowhere), place)
                (place / CHECKPOINT).unlink()
                if self.seen:
                    self.seen(str(place), count)


def _predict(recipe: Recipe, model: Path, place: Path) -> int:
    """Annotate what was held out from a model; returns how many documents that are."""
    (one,) = lesson.lessons(recipe)
    documents = held_out(one)
    predicted = predict.by_folder(model, [document for _, document in documents], one.name)
    _write(place / GOLD, (only(document, one, source) for source, document in documents))
    _write(
        place / PREDICTED,
        (only(found, one, source) for found, (source, _) in zip(predicted, documents, strict=True)),
    )
    return len(documents)


def _write(path: Path, documents: Iterable[Document]) -> None:
    new = path.with_suffix(".new")
    new.write_text("".join(to_line(document) + "\n" for document in documents), encoding="utf-8", newline="\n")
    new.replace(path)


def _evaluation(recipe: Recipe, run: Path, found: Sequence[Turn]) -> Evaluation:
    (learned,) = recipe.learned
    gold = [document for turn in found for document in turn.held_out]
    predicted = [document for turn in found for document in _predicted(run / turn.name, turn)]
    predicted = _with_all_classes(predicted)
    choices = scored_as(learned, gold)
    return Evaluation(
        names={"gold": str(run), "predicted": recipe.name},
        gold=gold,
        predicted=predicted,
        scored=overall.scored(gold, predicted, [kind_of(learned)], choices),
        choices=choices,
        parts={turn.name: len(turn.held_out) for turn in found},
        notes=[f"{turn.name}: {doubt}" for turn in found for doubt in turn.doubts],
    )


def _predicted(place: Path, turn: Turn) -> list[Document]:
    """What the model of a part says of the documents of its turn.

    Raises:
        ConfigError: they are others, or others are right for them: the corpora or files have changed since.
        FormatError: a line is damaged.
    """
    if list(material.documents([str(place / GOLD)])) != list(turn.held_out):
        raise ConfigError(
            f"{place / GOLD}: other documents than the recipe's, or other annotations; delete {place} to train that "
            "part again"
        )
    documents = list(material.documents([str(place / PREDICTED)]))
    if [(one.id, one.text) for one in documents] != [(one.id, one.text) for one in turn.held_out]:
        raise ConfigError(f"{place / PREDICTED}: other documents than {GOLD}; delete {place} to train that part again")
    return documents


def _with_all_classes(predicted: Sequence[Document]) -> list[Document]:
    """Documents with the probability of every class that any model knows; 0 where their own does not know it."""
    known = {label for document in predicted for label, _ in document.label_scores}
    return [
        replace(document, label_scores=tuple(sorted((dict.fromkeys(known, 0.0) | dict(document.label_scores)).items())))
        for document in predicted
    ]
