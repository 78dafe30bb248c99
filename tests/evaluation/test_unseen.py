"""Recall of unseen mentions: which ones those are, that they are found by the rules of entities, and the interval."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at, numbered
from biogloss.evaluation.entities import scores
from biogloss.evaluation.unseen import surface, unseen_recall

NAMES = ("gout", "lupus", "asthma", "measles")
TEXT = " ".join(NAMES)


def document(names, number=1, label="Disease"):
    found = [entity_at(TEXT, Span(TEXT.index(name), TEXT.index(name) + len(name)), label) for name in names]
    return Document(str(number), TEXT, entities=numbered(found))


SETS = st.sets(st.sampled_from(NAMES)).map(sorted)


@given(gold=SETS, predicted=SETS, training=SETS)
def test_only_names_that_training_does_not_mark_count(gold, predicted, training):
    found = unseen_recall(
        [document(gold)], [document(predicted)], [document(training, 2)], labels=["Disease"], samples=0
    )
    new = set(gold) - set(training)
    for label in ("Disease", "all"):
        assert found[label].mentions == len(new)
        expected = len(new & set(predicted)) / len(new) if new else math.nan
        assert found[label].recall.value == pytest.approx(expected, nan_ok=True)


@given(gold=SETS.filter(bool), predicted=SETS)
def test_without_training_it_is_recall(gold, predicted):
    both = [document(gold)], [document(predicted)]
    found = unseen_recall(*both, [], labels=["Disease"], samples=0)["all"].recall.value
    assert found == scores(*both, labels=["Disease"], samples=0)["all"].counts.recall


def test_a_name_of_another_label_is_unseen():
    training = [document(["gout"], 2, label="Symptom")]
    found = unseen_recall([document(["gout"])], [document(["gout"])], training, labels=["Disease"])
    assert found["Disease"].mentions == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Type-2  Diabetes", "type 2 diabetes", True),
        ("ＩＬ－６", "IL-6", True),
        ("Straße", "STRASSE", True),
        ("IL-6", "IL-16", False),
        ("TNF-α", "TNF-β", False),
        ("+", "-", False),
        ("痛风", "痛 风", False),
    ],
)
def test_surface_forms(one, other, same):
    assert (surface(one) == surface(other)) == same


def test_the_interval_holds_the_recall():
    rng = random.Random(0)
    gold = [document(NAMES, number) for number in range(80)]
    predicted = [document([name for name in NAMES if rng.random() < 0.6], number) for number in range(80)]
    found = unseen_recall(gold, predicted, [document(["gout"], 99)], labels=["Disease"])["Disease"]
    assert found.mentions == 240
    assert 0.02 < found.recall.value - found.recall.low < 0.12
    assert 0.02 < found.recall.high - found.recall.value < 0.12


def test_a_match_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="unknown match 'loose'"):
        unseen_recall([document(NAMES)], [document(NAMES)], [], labels=["Disease"], match="loose")
