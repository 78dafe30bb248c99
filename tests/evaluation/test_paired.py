"""The paired bootstrap: what it says of systems that are the same, better by chance, or better."""

import numpy as np
import pytest

from biogloss.evaluation import paired


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
