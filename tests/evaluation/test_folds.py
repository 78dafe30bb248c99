"""Folds: every document once, no source in two folds, nearly equal sizes, labels spread, the same each time."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss import corpora
from biogloss.documents import Citation, Document, Relation
from biogloss.errors import ConfigError
from biogloss.evaluation.folds import folds, source, sources

# (source, label) of each document; some have no label
MADE = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["a", "b", "c", ""])), min_size=2, max_size=80)


def documents(made):
    return [
        Document(f"s{number}-{place}", "Gout.", labels=(label,) if label else ())
        for place, (number, label) in enumerate(made)
    ]


def sizes(parts):
    return [len(part) for part in parts]


def test_names_that_differ_by_a_number_are_not_one_source():
    notes = [Document(f"note-{number}", "Gout.") for number in range(1, 11)]
    assert sources(notes) == [note.id for note in notes]
    assert sizes(folds(notes, 5)) == [2] * 5
    assert sources([*notes, Document("other-1", "Gout.")]) == ["note"] * 10 + ["other"]
    with pytest.raises(ConfigError, match="a-1 and a-2, are one group"):
        folds([replace(note, citation=Citation(pmid="7")) for note in notes], 2)


@given(made=MADE, k=st.integers(2, 8), seed=st.integers(0, 3))
def test_every_document_is_in_one_fold_and_so_is_every_source(made, k, seed):
    found = documents(made)
    groups = Counter(sources(found))
    if len(groups) < k:
        with pytest.raises(ConfigError, match=rf"{k} folds of {len(groups)} groups of documents cannot be"):
            folds(found, k, seed=seed)
        return
    parts = folds(found, k, seed=seed)
    assert len(parts) == k
    assert sorted(document.id for part in parts for document in part) == sorted(document.id for document in found)
    name = dict(zip([document.id for document in found], sources(found), strict=True))
    assert sum(len({name[document.id] for document in part}) for part in parts) == len(groups)
    assert all(parts)
    assert max(sizes(parts)) - min(sizes(parts)) <= 2 * max(groups.values())
    assert all(part == sorted(part, key=found.index) for part in parts)


@given(made=MADE, k=st.integers(2, 5), seed=st.integers(0, 3), mixed=st.randoms(use_true_random=False))
def test_the_folds_do_not_depend_on_the_order_of_the_documents(made, k, seed, mixed):
    found = documents(made)
    if len(set(map(source, found))) < k:
        return
    other = mixed.sample(found, len(found))
    assert [set(part) for part in folds(found, k, seed=seed)] == [set(part) for part in folds(other, k, seed=seed)]


@given(labels=st.lists(st.sampled_from("abcd"), min_size=5, max_size=100), k=st.integers(2, 5))
def test_documents_of_their_own_are_spread_evenly_and_so_are_their_labels(labels, k):
    found = [Document(f"d{place}", "Gout.", labels=(label,)) for place, label in enumerate(labels)]
    parts = folds(found, k)
    assert max(sizes(parts)) - min(sizes(parts)) <= 1
    for label in set(labels):
        counts = [sum(document.labels == (label,) for document in part) for part in parts]
        assert max(counts) - min(counts) <= 2


def test_another_seed_gives_other_folds():
    found = [Document(f"d{place}", "Gout.") for place in range(100)]
    assert folds(found, 5, seed=1) == folds(found, 5, seed=1)
    assert folds(found, 5, seed=1) != folds(found, 5, seed=2)


def test_documents_without_a_label_and_types_of_relations_are_spread_too():
    rng = random.Random(0)
    found = []
    for place in range(60):
        relations = (Relation("R1", rng.choice(["POS", "NEG"]), (("a", "MESH:1"), ("b", "MESH:2"))),)
        found.append(Document(f"d{place}", "Gout.", relations=relations if place % 4 == 0 else ()))
    for part in folds(found, 3):
        assert sum(bool(document.relations) for document in part) == 5


def test_the_source_is_the_pmid_or_stands_before_the_number():
    assert source(Document("11-3", "Gout.", citation=Citation(pmid="11"))) == "11"
    assert source(Document("a1", "Gout.", citation=Citation(pmid="12"))) == "12"
    assert source(Document("DDI-MedLine.d6-12", "Gout.")) == "DDI-MedLine.d6"
    assert source(Document("train:12", "Gout.")) == "train:12"
    assert source(Document("6794356", "Gout.")) == "6794356"


@pytest.mark.parametrize("group", [source, lambda document: document.text])
def test_what_may_not_be_parted_is_a_choice(group):
    found = [Document(f"s{place % 6}-{place}", f"Text {place % 4}.") for place in range(48)]
    parts = folds(found, 4, group=group)
    assert sum(len(set(map(group, part))) for part in parts) == len(set(map(group, found)))
    with pytest.raises(ConfigError, match="1 folds of 6 groups"):
        folds(found, 1)


@pytest.mark.parametrize(
    ("name", "groups", "uneven"),
    [
        ("cdr", 500, 0.01),
        ("ade", 2972, 0.01),
        ("aimed", 175, 0.01),
        ("bioinfer", 666, 0.01),
        ("pgr", 1921, 0.01),
        ("ddi", 714, 0.04),  # 44 of 188 relations `int` are in one text
        ("drug_combo", 1357, 0.01),
    ],
)
@pytest.mark.usefixtures("catalogue")
def test_published_corpora_part_by_source_with_their_labels_in_every_fold(name, groups, uneven):
    found = list(corpora.documents(name, "train"))
    assert len(set(map(source, found))) == groups
    parts = folds(found, 5, seed=1)
    assert max(sizes(parts)) - min(sizes(parts)) <= 0.01 * len(found) / 5
    total = Counter(relation.label for document in found for relation in document.relations)
    for part in parts:
        own = Counter(relation.label for document in part for relation in document.relations)
        shares = {label: own[label] / count for label, count in total.items()}
        assert shares == pytest.approx(dict.fromkeys(total, 0.2), abs=uneven)
