"""A recipe that cannot be is refused before anything runs, with what would be right."""

from dataclasses import replace

import pytest

from biogloss.errors import ConfigError
from biogloss.training import recipe as recipes
from biogloss.training.recipe import Recipe

GOOD = 'encoder = "minilm"\nlabels = ["Disease"]\n[corpora]\nbc5cdr = 2\n'


def written(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_is_read_with_its_defaults(tmp_path):
    read = recipes.load(written(tmp_path, GOOD))
    assert read == Recipe(encoder="minilm", labels=("Disease",), corpora={"bc5cdr": 2})


@pytest.mark.parametrize("name", recipes.shipped())
def test_every_shipped_recipe_is_read(name):
    assert recipes.load(name).labels


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rat = 1\n" + GOOD, r"unknown key learning_rat; the keys are: name, encoder, labels, .*seed"),
        ('encoder = "minilm"\n', r"missing key labels"),
        ("encoder = \n", r"not TOML"),
        ('epochs = "four"\n' + GOOD, r"epochs = 'four' is not of the kind int"),
        ("epochs = true\n" + GOOD, r"epochs = True is not of the kind int"),
        ("epochs = 1.5\n" + GOOD, r"epochs = 1\.5 is not of the kind int"),
        (GOOD.replace('["Disease"]', '"Disease"'), r"labels = 'Disease' is not of the kind"),
        ("epochs = 0\n" + GOOD, r"epochs = 0 cannot be; expected at least 1"),
        ("overlap = 254\n" + GOOD, r"overlap = 254 cannot be; expected .* less than max_pieces"),
        ("cuts = []\n" + GOOD, r"cuts = \(\) cannot be"),
        ("dropout = 1.0\n" + GOOD, r"dropout = 1\.0 cannot be; expected a share"),
        (GOOD.replace("= 2", "= 0"), r"corpora = .* cannot be; expected corpora with more than 0 passes"),
        (GOOD.partition("[corpora]")[0], r"corpora = .* cannot be; expected .* or files"),
        (GOOD + '[files]\ndev = ["dev.jsonl"]\n', r"files = .* cannot be; expected files for train"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_words(tmp_path, text, words):
    with pytest.raises(ConfigError, match=words):
        recipes.load(written(tmp_path, text))


def test_an_unknown_recipe_lists_the_shipped_ones():
    with pytest.raises(ConfigError, match=r"no recipe ner-fr: neither a file nor one of .*ner-en"):
        recipes.load("ner-fr")


def test_a_recipe_made_in_python_is_checked_too():
    with pytest.raises(ConfigError, match="labels"):
        replace(recipes.load("ner-en"), labels=("Gene", "Gene"))
