"""A tuned threshold is the best of its grid by the scores everyone reads, over all corpora together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at, numbered
from biogloss.evaluation import agreement
from biogloss.evaluation.agreement import FEW, GRID, said
from biogloss.evaluation.entities import Counts, scores

TEXT = "x" * 40
PLACES = st.sets(st.integers(0, 39), max_size=12)
SCORES = st.floats(0, 1).map(lambda score: round(score, 3))


def marked(number, mentions):
    entities = [entity_at(TEXT, Span(at, at + 1), label, score=score) for at, label, score in mentions]
    return Document(str(number), TEXT, entities=numbered(entities))


@st.composite
def corpus(draw, labels=("Disease",)):
    gold = [(at, label, None) for label in labels for at in sorted(draw(PLACES))]
    predicted = [(at, label, draw(SCORES)) for label in labels for at in sorted(draw(PLACES))]
    return [marked(1, gold)], [marked(1, predicted)], list(labels)


def tuned(parts):
    def spans(documents):
        return [said((one.label, one.spans, one.score) for one in document.entities) for document in documents]

    return agreement.tuned([(spans(gold), spans(predicted), labels) for gold, predicted, labels in parts])


def f1(parts, least):
    total = Counts()
    for gold, predicted, labels in parts:
        kept = [d.with_entities(tuple(e for e in d.entities if e.score >= least)) for d in predicted]
        total += scores(gold, kept, labels=labels, samples=0)["Disease"].counts
    return total.f1


@given(parts=st.lists(corpus(), min_size=1, max_size=3))
def test_no_other_threshold_scores_better_and_no_lower_one_as_well(parts):
    found = tuned(parts)
    if not any(document.entities for gold, _, _ in parts for document in gold):
        assert found == {}
        return
    best = found["Disease"]
    for least in GRID:
        assert f1(parts, least) <= f1(parts, best) + 1e-12
        if least < best:
            assert f1(parts, least) < f1(parts, best)


def often(mentions):
    """Documents enough for labels to have thresholds of their own."""
    return [marked(number, mentions) for number in range(FEW)]


def test_each_type_has_its_own_from_the_corpora_that_mark_it():
    gold = often([(0, "Disease", None), (1, "Gene", None)])
    predicted = often([(0, "Disease", 0.95), (5, "Disease", 0.9), (1, "Gene", 0.3), (7, "Gene", 0.1)])
    silent = [marked(-1, [])], [marked(-1, [(at, "Gene", 0.99) for at in range(9)])], ["Disease"]
    assert tuned([(gold, predicted, ["Disease", "Gene"]), silent]) == {
        "Disease": pytest.approx(0.95),
        "Gene": pytest.approx(0.15),
    }


def test_rare_types_share_one_and_the_others_do_not():
    gold = [*often([(0, "Disease", None)]), marked(-1, [(1, "Gene", None), (2, "Species", None)])]
    predicted = [
        *often([(0, "Disease", 0.95), (1, "Disease", 0.9)]),
        marked(-1, [(1, "Gene", 0.9), (2, "Species", 0.4), (3, "Species", 0.3), (4, "Cell", 0.35)]),
    ]
    # Gene by itself would have the lowest threshold of all, and take what is said without reason.
    assert tuned([(gold, predicted, ["Disease", "Gene", "Species", "Cell"])]) == {
        "Disease": pytest.approx(0.95),
        "Gene": pytest.approx(0.4),
        "Species": pytest.approx(0.4),
        "Cell": pytest.approx(0.4),
    }


@given(parts=corpus())
def test_f1_is_that_of_the_scores_everyone_reads(parts):
    gold, predicted, labels = parts
    sides = ([said((e.label, e.spans, e.score) for e in d.entities) for d in side] for side in (gold, predicted))
    assert agreement.f1(*sides, labels) == pytest.approx(f1([parts], 0.0))


def test_of_what_is_said_twice_the_better_score_counts():
    assert said([("a", 1, 0.2), ("a", 1, 0.7), ("a", 1, None), ("b", 1, 0.1)]) == {"a": {1: 1.0}, "b": {1: 0.1}}
