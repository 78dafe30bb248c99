"""What two parts have in common is found, counted and shown in a few characters."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at
from biogloss.evaluation.splits import EXAMPLE_CHARACTERS, leaks, shared

WORDS = ["gout", "pain", "fever", "drug", "dose", "trial", "week", "month", "blood", "liver", "heart", "lung"]


def text(rng, length):
    return " ".join(rng.choices(WORDS, k=length))


def found(training, held_out):
    return {one.what: one for one in shared(training, held_out)}


TEXTS = st.lists(st.integers(1, 40).flatmap(lambda n: st.randoms().map(lambda rng: text(rng, n))), max_size=4)


def documents(texts, prefix=""):
    return [Document(f"{prefix}{number}", own) for number, own in enumerate(texts)]


@given(texts=TEXTS)
def test_parts_with_themselves_share_everything_that_is_long_enough(texts):
    held_out = documents(texts, "h")
    result = found(documents(texts, "t"), held_out)
    long = [own for own in texts if len(own.split()) >= 5]
    assert result["same document id"].count == 0
    assert result["same text"].count == result["13 words in a row"].count == len(long)
    assert {one.of for one in list(result.values())[:3]} == {len(texts)}
    assert len(leaks(documents(texts), held_out)) == len(long)


@given(training=TEXTS, held_out=TEXTS)
def test_documents_that_share_words_are_those_that_leak_the_other_way_round(training, held_out):
    one, other = documents(training, "t"), documents(held_out, "h")
    assert found(one, other)["13 words in a row"].count == len(leaks(other, one))


def test_what_is_shared_is_counted_and_shown():
    rng = random.Random(0)
    common = text(rng, 13)
    training = documents([f"{text(rng, 20)} {common}", "Aspirin eases gout in most who take it."], "t")
    held_out = [
        Document("t1", "Other words altogether, and more of them."),
        Document("h1", f"{common.upper()}! {text(rng, 9)}"),
        Document("h2", "ASPIRIN eases gout, in most who take it!"),
    ]
    result = found(training, held_out)
    assert result["same document id"].examples == ("t1",)
    assert result["same text"].examples == ("h2: ASPIRIN eases gout, in most who take it!",)
    assert [words[:3] for words in result["13 words in a row"].examples] == ["h1:", "h2:"]
    assert result["13 words in a row"].share == pytest.approx(2 / 3)


def test_mentions_are_those_of_the_same_label_in_any_case():
    def marked(number, words, label):
        return Document(number, words, entities=(entity_at(words, Span(0, 4), label, id="T1"),))

    training = [marked("1", "Gout hurts", "Disease"), marked("2", "Drug helps", "Chemical")]
    held_out = [marked("3", "gout", "Disease"), marked("4", "gout", "Symptom"), marked("5", "pain", "Disease")]
    result = found(training, held_out)["mentions that training marks too"]
    assert (result.count, result.of, result.examples) == (1, 3, ("gout",))


def test_examples_are_few_and_short():
    long = documents(["x" * 500 + f" {number} one two three four five" for number in range(20)])
    for one in shared(long, long):
        assert len(one.examples) <= 5
        assert all(len(words) <= EXAMPLE_CHARACTERS for words in one.examples)


def test_nothing_shares_nothing():
    assert {(one.count, one.of, one.share) for one in shared([], [])} == {(0, 0, 0.0)}
