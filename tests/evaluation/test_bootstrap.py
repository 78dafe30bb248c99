"""Intervals of any measure: what they hold, how wide they are, and what is not defined."""

import numpy as np
import pytest

from biogloss.evaluation.bootstrap import Estimate, Measure, Name, estimates, grouped, together

MEAN = Name("all", "mean")


def mean(values, name=MEAN):
    rows = np.asarray(values, dtype=np.float64)
    return Measure((name,), len(rows), lambda times: (times @ rows / times.sum(axis=-1))[..., None])


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation():
    values = np.random.default_rng(0).normal(0.5, 0.1, size=400)
    found = estimates(mean(values), samples=2000)[MEAN]
    error = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == (
        pytest.approx(found.value - error, rel=0.01),
        pytest.approx(found.value + error, rel=0.01),
    )


def test_documents_of_one_source_are_drawn_together():
    values = np.random.default_rng(0).normal(0.5, 0.1, size=100)
    sentences, names = np.repeat(values, 5), np.repeat([str(place) for place in range(100)], 5)
    found = estimates(grouped(mean(sentences), names))[MEAN]
    alone, apart = (estimates(mean(own))[MEAN] for own in (values, sentences))
    assert found.value == pytest.approx(alone.value)
    assert found.high - found.low == pytest.approx(alone.high - alone.low, rel=0.1)
    assert found.high - found.low > 2 * (apart.high - apart.low)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    found = [estimates(mean(rng.random(80)), samples=300)[MEAN] for _ in range(200)]
    assert 0.88 <= np.mean([one.low <= 0.5 <= one.high for one in found]) <= 0.99


def test_the_same_seed_gives_the_same_interval_and_none_is_drawn_for_no_samples():
    one = mean(np.arange(10))
    assert estimates(one, samples=70, seed=3) == estimates(one, samples=70, seed=3)
    assert estimates(one, samples=70, seed=3) != estimates(one, samples=70, seed=4)
    assert estimates(one, samples=0)[MEAN] == Estimate(4.5, 4.5, 4.5)


def test_draws_on_which_a_score_is_not_defined_are_left_out():
    def values(times):
        sometimes = np.where(times[:, 1] > 0, 1.0, np.nan)
        return np.stack([sometimes, np.full(len(times), np.nan)], axis=1)

    found = estimates(Measure((Name("a", "x"), Name("b", "x")), 2, values), samples=50)
    assert found["a", "x"] == Estimate(1, 1, 1)
    assert np.isnan([found["b", "x"].value, found["b", "x"].low, found["b", "x"].high]).all()


def test_measures_are_joined_where_they_are_of_the_same_documents():
    other = Name("all", "twice")
    both = together([mean([1, 2]), mean([2, 4], other)])
    assert {name: one.value for name, one in estimates(both, samples=0).items()} == {MEAN: 1.5, other: 3}
    with pytest.raises(ValueError, match=r"measures of \[2, 3\] documents cannot be joined"):
        together([mean([1, 2]), mean([1, 2, 3], other)])
    with pytest.raises(ValueError, match="two measures give the mean of 'all'"):
        together([mean([1, 2]), mean([1, 2])])
