"""The real corpora, where the catalogue is: as many documents and entities as the cards say, and no leaks."""

import gzip
import re
from collections import Counter
from functools import cache

import pytest

from biogloss import corpora, recipes
from biogloss.corpora._card import folder
from biogloss.evaluation.splits import leaks
from biogloss.training import material
from biogloss.training.recipe import Recipe

BY_ABSTRACT = [name for name in corpora.names() if corpora.card(name).unit == "abstract"]
SPLITS = [
    pytest.param(name, split, marks=() if name in BY_ABSTRACT or split == "dev" else pytest.mark.slow)
    for name in corpora.names()
    for split in corpora.card(name).counts
]

pytestmark = pytest.mark.usefixtures("catalogue")


@cache
def read(name, split):
    return tuple(corpora.documents(name, split))


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_documents_and_entities_are_as_many_as_the_card_says(name, split):
    card = corpora.card(name)
    native = Counter(entity.label for document in read(name, split) for entity in document.entities)
    assert (len(read(name, split)), sum(len(card.heads.get(label, ())) * n for label, n in native.items())) == (
        card.counts[split]
    )


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_no_document_comes_twice(name, split):
    ids = Counter(document.id for document in read(name, split))
    assert max(ids.values()) == 1


@pytest.mark.parametrize("name", corpora.names())
def test_every_type_of_the_card_occurs(name):
    native = {entity.label for document in read(name, "dev") for entity in document.entities}
    assert set(corpora.card(name).heads) <= native


@pytest.mark.parametrize("name", BY_ABSTRACT)
def test_the_splits_of_a_corpus_share_no_document(name):
    parts = [{document.id for document in read(name, split)} for split in corpora.card(name).counts]
    assert len(set().union(*parts)) == sum(map(len, parts))


def test_the_development_part_of_bc5cdr_is_what_the_relation_corpus_does_not_train_on():
    path = folder() / "relations" / "bc5cdr-cid" / "CDR_TrainSet.BioC.xml.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        train = set(re.findall(r"<document>\s*<id>(\d+)</id>", stream.read()))
    assert len(train) == 500
    assert {document.id for document in read("bc5cdr", "train")} == train
    assert not {document.id for document in read("bc5cdr", "dev")} & train


def test_heads_replace_native_types_and_name_their_corpus():
    for document in corpora.labelled("bionlp13cg", "dev"):
        for entity in document.entities:
            assert entity.label in {"Gene", "Chemical", "Species", "Anatomy", "Disease"}
            assert entity.source == "bionlp13cg"


@pytest.mark.slow
def test_no_training_document_of_the_embedded_model_shares_text_with_any_held_out_one():
    recipe = recipes.load("ner-en", Recipe, prefix="ner-")
    found = material.sources(recipe)
    held_out = [
        document
        for name in recipe.corpora
        for split in corpora.card(name).counts
        if split != "train"
        for document in read(name, split)
    ]
    for source in found:
        assert leaks(source.train, held_out) == [], source.name
        assert len(source.train) + source.leaked == corpora.card(source.name).counts["train"][0]
    assert sum(source.leaked for source in found) > 0
