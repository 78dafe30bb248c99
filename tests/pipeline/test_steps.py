"""What every step of the folder keeps: a new step is tested the moment its file exists."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss import plugins
from biogloss.documents import Document, Mark, Relation, Span, entity_at
from biogloss.pipeline import steps

NAMES = [name for name in plugins.names(steps) if not getattr(plugins.load(steps, name), "NEEDS_MODEL", False)]

WORDS = st.sampled_from(
    [
        "Heart",
        "rate",
        "(HR)",
        "HR",
        "V600E",
        "rs12345",
        "c.35delG",
        "E. coli",
        "Fig. 2.",
        "The",
        "正中神经",
        "。",
        "；",
        "\n",
        "\r\n",
        "😀",
        "e\u0301",
        "\x00",
        "α",
        "(",
        "]",
        "covid-19",
        "\u2028",
        "İ",
        "ß",
        "🧬",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map(" ".join))


@st.composite
def documents(draw):
    text = draw(TEXTS)
    if not text:
        return Document("1", text)
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 8)), max_size=4))
    spans = [Span(start, min(start + length, len(text))) for start, length in spans]
    entities = tuple(
        entity_at(text, span, draw(st.sampled_from(["Gene", "Disease", "Variant"])), id=f"T{number}", source="gold")
        for number, span in enumerate(spans, 1)
    )
    relations = (Relation("R1", "CID", (("a", "T1"), ("b", "MESH:D1"))),) if entities else ()
    marks = (Mark(Span(0, len(text)), "title"),) if draw(st.booleans()) else ()
    return Document("1", text, draw(st.sampled_from(["en", "zh"])), marks, entities, relations, ("yes",))


def loaded(name):
    return plugins.load(steps, name).step()


def test_the_folder_has_steps_without_a_model():
    assert {"abbreviations", "dictionary", "sentences", "variants"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(document=documents())
def test_old_annotations_stay_and_the_same_input_gives_the_same_output(name, document):
    step = loaded(name)
    annotated = step(document)
    assert (annotated.id, annotated.text, annotated.language) == (document.id, document.text, document.language)
    assert (annotated.labels, annotated.relations) == (document.labels, document.relations)
    assert annotated.marks[: len(document.marks)] == document.marks
    # A step may say another type of an old entity (abbreviations do), but not move or lose it.
    assert {(e.id, e.spans) for e in document.entities} <= {(e.id, e.spans) for e in annotated.entities}
    assert step(document) == annotated
    assert loaded(name)(document) == annotated


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", " ", "\n\n", "\ufeff", "."])
def test_empty_documents(name, text):
    annotated = loaded(name)(Document("1", text))
    assert (annotated.text, annotated.entities) == (text, ())


@pytest.mark.parametrize("name", NAMES)
def test_several_threads_may_call_one_step(name):
    step = loaded(name)
    texts = [f"The heart rate (HR) of case {n} rose. HR fell with V600E and rs{n}00. 心率。" for n in range(1, 60)]
    inputs = [Document(str(number), text) for number, text in enumerate(texts)]
    alone = [step(document) for document in inputs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(step, inputs)) == alone
