"""Curves and areas are those of scikit-learn, with ties, and with items that count several times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.evaluation import ranking

metrics = pytest.importorskip("sklearn.metrics")


@st.composite
def items(draw):
    """Whether each item is of the class, its score, and how often it counts: some of the class, some not."""
    count = draw(st.integers(2, 30))
    gold = draw(st.lists(st.booleans(), min_size=count, max_size=count).filter(lambda found: len(set(found)) == 2))
    scores = draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))
    times = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    return np.array(gold), np.array(scores) / 8, np.array(times, dtype=np.float64)


@given(found=items())
def test_areas(found):
    gold, scores, times = found
    both = np.stack([np.ones(len(gold)), times])
    for ours, theirs in (
        (ranking.roc_auc, metrics.roc_auc_score),
        (ranking.average_precision, metrics.average_precision_score),
    ):
        expected = [theirs(gold, scores), theirs(gold, scores, sample_weight=times)]
        assert ours(gold, scores, both) == pytest.approx(expected)
        assert ours(gold, scores) == pytest.approx(expected[0])
        again = np.repeat(gold, times.astype(int)), np.repeat(scores, times.astype(int))
        assert ours(*again) == pytest.approx(expected[1])


@given(found=items())
def test_curves(found):
    gold, scores, _ = found
    false, true, _ = metrics.roc_curve(gold, scores, drop_intermediate=False)
    assert np.array(ranking.roc_curve(gold, scores)) == pytest.approx(np.array([false, true]))
    precision, recall, _ = metrics.precision_recall_curve(gold, scores)
    assert np.array(ranking.precision_recall_curve(gold, scores))[:, ::-1] == pytest.approx(
        np.array([recall[:-1], precision[:-1]])
    )


@given(found=items())
def test_areas_of_the_opposite_order(found):
    gold, scores, _ = found
    assert ranking.roc_auc(gold, 1 - scores) == pytest.approx(1 - ranking.roc_auc(gold, scores))


def test_an_area_that_is_not_defined_is_no_number():
    both = np.array([True, True])
    assert np.isnan(ranking.roc_auc(both, np.array([0.1, 0.2])))
    assert np.isnan(ranking.average_precision(~both, np.array([0.1, 0.2])))
    assert ranking.average_precision(both, np.array([0.1, 0.2])) == 1


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="the score of item 1 is no number"):
        ranking.roc_auc(np.array([True, False]), np.array([0.5, np.nan]))
