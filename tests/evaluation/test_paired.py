"""The paired bootstrap: what it says of systems that are the same, better by chance, or better."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document
from biogloss.evaluation import classes, paired


def counts(rng, documents, share):
    """Ten gold and ten predicted mentions a document, of which about a share is right."""
    right = rng.binomial(10, share, size=documents)
    ten = np.full(documents, 10)
    return np.stack([right, right, ten, ten], axis=1).astype(float)


def test_a_system_does_not_differ_from_itself():
    own = counts(np.random.default_rng(0), 50, 0.8)
    found = paired.compared(paired.f1, [(own, own)])
    assert (found.low, found.high) == (0, 0)
    assert not found.is_measurable


def test_a_clear_gain_is_measured_and_a_loss_is_its_mirror():
    rng = np.random.default_rng(0)
    one, other = counts(rng, 200, 0.7), counts(rng, 200, 0.9)
    gain, loss = paired.compared(paired.f1, [(one, other)]), paired.compared(paired.f1, [(other, one)])
    assert gain.is_measurable
    assert 0.15 < gain.low < gain.after - gain.before < gain.high < 0.25
    assert loss.high == pytest.approx(-gain.low)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Two systems of the same quality: about one in twenty intervals leaves zero out."""
    rng = np.random.default_rng(1)
    wrong = sum(
        paired.compared(paired.f1, [(counts(rng, 60, 0.8), counts(rng, 60, 0.8))], samples=400).is_measurable
        for _ in range(200)
    )
    assert 1 <= wrong <= 24


def test_the_mean_over_sets_gives_each_set_the_same_weight():
    small = (counts(np.random.default_rng(2), 10, 0.5), counts(np.random.default_rng(3), 10, 0.9))
    large = (counts(np.random.default_rng(4), 1000, 0.8), counts(np.random.default_rng(4), 1000, 0.8))
    found = paired.compared(paired.f1, [small, large])
    alone = paired.compared(paired.f1, [small])
    assert found.after - found.before == pytest.approx((alone.after - alone.before) / 2)


def test_several_runs_are_averaged():
    one = counts(np.random.default_rng(5), 20, 0.6)
    assert paired.f1(np.concatenate([one, one], axis=1).sum(axis=0)) == pytest.approx(paired.f1(one.sum(axis=0)))


def test_a_mean_is_of_totals_over_counts():
    sums = np.array([[6.0, 3.0], [4.0, 1.0]])
    assert paired.compared(paired.mean, [(sums, sums)]).before == pytest.approx(10 / 4)


@pytest.mark.parametrize("sets", [[], [(np.zeros((2, 4)), np.zeros((3, 4)))], [(np.zeros((0, 4)), np.zeros((0, 4)))]])
def test_other_documents_are_refused(sets):
    with pytest.raises(ValueError, match="the same documents"):
        paired.compared(paired.f1, sets)


# --- any measure


def judged(rng, share, documents=150):
    """A classifier of two classes that is right for about a share of the documents, and as sure of it."""
    gold, predicted = [], []
    for number in range(documents):
        label, other = ("review", "trial") if number % 3 else ("trial", "review")
        chosen = label if rng.random() < share else other
        sure = round(float(rng.uniform(0.5, 1)), 3)
        scores = {chosen: sure, ({"review", "trial"} - {chosen}).pop(): round(1 - sure, 3)}
        gold.append(Document(str(number), "Gout.", labels=(label,)))
        predicted.append(Document(str(number), "Gout.", labels=(chosen,), label_scores=tuple(sorted(scores.items()))))
    return classes.measure(classes.of_documents(gold, predicted))


def test_every_score_of_a_measure_is_compared():
    weak, strong = judged(np.random.default_rng(0), 0.6), judged(np.random.default_rng(1), 0.9)
    found = paired.differences(weak, strong, samples=300)
    assert found.keys() == set(weak.names)
    for name, difference in found.items():
        assert difference.low <= difference.after - difference.before <= difference.high, name
        assert difference.low > 0, name
    assert {(one.low, one.high) for one in paired.differences(weak, weak, samples=50).values()} == {(0, 0)}


def test_only_what_both_measures_give_is_compared():
    one = judged(np.random.default_rng(0), 0.6)
    gold = [Document(str(number), "Gout.", labels=("review",)) for number in range(150)]
    other = classes.measure(classes.of_documents(gold, gold))
    found = paired.differences(one, other, samples=20)
    assert ("all", "accuracy") in found
    assert not [name for name in found if name.label == "trial"]


def test_measures_of_other_documents_are_refused():
    with pytest.raises(ValueError, match="150 and 20 documents: the same documents expected"):
        paired.differences(*(judged(np.random.default_rng(0), 0.6, count) for count in (150, 20)))


# --- McNemar


@given(found=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_mcnemar_is_the_binomial_test_of_scipy(found):
    stats = pytest.importorskip("scipy.stats")
    one, other = (np.array([pair[side] for pair in found], dtype=bool) for side in (0, 1))
    result = paired.mcnemar(one, other)
    first, second = sum(a and not b for a, b in found), sum(b and not a for a, b in found)
    assert (result.only_before, result.only_after) == (first, second)
    expected = stats.binomtest(first, first + second, 0.5).pvalue if first + second else 1
    assert result.p_value == pytest.approx(expected)


def test_mcnemar_of_many_items():
    stats = pytest.importorskip("scipy.stats")
    one = np.arange(50_000) < 25_300
    assert paired.mcnemar(one, ~one).p_value == pytest.approx(stats.binomtest(25_300, 50_000, 0.5).pvalue)


def test_mcnemar_of_other_items_is_refused():
    with pytest.raises(ValueError, match="2 items of one system but 3 of the other"):
        paired.mcnemar(np.ones(2, dtype=bool), np.ones(3, dtype=bool))
