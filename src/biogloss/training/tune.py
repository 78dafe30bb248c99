"""Search for a better recipe: train it with other values, one trial after another, and keep the best model.

    tune(recipe, search.usual(recipe), Path("runs/search"), Budget(trials=20))

The first trial is the recipe as it came, so the best one is never worse on development parts. Values are drawn where
earlier trials were good (TPE, Bergstra et al. 2011), and a trial that is below the median of the others at the same
epoch is stopped. The folder holds ``study.db``, a run folder for each trial in ``trials/``, of which only that of the
best one has ``model/``, and ``best.toml``.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from biogloss.errors import ConfigError, TrainingError
from biogloss.recipes.toml import to_toml
from biogloss.training import search
from biogloss.training.finetune import CHECKPOINT, LOG, OUT_OF_MEMORY, finetune
from biogloss.training.processes import together
from biogloss.training.run_folder import RECORD, claim
from biogloss.training.study import FAILED, FINISHED, LOCK, RUNNING, STOPPED, STORE, TRIALS, Row, Study, is_running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from biogloss.training.recipe import Recipe
    from biogloss.training.search import Budget, Space
    from biogloss.training.study import Trial

    Seen = Callable[[Row], None]

BEST = "best.toml"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search came to.

    Args:
        rows: all trials of the folder.
        best: that with the best mean.
        importances: field -> share; empty where too few trials have finished to tell.
        recipe: the file of the best recipe.
        model: the model that it made.
        doubts: what the logs of trials warn of, each thing once.
    """

    rows: tuple[Row, ...]
    best: Row
    importances: Mapping[str, float]
    recipe: Path
    model: Path
    doubts: tuple[str, ...]


def tune(recipe: Recipe, space: Space, folder: Path, budget: Budget, seen: Seen | None = None) -> Found:
    """Search until the budget is spent; interrupted, the same call goes on where it stopped.

    Args:
        recipe: where the search begins.
        space: what is searched.
        folder: new, or of a search of the same recipe and space, which goes on. Other processes may work on it too.
        budget: how long, and in how many processes.
        seen: called after each evaluation and each trial, in every process: a function of a module.

    Raises:
        ConfigError: the folder holds another search, or the recipe as it came cannot be trained.
        ModelError: the encoder cannot be loaded.
        TrainingError: no trial has finished, or a process ended before its time.
    """
    _claimed(folder, recipe, space)
    study = Study(folder, recipe, space)
    together([_Work(recipe, space, folder, budget, seen)] * budget.jobs, threads=budget.threads, where=folder)
    best = study.best()
    if best is None:
        notes = {row.note for row in study.rows() if row.state == FAILED}
        raise TrainingError(f"{folder}: no trial has finished. {'; '.join(sorted(notes))}".strip())
    return Found(
        rows=tuple(study.rows()),
        best=best,
        importances=study.importances(),
        recipe=folder / BEST,
        model=study.run(best.number) / "model",
        doubts=tuple(dict.fromkeys(_doubts(study))),
    )


def _doubts(study: Study) -> Iterator[str]:
    """What a person would have read if each trial had spoken."""
    for row in study.rows():
        log = study.run(row.number) / LOG
        for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
            event = _event(line)
            if event.get("event") == "warning":
                yield event["what"]
            elif event.get("event") == OUT_OF_MEMORY:
                yield "there was no memory for a whole batch, which was read in parts: lower budget_pieces to be faster"


def _event(line: str) -> dict[str, Any]:
    """A line of a log; nothing of one that a full disk has cut off."""
    try:
        found: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return found


def _claimed(folder: Path, recipe: Recipe, space: Space) -> None:
    """Make the folder that of this search; one that has no result yet may be corrected, and begins anew.

    Raises:
        ConfigError: another search is there, or is about to be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / RECORD
    with FileLock(folder / LOCK):
        before = record.read_bytes() if record.exists() else b""
        claim(folder, {**recipe.as_dict(), "what is searched": [asdict(one) for one in space]}, BEST)
        if not before or record.read_bytes() == before:
            return
        if is_running(folder):
            record.write_bytes(before)
            raise ConfigError(f"{folder}: another search is running there; name another folder, or end that one first")
        shutil.rmtree(folder / TRIALS, ignore_errors=True)
        (folder / STORE).unlink(missing_ok=True)


@dataclass(frozen=True)
class _Work:
    """What each process of a search does."""

    recipe: Recipe
    space: Space
    folder: Path
    budget: Budget
    seen: Seen | None

    def __call__(self) -> None:
        """Take trials until there are enough, or it is time."""
        started = time.monotonic()
        study = Study(self.folder, self.recipe, self.space)
        _tidy(study)
        while not self.budget.minutes or time.monotonic() - started < 60 * self.budget.minutes:
            trial = study.take(self.budget.trials)
            if trial is None:
                return
            try:
                self._tell(_tried(study, trial, self._tell))
            finally:
                trial.lock.release()
            _tidy(study)

    def _tell(self, row: Row) -> None:
        if self.seen:
            self.seen(row)


def _tried(study: Study, trial: Trial, tell: Seen) -> Row:
    """Train the recipe of a trial, or what is left of it."""
    stopped = study.should_stop(trial)  # as it should have before it was interrupted

    def watch(epoch: int, mean: float) -> bool:
        nonlocal stopped
        stopped = study.report(trial, epoch, mean)
        tell(study.row(trial.row.number))
        return stopped

    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            if not stopped:
                finetune(trial.recipe, study.run(trial.row.number), watch=watch, stream=nowhere)
    except TrainingError as error:
        return study.finish(trial, FAILED, str(error))
    except ConfigError as error:
        if trial.is_first:
            raise
        return study.finish(trial, FAILED, str(error))
    return study.finish(trial, STOPPED if stopped else FINISHED)


def _tidy(study: Study) -> None:
    """Only the best trial keeps its weights, and its recipe stands in a file."""
    with study.lock:
        best = study.best()
        for row in study.rows():
            run = study.run(row.number)
            if row.state == RUNNING:
                continue
            (run / CHECKPOINT).unlink(missing_ok=True)
            if best is None or row.number != best.number:
                shutil.rmtree(run / "model", ignore_errors=True)
        if best is not None:
            recipe = study.recipe if best.number == 0 else search.changed(study.recipe, best.values)
            new = study.folder / f"{BEST}.new"
            new.write_text(to_toml(recipe), encoding="utf-8", newline="\n")
            new.replace(study.folder / BEST)
