"""Named entities: targets and entities are each other's inverse; the decoder is the best of all legal sequences."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at, numbered
from biogloss.models.tokenizer import Pieces
from biogloss.tasks._examples import UNKNOWN, Coverage
from biogloss.tasks.ner import BEGIN, INSIDE, OUTSIDE, TAGS, Ner, best_tags, log_softmax
from tiny import LABELS, eight

WORDS = ["gout", "pain", "colchicine", "α", "B12", "😀", "痛风", "糖尿病", "e\u0301", "\x00", "İx", ",", "type"]
JOINS = ["", " ", "  ", "\r\n", "-"]
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(JOINS)), max_size=40).map(
    lambda parts: "".join(word + join for word, join in parts)
)
CERTAIN = 12.0


@st.composite
def aligned(draw, tokenizer):
    """A document whose entities begin and end with words; those of one type are apart but may be adjacent."""
    text = draw(TEXTS)
    pieces = tokenizer.pieces(text)
    edges = [*np.flatnonzero(~pieces.continues).tolist(), len(pieces)]
    found = []
    for label in LABELS:
        place = 0
        while place < len(edges) - 1:
            last = min(place + draw(st.integers(1, 4)), len(edges) - 1)
            if draw(st.booleans()):
                span = Span(int(pieces.starts[edges[place]]), int(pieces.ends[edges[last] - 1]))
                found.append(entity_at(text, span, label))
            place = last
    return Document("1", text, entities=numbered(found))


def one_hot(targets):
    """Targets (pieces, heads) to logits (pieces, heads * 3) that are sure of them; what is not stated is outside."""
    tags = np.where(targets == UNKNOWN, OUTSIDE, targets)
    return (CERTAIN * np.eye(TAGS, dtype=np.float32)[tags]).reshape(len(targets), -1)


def spans(document):
    return [(entity.start, entity.end, entity.label) for entity in document.entities]


def example_of(task, document, tokenizer, coverage=None):
    (example,) = task.examples(document, tokenizer.pieces(document.text), tokenizer, coverage)
    return example


def annotated(task, text, pieces, logits):
    return task.annotate(Document("1", text), pieces, [(None, logits)])


@settings(max_examples=80)
@given(values=st.data())
def test_gold_targets_as_outputs_give_the_document_back(tiny_tokenizer, values):
    task = Ner(LABELS, max_pieces=12, overlap=4)
    document = values.draw(aligned(tiny_tokenizer))
    pieces = tiny_tokenizer.pieces(document.text)
    found = [(one, one_hot(one.targets)) for one in task.examples(document, pieces, tiny_tokenizer)]
    again = task.annotate(document, pieces, found)
    assert spans(again) == spans(document)
    assert again.text == document.text


def test_an_entity_never_ends_inside_a_word(tiny_tokenizer):
    text = "colchicine"
    pieces = tiny_tokenizer.pieces(text)
    assert len(pieces) > 1, "the tiny vocabulary has the whole word: choose another"
    targets = np.zeros((len(pieces), len(LABELS)), dtype=np.int64)
    targets[0] = BEGIN
    found = annotated(Ner(LABELS), text, pieces, one_hot(targets))
    assert {entity.text for entity in found.entities} <= {text}


def test_adjacent_entities_of_one_type_stay_apart(tiny_tokenizer):
    text = "gout cancer"
    document = Document("1", text, entities=numbered(entity_at(text, s, "Disease") for s in (Span(0, 4), Span(5, 11))))
    task = Ner(LABELS)
    example = example_of(task, document, tiny_tokenizer)
    assert example.targets[:, 1].tolist() == [BEGIN, BEGIN]
    again = annotated(task, text, tiny_tokenizer.pieces(text), one_hot(example.targets))
    assert [entity.text for entity in again.entities] == ["gout", "cancer"]


def test_of_nested_entities_of_one_type_the_outer_one_stays(tiny_tokenizer):
    text = "type 2 diabetes"
    document = Document("1", text, entities=numbered(entity_at(text, s, "Disease") for s in (Span(0, 15), Span(7, 15))))
    example = example_of(Ner(LABELS), document, tiny_tokenizer)
    assert example.targets[:, 1].tolist() == [BEGIN, INSIDE, INSIDE]


def test_what_a_corpus_does_not_say_is_not_a_target(tiny_tokenizer):
    text = "gout with metformin"
    document = Document(
        "1",
        text,
        entities=numbered([entity_at(text, Span(0, 4), "Disease"), entity_at(text, Span(10, 19), "Chemical")]),
    )
    labels = ("Chemical", "Disease", "Gene")
    coverage = Coverage(frozenset({"Chemical"}), positives=frozenset({"Disease"}))
    example = example_of(Ner(labels), document, tiny_tokenizer, coverage)
    chemical, disease, gene = example.targets.T.tolist()
    assert chemical == [OUTSIDE, OUTSIDE, BEGIN]
    assert disease == [BEGIN, UNKNOWN, UNKNOWN]  # silent where it marks nothing
    assert gene == [UNKNOWN] * 3


def test_an_entity_of_an_uncovered_type_is_no_target(tiny_tokenizer):
    (document, *_) = eight()
    example = example_of(Ner(LABELS), document, tiny_tokenizer, Coverage(frozenset({"Chemical"})))
    assert set(example.targets[:, 1].tolist()) == {UNKNOWN}


@given(rows=st.lists(st.tuples(*[st.floats(-5, 0, width=32)] * 3), max_size=6))
def test_the_decoder_is_the_best_of_all_legal_sequences(rows):
    scores = np.array(rows, dtype=np.float32).reshape(-1, TAGS)
    tags = best_tags(scores).tolist()

    def legal(sequence):
        pairs = zip((OUTSIDE, *sequence), sequence, strict=False)
        return not any(tag == INSIDE and before == OUTSIDE for before, tag in pairs)

    def total(sequence):
        return sum(float(row[tag]) for row, tag in zip(scores, sequence, strict=True))

    best = max(total(sequence) for sequence in itertools.product(range(TAGS), repeat=len(rows)) if legal(sequence))
    assert legal(tags)
    assert total(tags) == pytest.approx(best, abs=1e-5)


def test_a_type_below_its_threshold_is_left_out(tiny_tokenizer):
    text = "gout metformin"
    pieces = tiny_tokenizer.pieces(text)
    unsure = np.zeros((len(pieces), 2, TAGS), dtype=np.float32)
    unsure[0, 1, BEGIN] = unsure[1, 0, BEGIN] = 1.0  # some 0.58 sure
    found = annotated(Ner(LABELS, thresholds={"Disease": 0.9}), text, pieces, unsure.reshape(2, -1))
    assert [(entity.text, entity.label, entity.score) for entity in found.entities] == [
        ("metformin", "Chemical", 0.576)
    ]


def test_a_piece_of_no_width_makes_no_entity():
    numbers = np.array([5, 6], dtype=np.int32)
    pieces = Pieces(numbers, np.array([0, 4]), np.array([4, 4]), np.array([False, False]))
    logits = one_hot(np.array([[OUTSIDE, BEGIN], [OUTSIDE, BEGIN]]))
    found = annotated(Ner(LABELS), "gout", pieces, logits)
    assert spans(found) == [(0, 4, "Disease")]


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u0301"])
def test_a_text_without_pieces_has_no_entities(tiny_tokenizer, text):
    pieces = tiny_tokenizer.pieces(text)
    assert Ner(LABELS).examples(Document("1", text), pieces, tiny_tokenizer) == []
    assert Ner(LABELS).annotate(Document("1", text), pieces, []).entities == ()


def test_log_softmax_is_of_probabilities():
    rows = log_softmax(np.array([[1000.0, 0.0, -1000.0], [1.0, 1.0, 1.0]], dtype=np.float32))
    assert np.exp(rows).sum(axis=-1).tolist() == pytest.approx([1.0, 1.0])
    assert rows[1].tolist() == pytest.approx([-math.log(3)] * 3)


def test_an_untrained_head_loses_log_three_a_head():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    task = Ner(("A", "B", "C", "D"))
    head = task.head(64)
    states = torch.nn.functional.layer_norm(torch.randn(8, 40, 64), (64,))
    targets = torch.randint(0, 3, (8, 40, 4))
    assert task.loss(head(states), targets).item() / 4 == pytest.approx(math.log(3), abs=0.25)


def test_only_stated_tags_cost_anything():
    torch = pytest.importorskip("torch")
    task = Ner(LABELS)
    logits = torch.randn(1, 4, 6, requires_grad=True)
    targets = torch.full((1, 4, 2), UNKNOWN)
    assert task.loss(logits, targets).item() == 0.0
    targets[0, 2, 1] = BEGIN
    task.loss(logits, targets).backward()
    stated = logits.grad.reshape(4, 2, 3).abs().sum(-1) > 0
    assert stated.nonzero().tolist() == [[2, 1]]
