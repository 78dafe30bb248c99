"""A search in a folder that any number of processes share: which trials there are, and which is next.

    study = Study(Path("runs/search"), recipe, space)
    trial = study.take(trials=20)         Trial(number=3, recipe=Recipe(...)), or None where all are done or taken
    study.finish(trial, 0.871)

The trials stand in optuna's SQLite file, ``study.db``. A process holds a lock on the trial it works on, which the
system gives back when the process ends, however it ends: so a trial that was left is known at once, and goes on under
its own number. Values are drawn from the seed and the trial's number alone, so that a search that was interrupted tries
what it would have tried.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from filelock import FileLock, Timeout
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import TrialState

from biogloss.training import search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.trial import FrozenTrial

    from biogloss.training.recipe import Recipe
    from biogloss.training.search import Dimension, Space

STORE = "study.db"
LOCK = "study.lock"
TRIALS = "trials"
NAME = "biogloss"
AS_IT_CAME = "the recipe as it came"
NOTE = "note"
ENOUGH = 10
"""Finished trials from which it can be told which fields matter."""
_SECONDS_FOR_LOCK = 60  # of the database: another process writes for milliseconds

FINISHED, STOPPED, FAILED, RUNNING = "finished", "stopped", "failed", "running"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of a trial.

    Args:
        number: from 0; trial 0 is the recipe as it came.
        state: ``finished``, ``stopped`` before its end because others were better by then, ``failed`` or ``running``.
        epochs: after which it was last scored.
        mean: the best mean of development scores in [0, 1] so far; None where there is none.
        values: field that is searched -> what the trial has.
        note: why it failed.
    """

    number: int
    state: str
    epochs: int
    mean: float | None
    values: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True)
class Trial:
    """A trial that this process works on: its ``row`` so far and the ``recipe`` to train."""

    row: Row
    recipe: Recipe
    own: optuna.Trial
    lock: FileLock

    @property
    def is_first(self) -> bool:
        """Whether it is the recipe as it came, which nothing stops."""
        return self.row.number == 0


class Study:
    """The search of a folder.

    Args:
        folder: made where there is none; whoever opens it has claimed it.
        recipe: as it came.
        space: what is searched.
    """

    def __init__(self, folder: Path, recipe: Recipe, space: Space) -> None:
        self.folder, self.recipe, self.space = folder, recipe, space
        self.trials = folder / TRIALS
        self.trials.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(folder / LOCK)
        # Not its warnings: where a field of the recipe as it came is outside its range, trials differ in parameters.
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with self.lock:
            self._storage = optuna.storages.RDBStorage(
                f"sqlite:///{(folder / STORE).absolute()}",
                engine_kwargs={"connect_args": {"timeout": _SECONDS_FOR_LOCK}},
            )
            self._study = optuna.create_study(
                study_name=NAME,
                storage=self._storage,
                direction="maximize",
                pruner=optuna.pruners.MedianPruner(),
                load_if_exists=True,
            )

    def run(self, number: int) -> Path:
        """The run folder of a trial."""
        return self.trials / str(number)

    # --- one trial

    def take(self, trials: int) -> Trial | None:
        """A trial that another process left, or a new one; None where there are so many already."""
        with self.lock:
            found = self._study.get_trials(deepcopy=False)
            for left in found:
                if left.state == TrialState.RUNNING and (lock := held(self.trials, left.number)):
                    return self._taken(self._again(left.number), lock)
            if sum(one.state != TrialState.WAITING for one in found) >= trials:
                return None
            if not found:
                self._study.enqueue_trial(self._own_parameters(), user_attrs={NOTE: AS_IT_CAME})
            self._study.sampler = self._sampler(len(found))
            own = self._study.ask()
            lock = held(self.trials, own.number)
            assert lock is not None
            return self._taken(own, lock)

    def _again(self, number: int) -> optuna.Trial:
        """A trial that was begun."""
        self._study.sampler = self._sampler(number)
        study = self._storage.get_study_id_from_name(NAME)
        return optuna.Trial(self._study, self._storage.get_trial_id_from_study_id_trial_number(study, number))

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        return optuna.samplers.TPESampler(seed=1000 * self.recipe.seed + number)

    def _own_parameters(self) -> dict[str, Any]:
        """Those of the recipe as it came, of the fields that have them in their range."""
        own = {one.field: (one, search.value(self.recipe, one.field)) for one in self.space}
        return {name: _as_parameter(one, value) for name, (one, value) in own.items() if one.holds(value)}

    def _taken(self, own: optuna.Trial, lock: FileLock) -> Trial:
        is_first = own.number == 0
        for one in self.space:
            if not is_first or one.holds(search.value(self.recipe, one.field)):
                _suggest(own, one)
        row = self.row(own.number)
        recipe = self.recipe if is_first else search.changed(self.recipe, row.values)
        return Trial(row, recipe, own, lock)

    def report(self, trial: Trial, epoch: int, mean: float) -> bool:
        """Note the mean of development scores after an epoch; whether the trial should stop, as it is below the median.

        What was reported before an interruption is reported again when the trial goes on.
        """
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            trial.own.report(mean, epoch)
        return self.should_stop(trial)

    def should_stop(self, trial: Trial) -> bool:
        """Whether other trials were better at the epoch that this one was last scored at."""
        return not trial.is_first and trial.own.should_prune()

    def finish(self, trial: Trial, state: str = FINISHED, note: str = "") -> Row:
        """End a trial; afterwards only the best one has weights."""
        with self.lock:
            if note:
                trial.own.set_user_attr(NOTE, note)
            if state == FINISHED:
                self._study.tell(trial.own, self.row(trial.row.number).mean)
            else:
                # To the sampler a run that failed is one that others were better than.
                self._study.tell(trial.own, state=TrialState.PRUNED)
            trial.lock.release()
            Path(trial.lock.lock_file).unlink(missing_ok=True)
            return self.row(trial.row.number)

    # --- all trials

    def rows(self) -> list[Row]:
        """All trials, in the order in which they began."""
        found = self._study.get_trials(deepcopy=False)
        return [self._row(one) for one in found if one.state != TrialState.WAITING]

    def row(self, number: int) -> Row:
        """One trial."""
        (found,) = (row for row in self.rows() if row.number == number)
        return found

    def best(self) -> Row | None:
        """The finished trial with the best mean, of equal ones the first."""
        finished = [row for row in self.rows() if row.state == FINISHED]
        return min(finished, key=lambda row: (-(row.mean or 0.0), row.number), default=None)

    def importances(self) -> dict[str, float]:
        """Field -> its share of what distinguishes the best tenth of the trials (PED-ANOVA, Watanabe et al. 2023).

        Empty where fewer than ``ENOUGH`` trials have finished, for then chance decides.
        """
        finished = [row for row in self.rows() if row.state == FINISHED]
        if len(finished) < ENOUGH or len({row.mean for row in finished}) == 1:
            return {}
        with warnings.catch_warnings(action="ignore"):
            return get_param_importances(self._study, evaluator=PedAnovaImportanceEvaluator())

    def _row(self, frozen: FrozenTrial) -> Row:
        means, note = frozen.intermediate_values, frozen.user_attrs.get(NOTE, "")
        values = {
            one.field: _as_value(one, frozen.params[one.field])
            if one.field in frozen.params and frozen.number
            else search.value(self.recipe, one.field)
            for one in self.space
        }
        state = {TrialState.RUNNING: RUNNING, TrialState.COMPLETE: FINISHED}.get(frozen.state)
        return Row(
            number=frozen.number,
            state=state or (STOPPED if not note or note == AS_IT_CAME else FAILED),
            epochs=max(means, default=0),
            mean=max(means.values(), default=None),
            values=values,
            note=note,
        )


def held(trials: Path, number: int) -> FileLock | None:
    """The lock of a trial, which is now held here, or None where another process works on it."""
    lock = FileLock(trials / f"{number}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def is_running(folder: Path) -> bool:
    """Whether a process works on a trial of the search in a folder."""
    for own in (folder / TRIALS).glob("*.lock"):
        if not (lock := held(own.parent, int(own.stem))):
            return True
        lock.release()
    return False


def _suggest(trial: optuna.Trial, one: Dimension) -> None:
    if one.choices:
        trial.suggest_categorical(one.field, [_as_parameter(one, choice) for choice in one.choices])
    elif isinstance(one.low, int) and isinstance(one.high, int):
        trial.suggest_int(one.field, one.low, one.high, log=one.log)
    else:
        trial.suggest_float(one.field, one.low, one.high, log=one.log)


def _as_parameter(one: Dimension, value: Any) -> Any:  # noqa: ANN401 - of any field
    """What optuna remembers of a value: of a choice its JSON, for it knows neither tuples nor tables."""
    return json.dumps(one.choices[one.choices.index(value)], default=vars) if one.choices else value


def _as_value(one: Dimension, parameter: Any) -> Any:  # noqa: ANN401 - of any field
    """The value of a recipe that a parameter stands for."""
    if not one.choices:
        return one.rounded(parameter)
    (found,) = (choice for choice in one.choices if _as_parameter(one, choice) == parameter)
    return found
