"""Errors and correlations are those of scipy, ties and draws included."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.evaluation import regression
from biogloss.evaluation.bootstrap import estimates

stats = pytest.importorskip("scipy.stats")

NUMBERS = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-4, 4)).map(lambda pair: (pair[0] / 2, 3 * pair[1] + 7.3)),
    min_size=2,
    max_size=25,
)


def values(pairs, times=None):
    gold, predicted = zip(*pairs, strict=True)
    measure = regression.measure(gold, predicted)
    found = measure.of_all() if times is None else measure.values(np.array([times], dtype=np.float64))[0]
    return dict(zip(regression.METRICS, found.tolist(), strict=True))


def expected(pairs):
    gold, predicted = (np.array(side) for side in zip(*pairs, strict=True))
    constant = len(set(gold)) == 1 or len(set(predicted)) == 1
    return {
        "mse": float(np.mean((gold - predicted) ** 2)),
        "pearson": math.nan if constant else stats.pearsonr(gold, predicted).statistic,
        "spearman": math.nan if constant else stats.spearmanr(gold, predicted).statistic,
    }


@given(pairs=NUMBERS)
def test_scores_are_those_of_scipy(pairs):
    assert values(pairs) == pytest.approx(expected(pairs), nan_ok=True)


@given(pairs=NUMBERS, seed=st.integers(0, 1000))
def test_an_item_drawn_twice_counts_twice(pairs, seed):
    times = np.random.default_rng(seed).multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)))
    repeated = [pair for pair, count in zip(pairs, times, strict=True) for _ in range(count)]
    assert values(pairs, times) == pytest.approx(expected(repeated), nan_ok=True)


@given(pairs=NUMBERS, seed=st.randoms(use_true_random=False))
def test_the_order_changes_nothing(pairs, seed):
    other = list(pairs)
    seed.shuffle(other)
    assert values(other) == pytest.approx(values(pairs), nan_ok=True)


def test_what_is_predicted_right_correlates():
    found = values([(number, number) for number in range(5)])
    assert found == pytest.approx({"mse": 0, "pearson": 1, "spearman": 1})


def test_large_numbers_of_little_difference():
    pairs = [(1e9 + number, 1e9 + number**3) for number in range(5)]
    assert values(pairs) == pytest.approx(expected([(number, number**3) for number in range(5)]))


def test_the_interval_of_a_correlation_is_about_that_of_fisher():
    rng = np.random.default_rng(0)
    gold = rng.normal(size=400)
    predicted = gold + rng.normal(size=400)
    found = estimates(regression.measure(gold, predicted))["all", "pearson"]
    middle, error = math.atanh(found.value), 1.96 / math.sqrt(397)
    assert (found.low, found.high) == (
        pytest.approx(math.tanh(middle - error), abs=0.015),
        pytest.approx(math.tanh(middle + error), abs=0.015),
    )


@pytest.mark.parametrize(
    ("gold", "predicted", "words"),
    [
        ([1, 2], [1], "2 gold numbers and 1 predicted ones"),
        ([], [], "not none"),
        ([1, 2], [1, math.nan], "item d1: the predicted number is nan"),
        ([math.inf, 2], [1, 2], "item d0: the gold number is inf"),
    ],
)
def test_numbers_that_do_not_fit_are_named(gold, predicted, words):
    with pytest.raises(ValueError, match=words):
        regression.measure(gold, predicted, ids=["d0", "d1"])
