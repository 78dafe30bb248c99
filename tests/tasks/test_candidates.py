"""Which pairs may be related, and what speaks for it: sentences of both, else those of the closest mentions."""

from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Link, Mark, Relation, Span, entity_at, numbered
from biogloss.tasks._candidates import REACH, candidates, evidence, related

TYPES = [("Chemical", "Disease")]
TEXT = "Aspirin is old. Pain was eased by aspirin. Pain, then, is treated. Aspirin cures pain."
ENDS = [0, 16, 43, 67, len(TEXT)]
SENTENCES = [Span(start, end) for start, end in pairwise(ENDS)]


def document(*mentions):
    """The text with its sentences, and a mention (start, words) of a drug or of pain each."""
    entities = []
    for start, words in mentions:
        label = "Disease" if words.lower() == "pain" else "Chemical"
        span = Span(start, start + len(words))
        entities.append(entity_at(TEXT, span, label, links=(Link(f"MESH:{label}"),)))
    marks = tuple(Mark(span, "sentence") for span in SENTENCES)
    return Document("1", TEXT, entities=numbered(entities), marks=marks)


@pytest.mark.parametrize(
    ("mentions", "expected"),
    [
        ([(0, "Aspirin"), (16, "Pain"), (34, "aspirin"), (43, "Pain")], [1]),
        ([(16, "Pain"), (34, "aspirin"), (67, "Aspirin"), (81, "pain")], [1, 3]),
        ([(0, "Aspirin"), (16, "Pain")], [0, 1]),
        ([(0, "Aspirin"), (43, "Pain"), (67, "Aspirin")], [2, 3]),
    ],
)
def test_evidence_is_where_both_are_mentioned(mentions, expected):
    own = document(*mentions)
    (pair,) = candidates(own, TYPES, level="concept")
    assert evidence(own, pair) == tuple(SENTENCES[place] for place in expected)


def test_without_sentences_the_closest_mentions_speak_for_themselves():
    own = document((0, "Aspirin"), (16, "Pain"), (81, "pain")).with_marks(())
    (pair,) = candidates(own, TYPES, level="concept")
    assert [TEXT[span.start : span.end] for span in evidence(own, pair)] == ["Aspirin", "Pain"]


@st.composite
def texts(draw):
    """Mentions of a few concepts in a long text, some with two concepts at once."""
    starts = draw(st.lists(st.integers(0, 9000), min_size=2, max_size=12))
    entities = []
    for start in starts:
        number = draw(st.integers(0, 3))
        links = [Link(f"MESH:{number}")] + [Link("MESH:5")] * draw(st.booleans())
        label = "Disease" if number % 2 else "Chemical"
        entities.append(entity_at("x" * 9100, Span(start, start + draw(st.integers(1, 60))), label, links=tuple(links)))
    return Document("1", "x" * 9100, entities=numbered(entities))


@given(texts(), st.booleans())
def test_pairs_are_those_of_any_two_mentions_within_reach(document, directed):
    types = [("Chemical", "Disease"), ("Disease", "Disease")]
    found = candidates(document, types, level="concept", directed=directed)
    assert len({pair.key for pair in found}) == len(found)
    of = {}
    for entity in sorted(document.entities, key=lambda entity: (entity.start, entity.end)):
        for link in entity.links:
            of.setdefault(link.id, []).append(entity)
    expected = {}
    for one, other in (permutations if directed else combinations)(of, 2):
        pair = one, other
        if (of[one][0].label, of[other][0].label) not in types:
            pair = other, one
        if (directed and pair != (one, other)) or (of[pair[0]][0].label, of[pair[1]][0].label) not in types:
            continue
        gap = min(
            max(two.start - first.end, first.start - two.end, 0) for first, two in product(of[pair[0]], of[pair[1]])
        )
        if gap <= REACH:
            expected[pair] = gap
    measured = {
        pair.key: max(pair.closest[1].start - pair.closest[0].end, pair.closest[0].start - pair.closest[1].end, 0)
        for pair in found
    }
    assert measured == expected
    for pair in found:
        assert pair.closest[0] in pair.first.mentions
        assert pair.closest[1] in pair.second.mentions


def test_pairs_of_a_long_text_grow_with_its_length():
    """Ten times the text has ten times the pairs, and what a head reads of them is kept in ranges of pieces."""

    def pairs(repeats):
        text = (TEXT + " " * (500 - len(TEXT))) * repeats
        entities = [
            entity_at(
                text, Span(500 * place + start, 500 * place + start + 4), label, links=(Link(f"{label}:{place}"),)
            )
            for place in range(repeats)
            for start, label in ((16, "Disease"), (0, "Chemical"))
        ]
        return len(candidates(Document("1", text, entities=numbered(entities)), TYPES, level="concept"))

    assert pairs(400) < 12 * pairs(40)


def test_without_identifiers_a_relation_at_any_mention_of_a_name_counts():
    text = "Gout. Aspirin causes gout."
    mentions = numbered(
        entity_at(text, Span(start, end), label)
        for start, end, label in ((0, 4, "Disease"), (6, 13, "Chemical"), (21, 25, "Disease"))
    )
    _, aspirin, gout = (entity.id for entity in mentions)
    stated = Relation("R1", "causes", (("Arg1", aspirin), ("Arg2", gout)))
    own = Document("1", text, entities=mentions, relations=(stated,))
    (pair,) = candidates(own, TYPES, level="concept")
    assert related(own, [pair], level="concept") == [frozenset({"causes"})]
