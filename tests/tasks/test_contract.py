"""Every task: gold targets as outputs give the document back, windows or not; numpy's heads are torch's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss import tasks
from biogloss.documents import Document, Link, Mark, Relation, Span, entity_at, numbered
from biogloss.models import heads
from biogloss.tasks._examples import UNKNOWN
from biogloss.tasks.classification import Classification
from biogloss.tasks.ner import Ner
from biogloss.tasks.pairs import Pairs
from biogloss.tasks.question_answering import QuestionAnswering
from biogloss.tasks.relations import Relations
from biogloss.tasks.roles import Roles

CERTAIN = 30.0
WORDS = ["gout", "pain", "colchicine", "metformin", "α", "B12", "😀", "痛风", "e\u0301", ","]
NARROW = {"max_pieces": 12, "overlap": 4}
ROLES = ("aim", "finding")
CLASSES = ("a", "b", "c")


def texts(least=1):
    return st.lists(st.sampled_from(WORDS), min_size=least, max_size=25).map(" ".join)


@st.composite
def mentions(draw, *, linked, sentences=False):
    """A document with drugs and diseases, some of them of one concept, and relations between them."""
    words = draw(st.lists(st.sampled_from(["gout", "metformin", "and", "pain", "colchicine"]), min_size=2, max_size=14))
    kinds = {"gout": "Disease", "pain": "Disease", "metformin": "Chemical", "colchicine": "Chemical"}
    text, found = " ".join(words), []
    place = 0
    for word in words:
        if word in kinds:
            links = (Link(f"X:{word}"),) if linked else ()
            found.append(entity_at(text, Span(place, place + len(word)), kinds[word], links=links))
        place += len(word) + 1
    document = Document("1", text, entities=numbered(found))
    if sentences:
        middle = text.index(" ", len(text) // 2) if " " in text[len(text) // 2 :] else len(text)
        cuts = [Span(0, middle), *([Span(middle, len(text))] if middle < len(text) else [])]
        document = document.with_marks([Mark(cut, "sentence") for cut in cuts])
    return document


@st.composite
def related(draw, task, *, sentences=False):
    document = draw(mentions(linked=task.level == "concept", sentences=sentences))
    labels = [label for label in task.labels if label != "none"]
    made = []
    for pair in task.candidates(document):
        most = len(labels) if task.several else 1
        for label in draw(st.lists(st.sampled_from(labels), max_size=most, unique=True)):
            ends = zip(("Chemical", "Disease"), pair.key, strict=True)
            made.append(Relation(f"R{len(made)}", label, tuple(ends)))
    return replace(document, relations=tuple(made))


@st.composite
def with_roles(draw):
    parts = draw(st.lists(texts(), min_size=1, max_size=6))
    text, marks, place = " ".join(parts), [], 0
    for part in parts:
        marks.append(Mark(Span(place, place + len(part)), "sentence", draw(st.sampled_from(ROLES))))
        place += len(part) + 1
    return Document("1", text, marks=tuple(marks))


@st.composite
def of_two(draw, *, labels=(), answers=False):
    first, second = draw(texts()), draw(texts())
    text = f"{first}\n{second}"
    parts = (("context", Span(len(first) + 1, len(text))), ("question", Span(0, len(first))))
    entities = ()
    if answers:
        words = [word for word in ("gout", "colchicine", "痛风") if word in second.split(" ")]
        at = len(first) + 1
        entities = numbered(
            entity_at(text, Span(at + second.index(word), at + second.index(word) + len(word)), "Answer")
            for word in words
        )
    return Document(
        "1", text, parts=parts, entities=entities, labels=(draw(st.sampled_from(labels)),) if labels else ()
    )


def classified(several):
    labels = st.sets(st.sampled_from(CLASSES)) if several else st.sampled_from(CLASSES).map(lambda one: {one})
    return st.builds(lambda text, own: Document("1", text, labels=tuple(sorted(own))), texts(), labels)


TYPES = {"types": (("Chemical", "Disease"),), "roles": (("Chemical", "Disease"),)}
FORMS = {
    f"relations {level} {form}": Relations(labels=("causes", "treats"), level=level, form=form, **TYPES, **NARROW)
    for level in ("concept", "mention")
    for form in ("pooled", "tagged", "placeholders", "markers")
}
CASES = {
    **{name: (task, related(task)) for name, task in FORMS.items()},
    "relations in a sentence": (
        FORMS["relations mention pooled"],
        related(FORMS["relations mention pooled"], sentences=True),
    ),
    "relations of one class": (
        one := Relations(labels=("none", "causes", "treats"), several=False, **TYPES, **NARROW),
        related(one),
    ),
    "roles": (Roles(labels=ROLES, **NARROW), with_roles()),
    "roles alone": (Roles(labels=ROLES, alone=True, **NARROW), with_roles()),
    "classification": (Classification(labels=CLASSES, **NARROW), classified(several=False)),
    "classification of several": (Classification(labels=CLASSES, several=True, **NARROW), classified(several=True)),
    "pairs": (Pairs(labels=("no", "yes"), **NARROW), of_two(labels=("no", "yes"))),
    "pairs with a number": (
        Pairs(labels=("score",), scale=(0.0, 4.0), **NARROW),
        of_two(labels=("0.000", "2.500", "4.000")),
    ),
    "question_answering": (QuestionAnswering(several=True, most=9, **NARROW), of_two(answers=True)),
}


def oracle(task, targets):
    """Logits that are sure of targets."""
    if getattr(task, "scale", ()):
        return targets
    if isinstance(task, QuestionAnswering):
        return CERTAIN * np.eye(3, dtype=np.float32)[np.where(targets[:, 0] == UNKNOWN, 0, targets[:, 0])]
    if targets.dtype == np.float32:
        return CERTAIN * (2 * targets - 1)
    return CERTAIN * np.eye(len(task.labels), dtype=np.float32)[targets]


def bare(task, document):
    """The document without what the task is to say."""
    if isinstance(task, Roles):
        return document.with_marks([replace(mark, label="") for mark in document.marks])
    if isinstance(task, Relations):
        return replace(document, relations=())
    if isinstance(task, QuestionAnswering):
        return document.with_entities(())
    return replace(document, labels=() if not getattr(task, "scale", ()) else document.labels)


def test_every_task_has_an_oracle_round_trip():
    assert set(tasks.names()) == {"ner", *(name.split()[0] for name in CASES)}  # that of ner is in test_ner


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=40, deadline=None)
@given(values=st.data())
def test_gold_targets_as_outputs_give_the_document_back(tiny_tokenizer, name, values):
    task, documents = CASES[name]
    document = values.draw(documents)
    pieces = tiny_tokenizer.pieces(document.text)
    examples = task.examples(document, pieces, tiny_tokenizer)
    stripped = bare(task, document)
    asked = task.examples(stripped, pieces, tiny_tokenizer)
    assert [len(one.targets) for one in asked] == [len(one.targets) for one in examples]
    again = task.annotate(
        stripped, pieces, [(one, oracle(task, gold.targets)) for one, gold in zip(asked, examples, strict=True)]
    )
    assert again.text == document.text
    wanted, found = task.said(document), task.said(again)
    assert {label: set(own) for label, own in found.items()} == {label: set(own) for label, own in wanted.items()}
    for one in examples:
        assert all(len(window) <= 12 + 3 for window in one.reading.windows)
        assert one.pooling is None or len(one.pooling) == len(one.targets)


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=10, deadline=None)
@given(values=st.data())
def test_a_head_in_numpy_is_the_head_in_torch_and_an_untrained_one_loses_what_chance_loses(
    tiny_tokenizer, name, values
):
    torch = pytest.importorskip("torch")
    task, documents = CASES[name]
    document = values.draw(documents)
    torch.manual_seed(0)
    head = task.head(32).eval()
    tensors = {name: tensor.numpy() for name, tensor in head.state_dict().items()}
    for example in task.examples(document, tiny_tokenizer.pieces(document.text), tiny_tokenizer):
        states = np.random.default_rng(0).standard_normal((len(example.reading.places), 32)).astype(np.float32)
        with torch.inference_mode():
            expected = head(torch.from_numpy(states), example.pooling)
            targets = torch.from_numpy(example.targets)
            targets = targets if targets.dtype == torch.float32 else targets.long()
            loss = float(task.loss(expected, targets))
        assert np.abs(heads.logits(tensors, states, example.pooling) - expected.numpy()).max() < 1e-4
        assert 0 <= loss < 2.5


@pytest.mark.parametrize("name", [*sorted(CASES), "ner"])
def test_two_passes_are_as_far_apart_as_their_probabilities(name):
    torch = pytest.importorskip("torch")
    task = Ner(("Chemical", "Disease")) if name == "ner" else CASES[name][0]
    one, other = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 5, task.outputs)).astype(np.float32))
    assert float(task.divergence(one, one)) == 0.0
    assert float(task.divergence(one, other)) == pytest.approx(float(task.divergence(other, one)))
    if getattr(task, "scale", ()):
        assert float(task.divergence(one, other)) == pytest.approx(float(((one - other) ** 2).mean()))
        return
    told = torch.distributions
    if getattr(task, "several", False) and not isinstance(task, QuestionAnswering):
        first, second, items = told.Bernoulli(logits=one), told.Bernoulli(logits=other), 5 * task.outputs
    else:
        classes = 3 if isinstance(task, (Ner, QuestionAnswering)) else task.outputs
        first, second = (told.Categorical(logits=logits.view(-1, classes)) for logits in (one, other))
        items = 5
    both = told.kl_divergence(first, second) + told.kl_divergence(second, first)
    assert float(task.divergence(one, other)) == pytest.approx(float(both.sum()) / 2 / items, rel=1e-4)


def test_items_of_several_texts_stand_behind_one_another():
    rng = np.random.default_rng(0)
    one = heads.Pooling.of([(((0, 2),), ((3, 4),)), ((), ((1, 3), (0, 1)))], rng.random((2, 1)), roles=2)
    other = heads.Pooling.of([(((0, 1),), ((1, 2),))], rng.random((1, 1)), roles=2)
    states = rng.standard_normal((6, 8)).astype(np.float32)
    tensors = {"out.weight": rng.standard_normal((3, 25)).astype(np.float32), "out.bias": np.zeros(3, np.float32)}
    together = heads.logits(tensors, states, heads.joined([one, other], [4, 2]))
    apart = [heads.logits(tensors, states[:4], one), heads.logits(tensors, states[4:], other)]
    assert together == pytest.approx(np.concatenate(apart), abs=1e-5)


def test_the_state_of_a_role_is_the_mean_over_its_pieces_whatever_part_of_the_items_is_asked():
    rng = np.random.default_rng(0)
    states = rng.standard_normal((50, 8)).astype(np.float32)
    items = [tuple(_ranges(rng) for _ in range(2)) for _ in range(heads.ITEMS + 3)]
    pooling = heads.Pooling.of(items, np.zeros((len(items), 0)), roles=2)
    found = heads.means(heads.sums_of(states), pooling)
    for item, own in zip(items, found, strict=True):
        for ranges, mean in zip(item, own, strict=True):
            rows = [states[first:last] for first, last in ranges]
            expected = np.concatenate(rows).mean(axis=0) if rows else np.zeros(8)
            assert mean == pytest.approx(expected, abs=1e-5)
    assert heads.means(heads.sums_of(states), pooling.part(7, 9)) == pytest.approx(found[7:9])
    pieces, weights = pooling.part(7, 8).pieces()
    assert len(pieces) == sum(last - first for ranges in items[7] for first, last in ranges)
    assert weights.sum() == pytest.approx(sum(bool(ranges) for ranges in items[7]))
    tensors = {"out.weight": rng.standard_normal((3, 24)).astype(np.float32), "out.bias": np.zeros(3, np.float32)}
    alone = [heads.logits(tensors, states, pooling.part(row, row + 1)) for row in (0, heads.ITEMS)]
    assert heads.logits(tensors, states, pooling)[[0, heads.ITEMS]] == pytest.approx(np.concatenate(alone), abs=1e-5)


def _ranges(rng):
    edges = np.sort(rng.choice(50, size=2 * rng.integers(0, 4), replace=False))
    return tuple(map(tuple, edges.reshape(-1, 2).tolist()))
