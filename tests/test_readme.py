"""What the README shows is what the program does: its Python runs, its recipes load, its commands parse."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from biogloss import recipes
from biogloss.apps import cli
from biogloss.training.recipe import Recipe
from tiny import tiny_encoder  # noqa: F401 - a fixture is found by name

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("biogloss ")]


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


@pytest.mark.parametrize("text", blocks("toml"))
def test_recipes_load(text, tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    recipe = recipes.load(path, Recipe, prefix="ner-")
    assert all(learned.files.keys() == {"train", "dev"} for learned in recipe.learned)


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
