"""Spans, and the offsets of other worlds: UTF-16 (browsers, Java) and bytes."""

import pytest
from document_strategies import TEXTS, spans
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Span, byte_offsets, span_text, utf16_offsets


@pytest.mark.parametrize(("start", "end"), [(0, 0), (4, 3), (-1, 2)])
def test_an_empty_reversed_or_negative_span_cannot_be_built(start, end):
    with pytest.raises(ValueError, match=rf"\[{start}, {end}\)"):
        Span(start, end)


@given(spans(30), spans(30))
def test_overlap_and_containment_are_those_of_the_characters(one, other):
    characters, others = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert one.overlaps(other) == bool(characters & others)
    assert one.contains(other) == (others <= characters)
    assert len(one) == len(characters)


@given(spans(30), st.integers(0, 50))
def test_a_shift_and_its_inverse(span, by):
    assert span.shift(by).shift(-by) == span


def test_a_shift_below_zero_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Span(1, 2).shift(-2)


@given(TEXTS, st.data())
def test_offsets_in_utf16_and_bytes_cut_the_same_words(text, choice):
    units, places = utf16_offsets(text), byte_offsets(text)
    encoded, utf8 = text.encode("utf-16-le"), text.encode()
    assert len(units) == len(places) == len(text) + 1
    assert (units[-1] * 2, places[-1]) == (len(encoded), len(utf8))
    if text:
        span = choice.draw(spans(len(text)))
        words = span_text(text, [span])
        assert encoded[units[span.start] * 2 : units[span.end] * 2].decode("utf-16-le") == words
        assert utf8[places[span.start] : places[span.end]].decode() == words


def test_an_emoji_is_one_character_two_units_four_bytes():
    assert utf16_offsets("a😀b") == [0, 1, 3, 4]
    assert byte_offsets("a😀b") == [0, 1, 5, 6]


def test_the_words_of_several_spans_are_joined_by_one_space():
    assert span_text("breast and ovarian cancer", [Span(0, 6), Span(19, 25)]) == "breast cancer"
