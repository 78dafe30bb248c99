"""An edit that moves text carries the annotations, compared with an oracle that follows single characters."""

import pytest
from document_strategies import documents
from hypothesis import example, given
from hypothesis import strategies as st

from biogloss.documents import Document, Edit, Mark, Relation, Span, apply, entity_at
from biogloss.documents.edits import moved, undone


@st.composite
def edited_documents(draw):
    """A document and edits that do not overlap, insertions at one place among them."""
    document = draw(documents(records=st.none()))
    length = len(document.text)
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return document, [Edit(start, end, draw(st.text("xyz", max_size=3))) for start, end in pairs]


def naive_text(text, edits):
    """The edits made one at a time, last first; insertions at one place stand in the order given."""
    for edit in sorted(enumerate(edits), key=lambda item: (item[1].start, item[1].end, item[0]), reverse=True):
        text = text[: edit[1].start] + edit[1].replacement + text[edit[1].end :]
    return text


def naive_span(span, text, edits):
    """Follow each character: those that stay, and those of replacements that took the place of one inside the span.

    Returns the extent of what is left, or None.
    """
    marked = [(character, span.start <= at < span.end) for at, character in enumerate(text)]
    for _, edit in sorted(enumerate(edits), key=lambda item: (item[1].start, item[1].end, item[0]), reverse=True):
        replaced = marked[edit.start : edit.end]
        inside = any(flag for _, flag in replaced) if replaced else span.start < edit.start < span.end
        marked[edit.start : edit.end] = [(character, inside) for character in edit.replacement]
    places = [at for at, (_, flag) in enumerate(marked) if flag]
    return Span(places[0], places[-1] + 1) if places else None


@given(edited_documents())
@example((Document("7", "abcdef"), [Edit(3, 3, "z"), Edit(3, 3, "x")]))
def test_the_text_is_that_of_the_edits_one_by_one(case):
    document, edits = case
    assert apply(document, edits).document.text == naive_text(document.text, edits)


@given(edited_documents())
def test_marks_and_parts_follow_their_characters(case):
    document, edits = case
    edited = apply(document, edits)
    wanted = [(mark.kind, naive_span(mark.span, document.text, edits)) for mark in document.marks]
    assert [(mark.kind, mark.span) for mark in edited.document.marks] == [pair for pair in wanted if pair[1]]
    wanted = [(name, naive_span(span, document.text, edits)) for name, span in document.parts]
    assert list(edited.document.parts) == [pair for pair in wanted if pair[1]]


@given(edited_documents())
def test_entities_cover_the_same_characters_or_are_handed_back(case):
    document, edits = case
    edited = apply(document, edits)
    kept = {entity.id: entity for entity in edited.document.entities}
    for entity in document.entities:
        wanted = [span for span in (naive_span(span, document.text, edits) for span in entity.spans) if span]
        covered = {at for span in wanted for at in range(span.start, span.end)}
        found = {at for span in kept[entity.id].spans for at in range(span.start, span.end)} if wanted else set()
        assert found == covered
        assert (entity in edited.lost) == (not wanted)


@given(edited_documents())
def test_a_relation_is_lost_with_its_entity_only(case):
    document, edits = case
    edited = apply(document, edits)
    ids = {entity.id for entity in edited.document.entities}
    gone = {entity.id for entity in document.entities} - ids
    for relation in document.relations:
        assert (relation in edited.lost) == any(reference in gone for _, reference in relation.arguments)


@given(documents())
def test_no_edit_changes_nothing(document):
    assert apply(document, []) == type(apply(document, []))(document, ())


def test_a_longer_word_carries_its_entity_and_moves_the_next():
    text = "Gout hurts. Gout stays."
    found = tuple(
        entity_at(text, span, "Disease", id=name) for name, span in (("T1", Span(0, 4)), ("T2", Span(12, 16)))
    )
    edited = apply(Document("7", text, entities=found), [Edit(0, 4, "Hyperuricaemia")]).document
    assert [(entity.text, entity.start) for entity in edited.entities] == [("Hyperuricaemia", 0), ("Gout", 22)]


def test_one_replacement_over_two_pieces_makes_them_one():
    text = "breast and ovarian cancer"
    found = entity_at(text, (Span(0, 6), Span(19, 25)), "Disease", id="T1")
    edited = apply(Document("7", text, entities=(found,)), [Edit(3, 22, "X")]).document
    assert (edited.text, edited.entities[0].spans) == ("breXcer", (Span(0, 7),))


def test_what_is_lost_is_handed_back_with_its_relations():
    text = "Aspirin treats gout."
    found = (entity_at(text, Span(0, 7), "Chemical", id="T1"), entity_at(text, Span(15, 19), "Disease", id="T2"))
    joined = Relation("R1", "treats", (("a", "T1"), ("b", "T2")), (Span(0, 20),))
    document = Document("7", text, marks=(Mark(Span(0, 20), "sentence"),), entities=found, relations=(joined,))
    edited = apply(document, [Edit(0, 8, "")])
    assert edited.lost == (found[0], joined)
    assert edited.document.marks == (Mark(Span(0, 12), "sentence"),)


@pytest.mark.parametrize(
    "edits", [[Edit(0, 3, ""), Edit(2, 4, "")], [Edit(3, 99, "")], [Edit(3, 1, "")], [Edit(-1, 1, "")]]
)
def test_edits_that_overlap_or_lie_outside_are_refused(edits):
    with pytest.raises(ValueError, match="overlaps another or lies outside"):
        apply(Document("7", "Gout"), edits)


@given(edited_documents())
def test_what_is_undone_is_as_it_was(case):
    document, edits = case
    edited = apply(document, edits).document
    back = undone(document.text, edits)
    assert apply(edited, back).document.text == document.text
    wanted = [naive_span(mark.span, document.text, edits) for mark in document.marks]
    assert moved([mark.span for mark in document.marks], document.text, edits) == wanted
