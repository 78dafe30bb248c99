"""A search: never worse than the recipe, the same however often interrupted, shared by processes, honest."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from biogloss import recipes
from biogloss.errors import ConfigError, MissingExtra, ModelError, TrainingError
from biogloss.training import search
from tiny import eight, labelled, recipe, write_jsonl

for package in ("torch", "transformers", "optuna"):
    pytest.importorskip(package, reason="the extra `tune` is not installed")

from biogloss.training import tune as tune_module  # noqa: E402
from biogloss.training.finetune import finetune  # noqa: E402
from biogloss.training.recipe import Recipe  # noqa: E402
from biogloss.training.search import Budget  # noqa: E402
from biogloss.training.study import ENOUGH, FAILED, FINISHED, RUNNING, STOPPED, Study  # noqa: E402
from biogloss.training.tune import tune  # noqa: E402

SPACE = {"learning_rate": {"low": 1e-3, "high": 1e-2, "log": True}, "epochs": {"low": 2, "high": 24}, "dropout": [0.0]}
OTHER = [  # what a model of a few epochs finds in part
    labelled(11, "The patients with gout and pain.", {"gout": "Disease"}),
    labelled(12, "Aspirin hurts.", {"Aspirin": "Chemical"}),
    labelled(13, "Diabetes hurts patients with metformin.", {"Diabetes": "Disease", "metformin": "Chemical"}),
]


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    train = write_jsonl(tmp_path / "train.jsonl", eight())
    return recipe(tiny_encoder, train, write_jsonl(tmp_path / "dev.jsonl", OTHER), budget_pieces=32, epochs=20)


def space(chosen, table=None):
    return search.space(chosen, table or SPACE, "test")


def table(found):
    return [(row.number, row.state, row.epochs, row.mean, row.values) for row in found.rows]


def weights(folder):
    return sorted(path.parent.parent.name for path in folder.glob("trials/*/model/model.safetensors"))


def test_the_best_trial_is_kept_and_its_recipe_makes_it_again(chosen, tmp_path):
    folder, seen = tmp_path / "search", []
    found = tune(chosen, space(chosen), folder, Budget(trials=3), seen.append)
    first, *others = found.rows
    assert first.values == {"learning_rate": 3e-3, "epochs": 20, "dropout": 0.1}
    assert [row.number for row in found.rows] == [0, 1, 2]
    assert all(isinstance(row.values["epochs"], int) for row in others)
    assert found.best.mean == max(row.mean for row in found.rows) >= first.mean
    assert weights(folder) == [str(found.best.number)]
    assert not list(folder.glob("trials/*/checkpoint*"))
    assert [row.state for row in seen].count(FINISHED) == 3
    assert len({row.mean for row in found.rows}) > 1  # or there would be nothing to choose
    assert found.importances == {}  # of three trials nothing can be told
    again = finetune(recipes.load(found.recipe, Recipe, prefix="ner-"), tmp_path / "again")
    assert (again / "model.safetensors").read_bytes() == (found.model / "model.safetensors").read_bytes()
    assert table(tune(chosen, space(chosen), folder, Budget(trials=3))) == table(found)  # nothing is left to do


def test_an_interrupted_search_is_the_one_that_was_not(chosen, tmp_path):
    whole = tune(chosen, space(chosen), tmp_path / "whole", Budget(trials=3))
    interruptions = iter([False, True, False, True, True])

    def seen(_):
        if next(interruptions, False):
            raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            tune(chosen, space(chosen), tmp_path / "parts", Budget(trials=3), seen)
    parts = tune(chosen, space(chosen), tmp_path / "parts", Budget(trials=3), seen)
    assert table(parts) == table(whole)
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")


def test_no_trial_begins_when_it_is_time(chosen, tmp_path):
    with pytest.raises(TrainingError, match="no trial has finished"):
        tune(chosen, space(chosen), tmp_path / "search", Budget(minutes=1e-9))


def test_a_trial_that_cannot_be_is_noted_and_the_search_goes_on(chosen, tmp_path):
    table = {"learning_rate": [1e30], "max_pieces": [300]}  # no number; more than the encoder reads
    found = tune(chosen, space(chosen, table), tmp_path / "search", Budget(trials=6))
    assert found.best.state == FINISHED
    failed = [row for row in found.rows if row.state == FAILED]
    assert failed
    for row in failed:
        assert re.search("is no number at step|reads at most 126 pieces at once", row.note)
        assert row.values != found.rows[0].values


def test_what_trials_would_have_said_is_said_once_at_the_end(chosen, tmp_path):
    train = write_jsonl(tmp_path / "chemicals.jsonl", [labelled(1, "Aspirin hurts.", {"Aspirin": "Chemical"})])
    few = replace(chosen, files={"train": [train], "dev": chosen.files["dev"]}, epochs=1)
    found = tune(few, space(few, {"dropout": [0.0]}), tmp_path / "search", Budget(trials=2))
    (doubt,) = found.doubts
    assert re.search("no training document has the label Disease, which .* development documents? ha", doubt)


def test_a_folder_of_another_search_is_refused_by_what_differs(chosen, tmp_path):
    tune(chosen, space(chosen), tmp_path / "search", Budget(trials=1))
    with pytest.raises(
        ConfigError, match=r"search: holds a run with other seed, what is searched; name another folder"
    ):
        tune(replace(chosen, seed=2), space(chosen, {"epochs": [2]}), tmp_path / "search", Budget())


def test_a_search_that_came_to_nothing_can_be_corrected(chosen, tmp_path):
    (tmp_path / "wrong").mkdir()
    with pytest.raises(ModelError, match=r"wrong.tokenizer\.json"):
        tune(replace(chosen, encoder=str(tmp_path / "wrong")), space(chosen), tmp_path / "search", Budget())
    assert tune(chosen, space(chosen), tmp_path / "search", Budget(trials=1)).best.number == 0


def test_a_search_that_runs_is_not_corrected(chosen, tmp_path):
    running = Study(tmp_path / "search", chosen, space(chosen))
    tune_module._claimed(tmp_path / "search", chosen, space(chosen))
    trial = running.take(3)
    running.report(trial, 1, 0.5)
    with pytest.raises(ConfigError, match="search: another search is running there; name another folder, or end"):
        tune(replace(chosen, seed=2), space(chosen), tmp_path / "search", Budget())
    assert running.finish(trial).number == 0
    tune_module._claimed(tmp_path / "search", chosen, space(chosen))
    assert len(running.rows()) == 1


def test_without_a_development_part_there_is_nothing_to_choose_by(chosen, tmp_path):
    alone = replace(chosen, files={"train": chosen.files["train"]})
    with pytest.raises(ConfigError, match="no development part to choose by"):
        tune(alone, space(alone), tmp_path / "search", Budget())


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    from biogloss.training import start  # noqa: PLC0415

    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setattr("biogloss.models._extras.find_spec", lambda name: None if name == "optuna" else name)
    with pytest.raises(MissingExtra, match=r"needs the package optuna: pip install 'biogloss\[tune\]'"):
        start.tune("ner-bc5cdr", "search", budget=Budget())


# --- the study, without training


def made(tmp_path, chosen, table=None):
    return Study(tmp_path / "search", chosen, space(chosen, table))


def played(study, mean_of, trials):
    """Finish trials at means that their recipes decide, as if they had been trained."""
    while trial := study.take(trials):
        stopped = any(study.report(trial, epoch, mean_of(trial.recipe, epoch)) for epoch in (1, 2))
        study.finish(trial, STOPPED if stopped else FINISHED)
    return study.rows()


def test_processes_share_a_study_and_what_one_leaves_another_takes_up(chosen, tmp_path):
    one, other = made(tmp_path, chosen), made(tmp_path, chosen)
    first, second = one.take(3), other.take(3)
    assert [first.row.number, second.row.number] == [0, 1]
    assert other.take(2) is None  # both are taken
    one.report(first, 1, 0.5)
    first.lock.release()  # as the system does when a process is killed
    again = other.take(2)
    assert (again.row.number, again.recipe) == (0, chosen)
    other.report(again, 1, 0.5)
    other.report(again, 2, 0.7)
    assert other.finish(again).mean == 0.7
    assert [row.state for row in one.rows()] == [FINISHED, RUNNING]


def test_a_trial_that_others_were_better_than_is_stopped_but_never_the_first(chosen, tmp_path):
    study = made(tmp_path, chosen)
    first = study.take(99)
    for number in range(1, 7):
        trial = study.take(99)
        assert not study.report(trial, 1, 0.5 + number / 100)
        study.finish(trial)
    assert not study.report(first, 1, 0.1)
    worse = study.take(99)
    assert study.report(worse, 1, 0.2)
    assert study.finish(worse, STOPPED).state == STOPPED
    assert study.best().number == 6


def test_the_recipe_as_it_came_is_tried_though_it_lies_outside(chosen, tmp_path):
    table = {"learning_rate": {"low": 1e-5, "high": 1e-4, "log": True}, "epochs": [2, 3]}
    rows = played(made(tmp_path, chosen, table), lambda own, _: own.learning_rate, 14)
    assert rows[0].values == {"learning_rate": 3e-3, "epochs": 20}
    assert all(1e-5 <= row.values["learning_rate"] <= 1e-4 for row in rows[1:])
    assert {row.values["epochs"] for row in rows} <= {2, 3, 20}


def test_the_field_that_matters_is_told_when_enough_trials_have_finished(chosen, tmp_path):
    study = made(tmp_path, chosen)
    played(study, lambda own, epoch: own.learning_rate + epoch / 1e6, ENOUGH - 1)
    assert study.importances() == {}
    while sum(row.state == FINISHED for row in study.rows()) < ENOUGH:
        played(study, lambda own, epoch: own.learning_rate + epoch / 1e6, len(study.rows()) + 1)
    importances = study.importances()
    assert set(importances) == set(SPACE)
    assert max(importances, key=importances.get) == "learning_rate"


def test_the_search_closes_in_on_what_is_good(chosen, tmp_path):
    rows = played(made(tmp_path, chosen), lambda own, _: -abs(own.learning_rate - 1e-3), 40)
    missed = [abs(row.values["learning_rate"] - 1e-3) for row in rows]
    assert sum(missed[-10:]) < 0.75 * sum(missed[1:11])


# --- processes


@pytest.mark.slow
def test_two_processes_do_the_trials_of_one_search_each_once(chosen, tmp_path):
    found = tune(chosen, space(chosen), tmp_path / "search", Budget(trials=5, jobs=2))
    assert [row.number for row in found.rows] == list(range(5))
    assert RUNNING not in {row.state for row in found.rows}
    assert len(weights(tmp_path / "search")) == 1


@pytest.fixture
def command(chosen, tmp_path):
    """A search over epochs, but for the folder and how much of it."""
    (tmp_path / "recipe.toml").write_text(recipes.toml.to_toml(chosen), encoding="utf-8")
    (tmp_path / "space.toml").write_text("epochs = { low = 1, high = 3 }\n", encoding="utf-8")
    plain = ["tune", tmp_path / "recipe.toml", "--search", tmp_path / "space.toml"]
    return [sys.executable, "-m", "biogloss", *map(str, plain)]


def searched(chosen, folder, trials):
    return tune(chosen, space(chosen, {"epochs": {"low": 1, "high": 3}}), folder, Budget(trials=trials))


@pytest.mark.slow
def test_a_killed_search_is_the_one_that_was_not(command, chosen, tmp_path):
    command += ["--trials", "4", "--run"]
    subprocess.run([*command, tmp_path / "whole"], check=True, capture_output=True)
    kills = 0
    for line in range(1, 4):
        with subprocess.Popen([*command, tmp_path / "parts"], stderr=subprocess.PIPE, text=True) as running:
            for number, _ in enumerate(running.stderr, 1):
                if number == line:
                    os.kill(running.pid, signal.SIGKILL)
                    kills += 1
                    break
    subprocess.run([*command, tmp_path / "parts"], check=True, capture_output=True)
    assert kills
    whole, parts = (searched(chosen, tmp_path / name, 4) for name in ("whole", "parts"))
    assert table(parts) == table(whole)


@pytest.mark.slow
def test_of_two_processes_either_may_be_killed(command, chosen, tmp_path):
    command += ["--trials", "6", "--jobs", "2", "--run", str(tmp_path / "search")]
    # The one that was begun by the other: what it leaves is taken up at once, and the loss is told at the end.
    with psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        helper = helper_at_work(running)
        helper.kill()
        said = running.stderr.read()
    assert running.returncode == 2
    assert "one was killed (SIGKILL; is there enough memory for so many?); the same command goes on" in said
    assert [row.state for row in searched(chosen, tmp_path / "search", 6).rows].count(RUNNING) == 0
    # The first: the other does not go on where nobody sees it.
    command[command.index("6")] = "12"
    with psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        helper = helper_at_work(running)
        running.kill()
        assert psutil.wait_procs([helper], timeout=60) == ([helper], [])
    left = Study(tmp_path / "search", chosen, space(chosen, {"epochs": {"low": 1, "high": 3}})).rows()
    assert RUNNING in {row.state for row in left}
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = searched(chosen, tmp_path / "search", 12)
    assert [row.number for row in found.rows] == list(range(12))
    assert {row.state for row in found.rows} <= {FINISHED, STOPPED}
    assert found.rows[: len(left)] != left
    assert found.best.mean >= found.rows[0].mean
    assert weights(tmp_path / "search") == [str(found.best.number)]
    assert "best" in done.stdout


def helper_at_work(running):
    """The second process of a search, once it has told how a trial of it stands."""
    for _ in running.stderr:
        for child in running.children():
            if "spawn_main" in " ".join(child.cmdline()) and locks_of(child):
                return child
    raise AssertionError("the search ended before its second process had a trial")


def locks_of(process):
    return [file.path for file in process.open_files() if file.path.endswith(".lock")]
