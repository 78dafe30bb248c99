"""A name that is clear in one place of a text is found in its other places; what the model is sure of stays."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span
from biogloss.tasks._agreement import MIN_ADDED_SCORE, agreed
from biogloss.tasks.ner import TAGS, Ner

SENTENCE = "gout and gout hurts, type gout"


def likelihood(pieces, begins):
    """Certainly outside, but where a piece's first character is given with the likelihood that it begins an entity."""
    rows = np.zeros((len(pieces), 2), dtype=np.float32)
    for start, value in begins.items():
        rows[pieces.starts.tolist().index(start), 0] = value
    return rows


def test_a_clear_place_decides_for_an_unclear_one_and_for_one_that_was_overlooked(tiny_tokenizer):
    pieces = tiny_tokenizer.pieces(SENTENCE)
    rows = likelihood(pieces, {0: 0.9, 9: 0.4, 26: 0.2})
    found = agreed(SENTENCE, pieces, rows, [(Span(0, 4), 0.9), (Span(9, 13), 0.4)])
    assert [span for span, _ in found] == [Span(0, 4), Span(9, 13), Span(26, 30)]
    assert [score for _, score in found] == pytest.approx([0.9, 0.65, 0.55])


def test_where_the_model_is_sure_that_it_is_nothing_nothing_is_added(tiny_tokenizer):
    pieces = tiny_tokenizer.pieces(SENTENCE)
    assert agreed(SENTENCE, pieces, likelihood(pieces, {0: 0.98}), [(Span(0, 4), 0.98)]) == [(Span(0, 4), 0.98)]


@pytest.mark.parametrize("text", ["type types", "type typetype", "type 2types"])
def test_only_whole_words_are_added(tiny_tokenizer, text):
    pieces = tiny_tokenizer.pieces(text)
    rows = np.ones((len(pieces), 2), dtype=np.float32)
    assert agreed(text, pieces, rows, [(Span(0, 4), 1.0)]) == [(Span(0, 4), 1.0)]


def test_a_longer_name_is_added_before_one_inside_it(tiny_tokenizer):
    text = "type 2 gout, gout; type 2 gout, gout"
    pieces = tiny_tokenizer.pieces(text)
    rows = np.ones((len(pieces), 2), dtype=np.float32)
    found = agreed(text, pieces, rows, [(Span(0, 11), 1.0), (Span(13, 17), 1.0)])
    assert [text[span.start : span.end] for span, _ in found] == ["type 2 gout", "gout"] * 2


def test_places_written_in_a_script_without_spaces_agree_too(tiny_tokenizer):
    text = "痛风和痛风"
    pieces = tiny_tokenizer.pieces(text)
    rows = np.full((len(pieces), 2), 0.4, dtype=np.float32)
    assert [span for span, _ in agreed(text, pieces, rows, [(Span(0, 2), 0.9)])] == [Span(0, 2), Span(3, 5)]


@given(values=st.data())
def test_nothing_found_is_lost_and_nothing_overlaps(tiny_tokenizer, values):
    words = values.draw(st.lists(st.sampled_from(["gout", "pain", "type", "2", "痛"]), min_size=1, max_size=12))
    text = values.draw(st.sampled_from([" ", "-", ", "])).join(words)
    pieces = tiny_tokenizer.pieces(text)
    scores = values.draw(
        st.lists(st.tuples(*[st.floats(0, 9, width=32)] * TAGS), min_size=len(pieces), max_size=len(pieces))
    )
    logits = np.array(scores, dtype=np.float32).reshape(len(pieces), TAGS)
    document = Ner(("Disease",)).annotate(Document("1", text), pieces, [(None, logits)])
    entities = sorted(document.entities, key=lambda entity: entity.start)
    assert all(before.end <= after.start for before, after in pairwise(entities))
    assert all(0 <= entity.score <= 1 for entity in entities)
    sure = {entity.text: entity.score for entity in entities if entity.score >= MIN_ADDED_SCORE}
    strict = Ner(("Disease",), thresholds={"Disease": MIN_ADDED_SCORE}).annotate(
        Document("1", text), pieces, [(None, logits)]
    )
    assert {entity.text for entity in strict.entities} == set(sure)
