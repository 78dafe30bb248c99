"""Definitions of abbreviations, and entities that follow from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Link, Span, entity_at
from biogloss.documents.abbreviations import abbreviations
from biogloss.pipeline.steps.abbreviations import expansions, step

WORDS = st.sampled_from(
    [
        "heart",
        "rate",
        "(HR)",
        "(",
        ")",
        "[",
        "]",
        "HR",
        "2,6-",
        "β-catenin",
        "(βC)",
        "😀",
        ";",
        ".",
        "\n",
        "心率",
        "（HR）",
        "\x00",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=25).map(" ".join))


def pairs(text):
    return [(text[p.short.start : p.short.end], text[p.long.start : p.long.end]) for p in abbreviations(text)]


@given(TEXTS)
def test_pairs_lie_in_the_text_and_apart(text):
    for pair in abbreviations(text):
        assert not pair.short.overlaps(pair.long)
        assert pair.short.end <= len(text)
        assert pair.long.end <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The heart rate (HR) rose.", ("HR", "heart rate")),
        ("They used magnetic resonance imaging [MRI].", ("MRI", "magnetic resonance imaging")),
        ("a relative risk (RR; 95% CI 1 to 2) was", ("RR", "relative risk")),
        ("the rate of RR (relative risk) was", ("RR", "relative risk")),
        ("obese (body mass index, BMI) women", ("BMI", "body mass index")),
        ("obese (body mass index (BMI) 27-40) women", ("BMI", "body mass index")),
        ("Synthetic circulating tumour cells (CTCs) were", ("CTCs", "circulating tumour cells")),
        ("given 2,6-diaminopurine (DAP) daily", ("DAP", "2,6-diaminopurine")),
        ("by nuclear magnetic resonance (or NMR) we", ("NMR", "nuclear magnetic resonance")),
        ("infection with the hepatitis B virus (HBV) is", ("HBV", "hepatitis B virus")),
    ],
)
def test_definitions(text, expected):
    assert pairs(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "It was shown (Fig. 2) in mice (n = 5) and rats (p < 0.05).",
        "neurons (n = 12) and patients (P = 0.5)",
        "We saw growth (see Table 1) and death (50%).",
        "An unrelated phrase (XQZ) here.",
        "Ended there. Rates (HR) rose after the heart stopped.",
        "(HR) heart rate",
        "",
    ],
)
def test_no_definition(text):
    assert pairs(text) == []


TEXT = "HR is early. Type 2 diabetes (T2D) and T2D-like T2D; a Huntington disease (HD) case, HD."


def document(*entities):
    return Document("1", TEXT, entities=entities)


def test_definitions_become_marks_that_expansions_reads():
    marked = step()(document())
    assert expansions(marked) == {"T2D": "Type 2 diabetes", "HD": "Huntington disease"}
    assert marked.entities == ()
    assert step()(marked) == marked


def test_mentions_of_the_short_form_take_the_type_of_the_long_form():
    links = (Link("MESH:D003924"),)
    long = entity_at(TEXT, Span(13, 28), "Disease", id="T1", links=links, score=0.9)
    wrong = entity_at(TEXT, Span(39, 42), "Gene", id="T2", links=(Link("NCBIGene:1"),))
    other = entity_at(TEXT, Span(85, 87), "Gene", id="T3")
    found = step()(document(long, wrong, other)).entities
    short = [(e.start, e.label, e.concept) for e in found if e.text == "T2D"]
    assert short == [(30, "Disease", "MESH:D003924"), (39, "Disease", "MESH:D003924"), (48, "Disease", "MESH:D003924")]
    assert [e.source for e in found if e.start in {30, 48}] == ["abbreviations"] * 2
    assert other in found
    assert long in found


def test_a_mention_of_two_types_is_not_of_one_type_twice():
    text = "Leukaemia (LK) hurts."
    found = [(Span(0, 9), "Disease"), (Span(11, 13), "Anatomy"), (Span(11, 13), "Disease")]
    entities = tuple(entity_at(text, span, label, id=f"T{n}") for n, (span, label) in enumerate(found, 1))
    assert step()(Document("1", text, entities=entities)).entities == entities


def test_an_entity_that_overlaps_a_mention_is_left_alone():
    long = entity_at(TEXT, Span(13, 28), "Disease", id="T1")
    wide = entity_at(TEXT, Span(39, 47), "Chemical", id="T2")
    found = step()(document(long, wide)).entities
    assert wide in found
    assert all(e is wide or not Span(e.start, e.end).overlaps(Span(39, 47)) for e in found)


@pytest.mark.parametrize("piece", ["(", "a(", "I1", "(A) ", "a (A", "HR (", "[(", "heart rate (HR) "])
def test_hostile_text_takes_linear_time(piece):
    # A search that tries every way would take hours here: the suite's own limit is the check.
    found = abbreviations("x (" + piece * 5_000 + "x) (AB)")
    assert len(found) == (5_000 if piece == "heart rate (HR) " else 0)
