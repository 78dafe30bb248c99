"""A document cannot be built wrong, and its annotations always stand on their words."""

import pytest
from document_strategies import TEXTS, documents, span_lists
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import (
    Document,
    Entity,
    Link,
    Mark,
    OffsetError,
    Relation,
    Span,
    attributes_of,
    entity_at,
    numbered,
    span_text,
)

GOUT = "Gout is painful. Gout hurts."


@given(documents())
def test_every_entity_is_its_text_at_its_spans(document):
    for entity in document.entities:
        assert entity.text == " ".join(document.text[span.start : span.end] for span in entity.spans)
        assert (entity.start, entity.end) == (entity.spans[0].start, entity.spans[-1].end)


@given(TEXTS.filter(bool), st.data())
def test_words_that_are_not_at_the_spans_are_refused(text, choice):
    where = choice.draw(span_lists(len(text)))
    wrong = choice.draw(TEXTS.filter(lambda words: words != span_text(text, where)))
    with pytest.raises(OffsetError, match=f"characters {where[0].start}-{where[-1].end}"):
        Document("7", text, entities=(Entity("T1", where, "Disease", wrong),))


def test_the_message_says_what_was_found_and_what_was_expected():
    with pytest.raises(OffsetError, match=r"document 7, Disease at characters 1-5: .*'Gout'.*'out '.*byte or UTF-16"):
        Document("7", GOUT, entities=(Entity("T1", (Span(1, 5),), "Disease", "Gout"),))


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((("review", 1.2),), r"document 7: the score of the class 'review' is 1.2; expected one in \[0, 1\]"),
        ((("review", float("nan")),), "'review' is nan"),
        ((("trial", 0.1), ("review", 0.9)), "'trial' then 'review'; expected each class once, sorted by name"),
        ((("review", 0.1), ("review", 0.9)), "each class once"),
    ],
)
def test_probabilities_of_classes_are_in_range_and_order(scores, words):
    with pytest.raises(ValueError, match=words):
        Document("7", GOUT, label_scores=scores)


def test_a_message_quotes_little_of_the_text():
    with pytest.raises(OffsetError) as caught:
        Document("7", "x" * 5000, entities=(Entity("T1", (Span(0, 4000),), "Disease", "y" * 4000),))
    assert len(str(caught.value)) < 260


@pytest.mark.parametrize(
    "fields",
    [
        {"marks": (Mark(Span(0, 99), "title"),)},
        {"parts": (("question", Span(5, 99)),)},
        {"relations": (Relation("R1", "CID", (("a", "T1"),), (Span(5, 99),)),)},
        {"entities": (Entity("T1", (Span(23, 99),), "Disease", "hurts."),)},
    ],
)
def test_nothing_ends_after_the_text(fields):
    with pytest.raises(OffsetError, match="99"):
        Document("7", GOUT, **fields)


@pytest.mark.parametrize(
    ("where", "words"),
    [((), "no span"), ((Span(5, 7), Span(0, 4)), "in order"), ((Span(0, 4), Span(3, 5)), "in order")],
)
def test_spans_are_in_order_and_apart(where, words):
    with pytest.raises(ValueError, match=words):
        Entity("T1", where, "Disease", "Gout")


def test_an_entity_id_names_one_entity():
    gout = entity_at(GOUT, Span(0, 4), "Disease", id="T1")
    with pytest.raises(ValueError, match="two entities have the id 'T1'"):
        Document("7", GOUT, entities=(gout, gout))


def test_half_a_surrogate_pair_is_refused_at_the_door():
    with pytest.raises(ValueError, match="document 7: lone surrogate at character 2"):
        Document("7", "go\ud83dut")


def test_numbered_goes_in_reading_order():
    made = [entity_at(GOUT, span, "Disease", id="x") for span in (Span(17, 21), Span(0, 4))]
    assert [(entity.id, entity.start) for entity in numbered(made)] == [("T1", 0), ("T2", 17)]


def test_the_best_identifier_comes_first():
    gout = entity_at(GOUT, Span(0, 4), "Disease", links=(Link("MESH:D006073", 0.9), Link("DOID:13189")))
    assert gout.concept == "MESH:D006073"
    assert entity_at(GOUT, Span(0, 4), "Disease").concept is None


def test_attributes_as_a_mapping():
    gout = entity_at(GOUT, Span(0, 4), "Disease", attributes=(("negation", "negated"),))
    assert attributes_of(gout)["negation"] == "negated"


def test_evidence_is_the_sentence_or_the_mention_itself():
    second = entity_at(GOUT, Span(17, 21), "Disease", id="T1")
    document = Document(
        "7", GOUT, entities=(second,), marks=(Mark(Span(17, 28), "sentence"), Mark(Span(0, 28), "title"))
    )
    assert document.evidence(second) == Span(17, 28)
    assert document.with_marks([]).evidence(second) == Span(17, 21)
    assert document.marked("title") == (Mark(Span(0, 28), "title"),)
    assert document.with_entities([]).entities == ()
