"""What a recipe reaches with a part of its training documents: a cross-validation for each share of them.

    learning_curve(recipe, Path("runs/curve"), (0.25, 1.0), Plan(folds=5))      [Point(0.25, 96, Evaluation(...)), ...]

Every share is scored on the same documents: those that each fold holds out, whole. So no development part is needed,
and none is used up.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import mean
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError
from biogloss.evaluation.learning_curve import Point
from biogloss.training.crossvalidate import of_turns, resolved
from biogloss.training.turns import FOLDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from biogloss.training.recipe import Recipe
    from biogloss.training.turns import Plan

    Seen = Callable[[str, int], None]


def learning_curve(
    recipe: Recipe, run: Path, shares: Sequence[float], plan: Plan, seen: Seen | None = None
) -> list[Point]:
    """Cross-validate each share that is not there yet, the smallest first; interrupted, the same call goes on.

    Args:
        recipe: of one task, with all of its documents.
        run: the folder; a share is in ``share-0.25`` there.
        shares: two or more, above 0, at most 1.
        plan: folds, processes, threads.
        seen: see ``training.crossvalidate``.

    Raises:
        ConfigError: shares that cannot be, or what cannot be cross-validated.
        ModelError, TrainingError: see ``training.crossvalidate``.
    """
    ordered = sorted(set(shares))
    if len(ordered) < 2 or not 0 < ordered[0] <= ordered[-1] <= 1:
        given = ", ".join(f"{one:g}" for one in shares)
        raise ConfigError(f"shares {given or 'none'} cannot be; expected two or more, above 0 and at most 1")
    if plan.leave_out != FOLDS:
        raise ConfigError(f"a learning curve leaves out {FOLDS}, not {plan.leave_out}")
    made = [replace(recipe, share=share) for share in ordered]
    found = [resolved(own, plan) for own in made]  # what cannot be is refused before anything is trained
    return [
        Point(own.share, round(mean(turn.taught for turn in some)), of_turns(own, _place(run, own), some, plan, seen))
        for own, some in zip(made, found, strict=True)
    ]


def _place(run: Path, recipe: Recipe) -> Path:
    return run / f"share-{recipe.share:g}"
