"""Every corpus has a card that is complete, and split lists that are in order."""

from importlib import resources

import pytest

from biogloss import corpora, recipes
from biogloss.corpora import SPLITS, TASKS
from biogloss.corpora._card import split_ids, split_of
from biogloss.errors import ConfigError, InputError
from biogloss.training.recipe import PREFIX, Recipe

NAMES = corpora.names()
OF_ENTITIES = corpora.names("ner")
OWN_DEVELOPMENT_PARTS = {"jnlpba_dev": 200, "gnormplus_dev": 42, "nlm_gene_dev": 42}
LISTS = {"bc5cdr_dev": 500, "ncbi_disease_dev": 100} | OWN_DEVELOPMENT_PARTS


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_a_user_must_know(name):
    card = corpora.card(name)
    assert card.name == name
    for said in (card.title, card.citation, card.licence, card.example):
        assert said.strip()
    assert card.url.startswith(("http://", "https://"))
    assert card.unit in {"abstract", "sentence", "passage", "question"}
    assert {"train"} <= set(card.counts) <= set(SPLITS)
    assert all(documents > 0 for documents, _ in card.counts.values())
    assert all((entities > 0) == bool(card.heads) for _, entities in card.counts.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_is_gold_for_each_task(name):
    card = corpora.card(name)
    assert card.tasks
    assert set(card.tasks) <= set(TASKS)
    assert set(card.tasks) - {"ner"} == set(card.gold)
    for gold in card.gold.values():
        assert gold.counts.keys() == card.counts.keys()
        assert all(count > 0 for count in gold.counts.values())
        assert len(set(gold.labels)) == len(gold.labels)


@pytest.mark.parametrize("name", OF_ENTITIES)
def test_a_corpus_of_entities_has_a_development_part_and_is_somewhere_exhaustive(name):
    card = corpora.card(name)
    assert {"train", "dev"} <= set(card.counts)
    assert card.exhaustive


def test_corpora_are_told_apart_by_task():
    assert set().union(*(corpora.names(task) for task in TASKS)) == set(NAMES)
    assert {"bc5cdr", "biored", "jnlpba"} <= set(OF_ENTITIES)
    assert "biored" in corpora.names("relations")
    # The abstracts of cdr are those of bc5cdr: counted as a corpus of entities, they would count twice.
    assert not {"cdr", "chemprot", "pubmedqa"} & set(OF_ENTITIES)
    with pytest.raises(ConfigError, match="no task 'parsing'; there are: ner, relations, "):
        corpora.names("parsing")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_exhaustive_is_a_head(name):
    card = corpora.card(name)
    heads = {head for heads in card.heads.values() for head in heads}
    assert card.exhaustive <= heads
    assert card.exhaustive | card.positives == heads
    assert not card.exhaustive & card.positives


@pytest.mark.parametrize("name", [name for name in NAMES if corpora.card(name).heads])
def test_the_example_shows_a_native_type(name):
    card = corpora.card(name)
    assert any(f"({native})" in card.example for native in card.heads)


MODELS = {name: recipes.load(name, Recipe, prefix=PREFIX) for name in recipes.shipped(PREFIX)}


@pytest.mark.parametrize("name", MODELS)
def test_a_recipe_of_what_may_not_be_shipped_on_says_so_and_is_of_no_model_of_ours(name):
    recipe = MODELS[name]
    may_ship = not recipe.files and all(corpora.card(corpus).ship for corpus in recipe.corpora)
    text = resources.files("biogloss.recipes").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    assert ("may not be given away" in text) is not may_ship
    assert may_ship or not recipe.name.startswith("biogloss")


@pytest.mark.parametrize("name", [name for name, recipe in MODELS.items() if recipe.task == "ner"])
def test_each_label_of_a_recipe_of_entities_is_somewhere_exhaustive(name):
    recipe = MODELS[name]
    cards = [corpora.card(corpus) for corpus in recipe.corpora]
    assert set(recipe.labels) <= {
        label for card in cards for label in (card.heads if recipe.native else card.exhaustive)
    }


def test_every_split_list_is_known_here():
    folder = resources.files("biogloss.corpora").joinpath("splits")
    assert {entry.name.removesuffix(".txt") for entry in folder.iterdir()} == set(LISTS)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_split_list_is_sorted_and_names_each_document_once(name):
    text = resources.files("biogloss.corpora").joinpath("splits", f"{name}.txt").read_text(encoding="utf-8")
    ids = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(ids) == len(set(ids)) == len(split_ids(name)) == LISTS[name]
    assert ids == sorted(ids) or ids == sorted(ids, key=int)


def test_a_split_by_hash_is_eighty_ten_ten_and_stays():
    splits = [split_of(str(pmid)) for pmid in range(10_000)]
    assert [splits.count(split) / 10_000 for split in SPLITS] == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    assert [split_of(pmid) for pmid in ("10704411", "29523412", "29977992")] == ["train", "dev", "test"]


def test_an_unknown_corpus_or_split_lists_the_known_ones():
    with pytest.raises(ConfigError, match="no corpora plug-in named 'bc6'; there are: ade, "):
        corpora.card("bc6")
    with pytest.raises(ConfigError, match="corpus anatem has no split 'test'; there are: train, dev"):
        list(corpora.documents("anatem", "test"))


@pytest.mark.parametrize("name", NAMES)
def test_a_corpus_that_is_not_there_says_where_it_is_looked_for(name, monkeypatch, tmp_path):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"the corpus file is not there.*BIOGLOSS_DATA"):
        list(corpora.documents(name, "train"))
