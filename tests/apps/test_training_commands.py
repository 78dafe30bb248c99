"""``biogloss finetune``, ``pretrain`` and ``crossvalidate``: keys of a recipe are changed, and parts are held out."""

import json

import pytest

from biogloss.recipes.toml import to_toml
from tiny import eight, recipe, tiny_encoder, write_jsonl  # noqa: F401 - a fixture is found by name

for package in ("torch", "transformers"):
    pytest.importorskip(package, reason="the extra `train` is not installed")


@pytest.fixture
def file(tiny_encoder, tmp_path):  # noqa: F811 - the fixture
    made = recipe(tiny_encoder, write_jsonl(tmp_path / "train.jsonl", eight()), epochs=1)
    (tmp_path / "recipe.toml").write_text(to_toml(made), encoding="utf-8")
    return tmp_path / "recipe.toml"


def test_keys_of_a_recipe_are_changed_for_a_run(run, file, tmp_path):
    arguments = ("finetune", file, "--run", tmp_path / "run", "--set", "seed=7", "--set", 'name="mine-2"')
    code, out, err = run(*arguments)
    assert code == 0, err
    assert out == f"model: {tmp_path / 'run' / 'model'}\n"
    used = json.loads((tmp_path / "run" / "recipe.json").read_text(encoding="utf-8"))["recipe"]
    assert (used["seed"], used["name"], used["epochs"]) == (7, "mine-2", 1)
    assert run(*arguments)[0] == 0
    code, _, err = run("finetune", file, "--run", tmp_path / "run")
    assert code == 2
    assert "holds a run with other name, seed; name another folder" in err


def test_another_encoder_is_a_change_too(run, file, tmp_path):
    code, _, err = run("finetune", file, "--run", tmp_path / "run", "--encoder", tmp_path / "none")
    assert code == 2
    assert f"{tmp_path / 'none'}" in err


@pytest.mark.parametrize("command", ["finetune", "tune", "pretrain", "crossvalidate", "learning-curve"])
def test_a_slip_in_a_change_is_a_message_and_code_2(run, file, tmp_path, command):
    code, _, err = run(command, file, "--run", tmp_path / "run", "--set", "sed=7")
    assert code == 2
    assert "--set sed=7: unknown key sed; the keys are: " in err
    assert not (tmp_path / "run").exists()


def test_parts_are_held_out_in_two_processes_and_scored_together(run, file, tmp_path):
    scores, report = tmp_path / "scores.json", tmp_path / "scores.html"
    arguments = ("crossvalidate", file, "--run", tmp_path / "folds", "--folds", 3, "--jobs", 2, "--set", "overlap=2")
    code, out, err = run(*arguments, "--json", scores, "--report", report)
    assert code == 0, err
    assert "entities, strict, each part by itself, in percent" in out
    assert "entities, strict, each part by itself, in percent" in report.read_text(encoding="utf-8")
    parts = {row["part"]: row["documents"] for row in json.loads(scores.read_text(encoding="utf-8")) if "part" in row}
    assert list(parts) == ["fold-1", "fold-2", "fold-3"]
    assert sum(parts.values()) == 8
    gold = [(tmp_path / "folds" / name / "gold.jsonl").read_text(encoding="utf-8") for name in parts]
    assert len("".join(gold).splitlines()) == 8
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(scores.read_text(encoding="utf-8"))
    code, _, err = run(*arguments, "--json", scores)
    assert code == 2
    assert "scores.json exists already" in err


def test_a_learning_curve_is_a_table_rows_and_a_page(run, file, tmp_path):
    scores, report = tmp_path / "scores.json", tmp_path / "curve.html"
    arguments = ("learning-curve", file, "--run", tmp_path / "curve", "--folds", 2, "--shares", "0.5, 1")
    code, out, err = run(*arguments, "--json", scores, "--report", report)
    assert code == 0, err
    assert "learning curve, entities, strict, in percent" in out
    assert "<svg" in report.read_text(encoding="utf-8")
    assert [row["documents"] for row in json.loads(scores.read_text(encoding="utf-8"))] == [2, 4]
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(scores.read_text(encoding="utf-8"))
    for shares, words in (("all", "'all' is no number"), ("1", "expected two or more")):
        code, _, err = run(*arguments[:-1], shares)
        assert code == 2
        assert words in err


def test_what_cannot_be_cross_validated_is_a_message_and_code_2(run, file, tmp_path):
    code, _, err = run("crossvalidate", file, "--run", tmp_path / "folds", "--folds", 9)
    assert code == 2
    assert "fold-1: files: 9 folds of 8 groups of documents cannot be" in err
    assert not (tmp_path / "folds").exists()
