"""What speaks for a relation: the sentences that mention both arguments, else those of their closest mentions."""

from itertools import pairwise

import pytest

from biogloss.documents import Document, Link, Mark, Span, entity_at, numbered
from biogloss.tasks._candidates import candidates, evidence

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
    (pair,) = candidates(own, [("Chemical", "Disease")], level="concept")
    assert evidence(own, pair) == tuple(SENTENCES[place] for place in expected)


def test_without_sentences_the_closest_mentions_speak_for_themselves():
    own = document((0, "Aspirin"), (16, "Pain"), (81, "pain")).with_marks(())
    (pair,) = candidates(own, [("Chemical", "Disease")], level="concept")
    assert [TEXT[span.start : span.end] for span in evidence(own, pair)] == ["Aspirin", "Pain"]
