"""``biogloss tune``: trials as they go, a table of them, the best recipe, and what to do next."""

import pytest

from biogloss.apps import views
from biogloss.recipes.toml import to_toml
from tiny import eight, recipe, tiny_encoder, write_jsonl  # noqa: F401 - a fixture is found by name

for package in ("torch", "transformers", "optuna"):
    pytest.importorskip(package, reason="the extra `tune` is not installed")

from biogloss.training.study import Row  # noqa: E402 - optuna may not be here
from biogloss.training.tune import Found  # noqa: E402


@pytest.fixture
def file(tiny_encoder, tmp_path):  # noqa: F811 - the fixture
    train = write_jsonl(tmp_path / "train.jsonl", eight()[:4])
    made = recipe(tiny_encoder, train, write_jsonl(tmp_path / "dev.jsonl", eight()[4:]), epochs=1, name="mine-1")
    (tmp_path / "recipe.toml").write_text(to_toml(made), encoding="utf-8")
    return tmp_path / "recipe.toml"


def test_a_search_ends_with_a_table_and_the_recipe_to_train(run, file, tmp_path):
    space = tmp_path / "space.toml"
    space.write_text("[search]\ndropout = [0.0]\n", encoding="utf-8")
    arguments = ("tune", file, "--run", tmp_path / "search", "--search", space, "--trials", 2)
    code, out, err = run(*arguments)
    assert code == 0, err
    assert [int(line.split()[1].rstrip(",")) for line in err.splitlines()] == [0, 0, 1, 1]
    assert "finished, epoch 1, best " in err
    assert "too few trials have finished" in out
    best = tmp_path / "search" / "best.toml"
    assert f"train it with: biogloss finetune {best} --run FOLDER" in out
    assert 'name = "mine-1"' in best.read_text(encoding="utf-8")
    assert run(*arguments)[1] == out


def test_values_of_trials_can_be_read_in_a_narrow_terminal(monkeypatch, capsys, tmp_path):
    names = ("learning_rate", "weight_decay", "warmup", "dropout", "layer_decay")
    values = dict.fromkeys(names, 0.000123456789)
    best = Row(number=0, state="finished", epochs=4, mean=0.8123, values=values)
    monkeypatch.setattr(views.OUT, "width", 80)
    views.trials(Found(rows=(best,), best=best, importances={}, recipe=tmp_path, model=tmp_path, doubts=()))
    out = capsys.readouterr().out
    (row,) = (line.split() for line in out.splitlines() if line.startswith("0 "))
    assert row == ["0", "81.23", "4", *["0.000123"] * 5, "best"]


def test_a_mistake_is_a_message_and_code_2(run, file, tmp_path):
    space = tmp_path / "space.toml"
    space.write_text("momentum = [0.9]\n", encoding="utf-8")
    code, _, err = run("tune", file, "--run", tmp_path / "search", "--search", space)
    assert code == 2
    assert "momentum: no field momentum there" in err
