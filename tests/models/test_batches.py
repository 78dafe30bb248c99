"""Batches hold every window once, within the budget, beside windows of nearly their length."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from biogloss.models.batches import by_budget
from biogloss.models.runtime import BUDGET_PIECES, same_length

LENGTHS = st.lists(st.integers(1, 300), max_size=60)


@given(lengths=LENGTHS, budget=st.integers(1, 600))
def test_every_index_once_and_within_the_budget(lengths, budget):
    batches = by_budget(lengths, budget=budget)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(lengths=LENGTHS, budget=st.integers(1, 600))
def test_neighbours_are_of_nearly_equal_length_and_no_batch_could_take_one_more(lengths, budget):
    batches = by_budget(lengths, budget=budget)
    for before, after in pairwise(batches):
        assert max(lengths[index] for index in before) <= min(lengths[index] for index in after)
        assert (len(before) + 1) * lengths[after[0]] > budget


@given(lengths=LENGTHS)
def test_annotation_batches_are_of_one_length_and_need_no_padding(lengths):
    batches = list(same_length([[1] * length for length in lengths]))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[index] for index in batch}) == 1
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= BUDGET_PIECES
