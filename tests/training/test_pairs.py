"""Rows of two texts are whole sentences of the documents that their labels say, and nothing is made up."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from biogloss.errors import ConfigError
from biogloss.preparation import shards
from biogloss.preparation.pieces import CONTINUES, Cut
from biogloss.preparation.shards import Shard
from biogloss.training.pairs import RIGHT, Pairs

FIRST, BEHIND, PADDING = SPECIALS = (0, 1, 2)
OWN = len(SPECIALS)

DOCUMENT = st.lists(st.integers(1, 30), min_size=1, max_size=9)
SHARDS = st.lists(st.lists(DOCUMENT, min_size=1, max_size=5), min_size=1, max_size=3)


def corpus(lengths):
    """Shards of documents of sentences of so many pieces; every piece of the corpus has an id of its own."""
    found, begin = [], OWN
    for documents in lengths:
        cuts = []
        for sentences in documents:
            ids = np.arange(begin, begin + sum(sentences), dtype=np.uint32)
            begin += len(ids)
            cuts.append((0, Cut(np.where(ids % 3, ids, ids | CONTINUES), np.array(sentences, dtype=np.uint32))))
        found.append(Shard(Path("made-up"), *shards._arrays(cuts, np.uint16).values()))
    return found


def bounds(lengths):
    """Where each document's sentences begin, and where its last one ends, in ids."""
    begin, found = OWN, []
    for sentences in (document for documents in lengths for document in documents):
        found.append([begin, *(begin + np.cumsum(sentences)).tolist()])
        begin = found[-1][-1]
    return found


def pairs(lengths, *, length, elsewhere, seed=1):
    return Pairs(corpus(lengths), length, SPECIALS, elsewhere, seed)


def texts(rows, place):
    """The two texts of a row, whose special tokens, segments, words and mask are looked at on the way."""
    ids, words, segments = rows.ids[place], rows.words[place], rows.segments[place]
    count = len(ids) if rows.mask is None else int(rows.mask[place].sum())
    assert rows.mask is None or rows.mask[place, :count].all()
    assert (ids[count:] == PADDING).all()
    assert not segments[count:].any()
    second = int(np.argmax(segments))
    assert segments[second:count].all()
    assert np.flatnonzero(ids[:count] < OWN).tolist() == [0, second - 1, count - 1]
    assert (ids[0], ids[second - 1], ids[count - 1]) == (FIRST, BEHIND, BEHIND)
    assert ((words < 0) == (ids < OWN)).all()
    of_pieces = words[words >= 0]
    assert set(np.diff(of_pieces)) <= {0, 1}
    assert of_pieces[0] == 0
    return ids[1 : second - 1], ids[second : count - 1], count == len(ids)


def document_of(text, ends, *, is_full):
    """The document of a text, which is whole sentences of it, or cut short where the row is full."""
    assert (np.diff(text) == 1).all()
    (own,) = [document for document in ends if document[0] <= text[0] < document[-1]]
    assert text[0] in own
    assert text[-1] < own[-1]
    assert text[-1] + 1 in own or is_full
    return own


@given(lengths=SHARDS, length=st.integers(8, 40), elsewhere=st.booleans(), seed=st.integers(0, 99))
def test_rows_are_whole_sentences_of_the_documents_that_the_label_says(lengths, length, elsewhere, seed):
    assume(sum(len(document) > 1 for documents in lengths for document in documents) > elsewhere)
    found = pairs(lengths, length=length, elsewhere=elsewhere, seed=seed)
    rows, ends = found.take(0, 12), bounds(lengths)
    for place, label in enumerate(rows.labels):
        first, second, is_full = texts(rows, place)
        own, other = (document_of(text, ends, is_full=is_full) for text in (first, second))
        if label == RIGHT or not elsewhere:
            before, after = (first, second) if label == RIGHT else (second, first)
            assert own == other
            assert after[0] == min(end for end in own if end > before[-1])
        else:
            assert own != other


@given(start=st.integers(0, 40), count=st.integers(1, 9), elsewhere=st.booleans())
def test_rows_are_a_function_of_seed_and_number(start, count, elsewhere):
    lengths = [[[5, 7, 3, 9], [4, 4]], [[6, 2, 8, 8, 1]]]
    together = pairs(lengths, length=16, elsewhere=elsewhere).take(start, count)
    for place in range(count):
        alone = pairs(lengths, length=16, elsewhere=elsewhere).take(start + place, 1)
        for name in ("ids", "words", "segments", "labels"):
            assert (getattr(together, name)[place] == getattr(alone, name)[0]).all()


@pytest.mark.parametrize("elsewhere", [True, False])
def test_rows_are_nearly_full_and_half_of_them_wrong(elsewhere):
    rng = np.random.default_rng(0)
    lengths = [[rng.integers(1, 9, size=60).tolist() for _ in range(10)]]
    rows = pairs(lengths, length=64, elsewhere=elsewhere).take(0, 1000)
    assert rows.mask.mean() > 0.93
    assert rows.labels.mean() == pytest.approx(0.5, abs=0.05)
    seconds = rows.segments.sum(axis=1)
    assert seconds.std() > 10  # the cut is anywhere


def test_each_pass_over_the_corpus_is_another_and_reaches_all_documents():
    lengths = [[[5, 7, 3, 9, 6, 6, 6] for _ in range(12)]]
    found = pairs(lengths, length=24, elsewhere=False)
    passes = [found.take(number * len(found), len(found)).ids for number in (0, 1)]
    assert not (passes[0] == passes[1]).all()
    for rows in passes:
        assert {int(piece - OWN) // 42 for piece in rows[:, 1]} == set(range(12))


@pytest.mark.parametrize(("lengths", "elsewhere"), [([[[5], [9]]], False), ([[[5, 5], [9]]], True), ([[]], False)])
def test_a_corpus_without_two_sentences_is_refused(lengths, elsewhere):
    with pytest.raises(ConfigError, match="documents of two sentences or more"):
        pairs(lengths, length=16, elsewhere=elsewhere)
