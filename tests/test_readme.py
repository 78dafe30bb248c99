"""What the README and the how-tos show is what the program does: Python runs, recipes load, commands parse."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from biogloss import recipes
from biogloss.apps import cli
from biogloss.documents import Document
from biogloss.training import search
from biogloss.training.recipe import Recipe
from tiny import eight, tiny_encoder, write_jsonl  # noqa: F401 - a fixture is found by name

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOWTO = {page.stem: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs" / "howto").glob("*.md"))}


def blocks(language, page=README):
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def commands(page):
    return [line for block in blocks("sh", page) for line in block.splitlines() if line.startswith("biogloss ")]


COMMANDS = [line for page in (README, *HOWTO.values()) for line in commands(page)]


ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
(CLASSIFIER,) = (code for code in blocks("python") if "Classifier" in code)
SHOWN = [
    ("('Metformin', 'Chemical'", "Disease"),
    ("chest pain {'negation': 'negated', 'negation_cue': 'denies'}", "family"),
    ("('methotrexate', 'MESH:D008727')", "MONDO:0008383"),
]


@pytest.mark.parametrize(
    ("code", "shown"), list(zip([code for code in blocks("python") if code != CLASSIFIER], SHOWN, strict=True))
)
def test_python_runs_and_shows_what_it_says(code, shown, capsys):
    exec(compile(code, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert [words for words in shown if words not in out] == []


def test_python_runs_and_tells_classes(tiny_encoder, tmp_path, monkeypatch, capsys):  # noqa: F811 - the fixture
    monkeypatch.chdir(tmp_path)
    assert ENCODER in CLASSIFIER
    code = CLASSIFIER.replace(f'"{ENCODER}"', f'"{tiny_encoder}", max_pieces=30')  # there is no network here
    exec(compile(code, "README.md", "exec"), {})
    assert "['joints' 'sugar']" in capsys.readouterr().out
    assert (tmp_path / "my-classifier" / "biogloss.json").is_file()


RECIPE, SPACE = blocks("toml", HOWTO["finetune"])


@pytest.mark.parametrize("text", [*blocks("toml"), RECIPE])
def test_recipes_load(text, tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    recipe = recipes.load(path, Recipe, prefix="ner-")
    assert all(learned.files.keys() == {"train", "dev"} for learned in recipe.learned)


def test_what_is_searched_loads(tmp_path):
    for name, text in (("recipe.toml", RECIPE), ("space.toml", SPACE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    recipe = recipes.load(tmp_path / "recipe.toml", Recipe, prefix="ner-")
    found = search.load(tmp_path / "space.toml", recipe)
    assert [one.field for one in found] == ["learning_rate", "epochs", "dropout"]


def test_a_newcomer_can_evaluate_as_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "gold.jsonl", eight())
    write_jsonl(tmp_path / "mine.jsonl", eight())
    write_jsonl(tmp_path / "theirs.jsonl", [one.with_entities(()) for one in eight()])
    write_jsonl(tmp_path / "train.jsonl", eight()[:2])
    write_jsonl(tmp_path / "notes.jsonl", [Document("1", "A woman with gout took her colchicine.")])
    lines = [line for line in commands(HOWTO["evaluate"]) if "crossvalidate" not in line and "--fail-above" not in line]
    said = []
    for line in lines:
        result = CliRunner().invoke(cli.app, shlex.split(line, comments=True)[1:], catch_exceptions=False)
        assert result.exit_code == 0, (line, result.output)
        said.append(result.output)
    assert len(lines) == 7
    assert "better" in said[4]
    assert "recall of mentions that training has not shown" in said[5]
    assert "sex: " in said[6]
    assert {"scores.html", "scores.json"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_parse(line):
    _, *arguments = shlex.split(line, comments=True)
    command = typer.main.get_command(cli.app)
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    context = command.make_context(command.name, arguments)  # raises for an unknown option or a missing argument
    assert context.params


def test_there_is_something_to_test():
    assert blocks("python")
    assert blocks("toml")
    assert len(COMMANDS) >= 6
