"""Relations over a text that shows all of its mentions: what the encoder reads, and where its pieces stand."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss.documents import Document, Link, Span, entity_at, numbered
from biogloss.tasks._marked import tagged
from biogloss.tasks.relations import Relations
from every_task import TYPES

TEXT = "Acute renal failure after aspirin, in gout."
TASK = Relations(labels=("causes",), form="tagged", **TYPES)


def of(*mentions):
    """(start, end, type) each, with an identifier of its words."""
    entities = [
        entity_at(TEXT, Span(start, end), label, links=(Link(f"MESH:{TEXT[start:end]}"),))
        for start, end, label in mentions
    ]
    return Document("1", TEXT, entities=numbered(entities))


def read(document, types, tokenizer):
    """The words that are read, with what stands at their places."""
    pieces = tagged(document, types, tokenizer)
    return [TEXT[start:end] for start, end in zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)]


def test_tags_nest_as_mentions_do(tiny_tokenizer):
    document = of((0, 19, "Disease"), (6, 11, "Chemical"), (26, 33, "Chemical"), (38, 42, "Disease"), (0, 5, "Gene"))
    shown = []

    class Seen:
        def pieces(self, text):
            shown.append(text)
            return tiny_tokenizer.pieces(text)

    read(document, {"Chemical", "Disease"}, Seen())
    assert shown == ["# Acute @ renal @ failure # after @ aspirin @, in # gout #."]


@st.composite
def mentions(draw):
    found = set()
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(TEXT) - 1))
        found.add((start, draw(st.integers(start + 1, len(TEXT))), draw(st.sampled_from(["Chemical", "Disease", "X"]))))
    return of(*sorted(found))


@settings(deadline=None)
@given(document=mentions())
def test_pieces_stand_where_their_words_do_and_tags_nowhere(tiny_tokenizer, document):
    pieces = tagged(document, {"Chemical", "Disease"}, tiny_tokenizer)
    starts, ends = pieces.starts.tolist(), pieces.ends.tolist()
    assert starts == sorted(starts)
    assert ends == sorted(ends)
    is_word = [start < end for start, end in zip(starts, ends, strict=True)]
    tags = 2 * len({(one.start, one.end, one.label) for one in document.entities if one.label != "X"})
    assert is_word.count(False) == tags
    covered = {place for start, end in zip(starts, ends, strict=True) for place in range(start, end)}
    assert covered == {place for place, character in enumerate(TEXT) if not character.isspace()}


def test_a_concept_is_told_from_its_mentions_of_other_types_too(tiny_tokenizer):
    first, second, gout = of((0, 5, "Chemical"), (26, 33, "Gene"), (38, 42, "Disease")).entities
    both = (first, replace(second, links=first.links), gout)
    document = Document("1", TEXT, entities=both)
    pieces = tiny_tokenizer.pieces(TEXT)
    (example,) = TASK.examples(document, pieces, tiny_tokenizer)
    assert [len(pair.first.mentions) for pair in example.about] == [2]


def test_a_text_without_pairs_asks_nothing(tiny_tokenizer):
    document = of((0, 5, "Chemical"))
    assert TASK.examples(document, tiny_tokenizer.pieces(TEXT), tiny_tokenizer) == []
