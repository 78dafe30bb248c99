"""Every key of every recipe is explained, with the default that it has."""

import tomllib
from dataclasses import MISSING, fields

import pytest

from biogloss.preparation import recipe as corpus
from biogloss.recipes.keys import keys, tables
from biogloss.training import learned
from biogloss.training import pretrain_recipe as pretrain
from biogloss.training import recipe as model

RECIPES = [corpus.Recipe, corpus.Source, pretrain.Recipe, model.Recipe, learned.Learned]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_key_is_explained_in_words_of_its_own(recipe):
    found = keys(recipe)
    assert [key.name for key in found] == [own.name for own in fields(recipe)]
    assert [key.name for key in found if len(key.words.split()) < 3] == []
    assert [key.name for key in found if "``" in key.words or "  " in key.words] == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_defaults_are_those_of_the_recipe_as_toml_says_them(recipe):
    for key, own in zip(keys(recipe), fields(recipe), strict=True):
        default = own.default if own.default_factory is MISSING else own.default_factory()
        if default is MISSING:
            assert not key.default
        else:
            read = tomllib.loads(f"it = {key.default}")["it"]
            assert (tuple(read) if isinstance(read, list) else read) == default


def test_tables_that_say_more_than_the_recipe_are_known():
    assert tables(corpus.Recipe) == {"sources": corpus.Source}
    assert tables(model.Recipe) == tables(pretrain.Recipe) == {}
