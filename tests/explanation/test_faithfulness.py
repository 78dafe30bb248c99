"""Curves of hiding words, on models whose needs are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.explanation.faithfulness import SHARES, faithfulness

WEIGHTS = np.array([0.5, 0.0, 0.3, 0.0, 0.0, 0.15, 0.0, 0.0, 0.0, 0.05, 0.0, 0.0])


def adding(weights):
    """A model whose probability is the sum of the weights of the words that it sees."""
    return lambda hidden: ~hidden @ weights


def test_the_order_of_what_is_needed_beats_every_random_order():
    found = faithfulness(WEIGHTS, adding(WEIGHTS))
    assert (found.beaten, found.orders, found.is_better_than_chance) == (20, 20, True)
    assert min(found.gains) > 0.1


def test_the_reverse_of_it_beats_none():
    found = faithfulness(-WEIGHTS, adding(WEIGHTS))
    assert (found.beaten, found.is_better_than_chance) == (0, False)
    assert max(found.gains) < 0


def test_the_curves_are_those_of_words_hidden_one_by_one():
    own = faithfulness(WEIGHTS, adding(WEIGHTS)).own
    order = np.argsort(-WEIGHTS, kind="stable")
    counts = np.rint(own.shares * len(WEIGHTS)).astype(int)
    left = [1 - WEIGHTS[order[:count]].sum() for count in counts]
    assert own.deletion[0] == pytest.approx(left)
    assert own.insertion[0] == pytest.approx(1 - np.array(left))
    areas = [np.trapezoid(curve[0], own.shares) for curve in (own.deletion, own.insertion)]
    assert [float(area[0]) for area in own.areas] == pytest.approx(areas)


def test_comprehensiveness_and_sufficiency_are_those_of_eraser():
    own = faithfulness(WEIGHTS, adding(WEIGHTS)).own
    order = np.argsort(-WEIGHTS, kind="stable")
    first = [WEIGHTS[order[: int(np.ceil(share * len(WEIGHTS)))]].sum() for share in SHARES]
    assert own.comprehensiveness == pytest.approx([np.mean(first)])
    assert own.sufficiency == pytest.approx([1 - np.mean(first)])


@given(st.integers(1, 60), st.integers(0, 7))
def test_curves_reach_from_all_words_to_none_and_each_set_of_words_is_asked_about_once(words, orders):
    asked = []

    def probabilities(hidden):
        asked.append(hidden)
        return 1 - hidden.mean(axis=1)

    found = faithfulness(np.arange(words, dtype=float), probabilities, orders=orders)
    for curves in (found.own, found.random):
        assert (curves.shares[0], curves.shares[-1]) == (0, 1)
        assert curves.deletion == pytest.approx(np.tile(1 - curves.shares, (len(curves.deletion), 1)))
        assert curves.insertion == pytest.approx(np.tile(curves.shares, (len(curves.insertion), 1)))
    assert [len(np.unique(hidden, axis=0)) for hidden in asked] == [len(hidden) for hidden in asked]
    assert not found.is_better_than_chance  # every order is as good as any


def test_the_same_seed_draws_the_same_orders_and_another_others():
    one, same, other = (faithfulness(WEIGHTS, adding(WEIGHTS), seed=seed) for seed in (1, 1, 2))
    assert (one.random.deletion == same.random.deletion).all()
    assert (one.random.deletion != other.random.deletion).any()
