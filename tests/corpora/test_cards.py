"""Every corpus has a card that is complete, and split lists that are in order."""

from importlib import resources

import pytest

from biogloss import corpora, recipes
from biogloss.corpora import SPLITS
from biogloss.corpora._card import split_ids
from biogloss.errors import ConfigError, InputError
from biogloss.training.recipe import Recipe

NAMES = corpora.names()
OWN_DEVELOPMENT_PARTS = {"jnlpba_dev": 200, "gnormplus_dev": 42, "nlm_gene_dev": 42}
LISTS = {"bc5cdr_dev": 500, "ncbi_disease_dev": 100} | OWN_DEVELOPMENT_PARTS


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_a_user_must_know(name):
    card = corpora.card(name)
    assert card.name == name
    for said in (card.title, card.citation, card.licence, card.example):
        assert said.strip()
    assert card.url.startswith(("http://", "https://"))
    assert card.unit in {"abstract", "sentence", "passage"}
    assert {"train", "dev"} <= set(card.counts) <= set(SPLITS)
    assert all(documents > 0 and entities > 0 for documents, entities in card.counts.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_exhaustive_is_a_head(name):
    card = corpora.card(name)
    heads = {head for heads in card.heads.values() for head in heads}
    assert card.exhaustive <= heads
    assert card.exhaustive | card.positives == heads
    assert not card.exhaustive & card.positives


@pytest.mark.parametrize("name", NAMES)
def test_the_example_shows_a_native_type(name):
    card = corpora.card(name)
    assert any(f"({native})" in card.example for native in card.heads)


def test_a_shipped_recipe_learns_only_from_what_may_be_shipped_on():
    for name in recipes.shipped("ner-"):
        recipe = recipes.load(name, Recipe, prefix="ner-")
        assert all(corpora.card(corpus).ship for corpus in recipe.corpora), name
        assert set(recipe.labels) <= {
            head for corpus in recipe.corpora for heads in corpora.card(corpus).heads.values() for head in heads
        }


def test_each_label_of_a_shipped_recipe_is_somewhere_exhaustive():
    for name in recipes.shipped("ner-"):
        recipe = recipes.load(name, Recipe, prefix="ner-")
        assert set(recipe.labels) <= {label for corpus in recipe.corpora for label in corpora.card(corpus).exhaustive}


def test_every_split_list_is_known_here():
    folder = resources.files("biogloss.corpora").joinpath("splits")
    assert {entry.name.removesuffix(".txt") for entry in folder.iterdir()} == set(LISTS)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_split_list_is_sorted_and_names_each_document_once(name):
    text = resources.files("biogloss.corpora").joinpath("splits", f"{name}.txt").read_text(encoding="utf-8")
    ids = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(ids) == len(set(ids)) == len(split_ids(name)) == LISTS[name]
    assert ids == sorted(ids) or ids == sorted(ids, key=int)


def test_an_unknown_corpus_or_split_lists_the_known_ones():
    with pytest.raises(ConfigError, match="no corpora plug-in named 'bc6'; there are: anatem, "):
        corpora.card("bc6")
    with pytest.raises(ConfigError, match="corpus anatem has no split 'test'; there are: train, dev"):
        list(corpora.documents("anatem", "test"))


def test_a_corpus_that_is_not_there_says_where_it_is_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"the corpus file is not there.*BIOGLOSS_DATA"):
        list(corpora.documents("anatem", "dev"))
