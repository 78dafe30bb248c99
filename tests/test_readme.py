"""What the README shows is what the program does: its Python runs, its recipes load, its commands parse."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from biogloss import recipes
from biogloss.apps import cli
from biogloss.training.recipe import Recipe

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("biogloss ")]


SHOWN = [
    ("('Metformin', 'Chemical'", "Disease"),
    ("chest pain {'negation': 'negated', 'negation_cue': 'denies'}", "family"),
]


@pytest.mark.parametrize(("code", "shown"), list(zip(blocks("python"), SHOWN, strict=True)))
def test_python_runs_and_shows_what_it_says(code, shown, capsys):
    exec(compile(code, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert [words for words in shown if words not in out] == []


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
