"""Words are hidden whole, near the rate that is asked for, and what replaces them has the published shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.training.objectives._masking import MAX_SPAN_WORDS, Masking

MASK = 4
ORDINARY = np.arange(5, 1000, dtype=np.int32)


def row(sizes):
    """A row of words of these many pieces between two special tokens."""
    words = np.repeat(np.arange(len(sizes)), sizes)
    words = np.concatenate([[-1], words, [-1]]).astype(np.int32)
    ids = np.where(words < 0, 2, 5 + words).astype(np.int32)
    return ids, words


@given(
    sizes=st.lists(st.integers(1, 5), max_size=40),
    rate=st.floats(0.05, 0.9),
    spans=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_words_are_hidden_whole_and_the_rest_stays(sizes, rate, spans, seed):
    ids, words = row(sizes)
    before = ids.copy()
    inputs, hidden = Masking(mask=MASK, ordinary=ORDINARY, rate=rate, spans=spans)(
        ids, words, np.random.default_rng(seed)
    )
    assert (ids == before).all()
    assert (inputs[~hidden] == ids[~hidden]).all()
    assert not hidden[words < 0].any()
    for word in range(len(sizes)):
        assert len(set(hidden[words == word])) == 1
    allowed = max(1, round(rate * sum(sizes)))
    assert hidden.sum() <= max(allowed, max(sizes, default=0))
    assert hidden.any() == bool(sizes)


@pytest.mark.parametrize("spans", [False, True])
@pytest.mark.parametrize("rate", [0.15, 0.3])
def test_rate_and_shares_are_those_asked_for(spans, rate):
    rng = np.random.default_rng(0)
    masking = Masking(mask=MASK, ordinary=ORDINARY, rate=rate, spans=spans)
    ids, words = row(rng.integers(1, 4, size=120))
    drawn = [masking(ids, words, rng) for _ in range(400)]
    hidden = np.array([chosen for _, chosen in drawn])
    inputs = np.array([masked for masked, _ in drawn])
    assert hidden[:, 1:-1].mean() == pytest.approx(rate, abs=0.01)
    assert (inputs[hidden] == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (inputs[hidden] == np.broadcast_to(ids, inputs.shape)[hidden]).mean() == pytest.approx(0.1, abs=0.02)


def test_spans_are_runs_of_words_and_words_alone_are_not():
    ids, words = row([1] * 400)

    def runs(spans):
        hidden = Masking(mask=MASK, ordinary=ORDINARY, spans=spans)(ids, words, np.random.default_rng(1))[1]
        edges = np.flatnonzero(np.diff(hidden.astype(int)))
        return edges[1::2] - edges[::2]

    assert runs(spans=False).mean() < 1.5
    assert runs(spans=True).mean() > 2.5
    assert runs(spans=True).max() <= 3 * MAX_SPAN_WORDS


def test_the_same_seed_hides_the_same():
    ids, words = row([2, 1, 3] * 20)
    masking = Masking(mask=MASK, ordinary=ORDINARY)
    one, other = (masking(ids, words, np.random.default_rng(7)) for _ in range(2))
    assert (one[0] == other[0]).all()
    assert (one[1] == other[1]).all()
