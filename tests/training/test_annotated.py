"""Windows of annotated documents: pieces stand where mentions do; pairs are those that are related, and some more."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from related import metformin

pytest.importorskip("torch", reason="the extra `train` is not installed")

from biogloss.documents import Document
from biogloss.errors import ConfigError
from biogloss.tasks.ner import UNKNOWN, Coverage
from biogloss.training.annotated import Annotated
from biogloss.training.material import Source
from biogloss.training.objectives import relations
from biogloss.training.objectives.relations import NEGATIVES, Stated
from biogloss.training.pretrain_recipe import Recipe
from tiny import LABELS, eight, labelled, write_jsonl


def source(documents, name="files", passes=1.0, labels=LABELS):
    return Source(name, Coverage(frozenset(labels)), tuple(documents), (), passes)


def annotated(sources, tokenizer, *, length=40, objectives=("entities", "relations"), seed=1):
    return Annotated(sources, tokenizer, length=length, objectives=objectives, seed=seed)


def test_relations_are_between_mentions_or_between_all_mentions_of_identifiers():
    assert relations.related(metformin()) == {("T1", "T3"): {"treats"}, ("T1", "T2"): {"lowers"}}
    twice = metformin()
    again = replace(twice.entities[2], id="T9")
    assert ("T1", "T9") in relations.related(twice.with_entities([*twice.entities, again]))


@given(seed=st.integers(0, 99))
def test_negatives_are_unrelated_pairs_of_types_that_are_related_elsewhere(seed):
    document = metformin()
    where = {entity.id: (number, number + 1) for number, entity in enumerate(document.entities)}
    stated = Stated.by([document])
    assert stated == Stated(frozenset({"treats", "lowers"}), frozenset({("Chemical",) * 2, ("Chemical", "Disease")}))
    found = relations.pairs(document, where, stated, np.random.default_rng(seed))
    ids = {place: entity for entity, place in where.items()}
    positives = {(ids[pair.first], ids[pair.second]): set(pair.labels) for pair in found if pair.labels}
    negatives = [(ids[pair.first], ids[pair.second]) for pair in found if not pair.labels]
    assert positives == relations.related(document)
    assert set(negatives) == {("T1", "T4"), ("T2", "T3"), ("T2", "T4")}  # not T2 with T1: that is related the other way
    assert len(negatives) <= NEGATIVES * len(positives)


def test_a_window_without_related_mentions_has_no_pairs():
    document = metformin()
    where = {"T2": (0, 1), "T4": (3, 4)}
    assert relations.pairs(document, where, Stated.by([document]), np.random.default_rng(0)) == []


@given(begin=st.integers(0, 30), length=st.integers(1, 40))
def test_mentions_stand_where_their_pieces_do(tiny_tokenizer, begin, length):
    for document in [metformin(), *eight()]:
        pieces = tiny_tokenizer.pieces(document.text)
        window = begin, min(begin + length, len(pieces))
        row = [-1, *pieces.ids[slice(*window)].tolist(), -1]
        found = relations.places(document, pieces, window)
        inside = [
            entity
            for entity in document.entities
            if all(
                begin <= place < window[1]
                for place in range(len(pieces))
                if pieces.starts[place] < entity.end and pieces.ends[place] > entity.start
            )
        ]
        assert found.keys() == {entity.id for entity in inside}
        for entity in inside:
            assert row[slice(*found[entity.id])] == tiny_tokenizer.pieces(entity.text).ids.tolist()


@given(start=st.integers(0, 50), count=st.integers(1, 6))
def test_windows_are_a_function_of_seed_and_number(tiny_tokenizer, start, count):
    documents = [metformin(), *eight()]
    together = annotated([source(documents)], tiny_tokenizer, length=12).take(start, count)
    own = annotated([source(documents)], tiny_tokenizer, length=12)
    for place in range(count):
        alone = own.take(start + place, 1)
        assert (together.batch.ids[place, : alone.batch.ids.shape[1]] == alone.batch.ids[0]).all()
        mine = together.pairs.mentions[:, 0, 0] == place
        assert (together.pairs.mentions[mine][:, :, 1:] == alone.pairs.mentions[:, :, 1:]).all()
        assert (together.pairs.targets[mine] == alone.pairs.targets).all()


def test_each_corpus_comes_as_often_as_the_recipe_says(tiny_tokenizer):
    own = annotated([source(eight(), "a", 0.5), source(eight(), "b", 2.0)], tiny_tokenizer, objectives=("entities",))
    drawn = [own._document(number) for number in range(60)]
    assert Counter(number for number, _ in drawn) == {0: 12, 1: 48}
    assert max(Counter(document.id for number, document in drawn if number).values()) == 6


def test_what_a_corpus_does_not_say_is_no_target(tiny_tokenizer):
    other = source([labelled(2, "Gout hurts.", {"Gout": "Phenotype"})], "other", labels=("Phenotype",))
    own = annotated([source([metformin()]), other], tiny_tokenizer)
    assert own.task.labels == ("Chemical", "Disease", "Phenotype")
    assert own.relations == ("lowers", "treats")
    windows = own.take(0, 2)
    rows = windows.batch.places // windows.batch.ids.shape[1]
    for row in (0, 1):
        targets = windows.batch.targets[rows == row]
        says = {label for head, label in enumerate(own.task.labels) if (targets[:, head] != UNKNOWN).any()}
        assert says in ({"Chemical", "Disease"}, {"Phenotype"})
    assert windows.pairs.stated.all()  # the other corpus has no relations, so none of its pairs are there


def test_silver_types_count_as_complete_and_damaged_ones_are_found_out(tiny_tokenizer, tmp_path):
    silver = write_jsonl(tmp_path / "silver.jsonl", [metformin(), Document("2", "!?"), *eight()[4:]])
    recipe = Recipe(
        preset="tiny",
        corpus="corpus",
        pieces=1000,
        objectives={"masked_words": 1.0, "entities": 1.0, "relations": 1.0},
        silver=(silver,),
    )
    own = Annotated.of(recipe, tiny_tokenizer)
    assert own.sources[0].coverage == Coverage(frozenset(LABELS))
    assert own.relations == ("lowers", "treats")  # relations in files are read
    assert own.take(0, 4).batch.ids.shape[0] == 4


def test_an_objective_with_nothing_to_learn_from_is_refused(tiny_tokenizer):
    with pytest.raises(ConfigError, match="no relations in them to learn from"):
        annotated([source(eight())], tiny_tokenizer)
    with pytest.raises(ConfigError, match="no training document"):
        annotated([source([])], tiny_tokenizer)


def test_relations_of_a_gold_corpus_are_read(catalogue, tiny_tokenizer):
    assert (catalogue / "relations" / "biored").is_dir()
    recipe = Recipe(
        preset="tiny",
        corpus="corpus",
        pieces=1000,
        objectives={"masked_words": 1.0, "relations": 1.0},
        annotated={"biored": 1.0},
    )
    own = Annotated.of(recipe, tiny_tokenizer)
    assert {"Association", "Bind", "Positive_Correlation"} <= set(own.relations)
    assert own.take(0, 32).pairs.targets.any()
