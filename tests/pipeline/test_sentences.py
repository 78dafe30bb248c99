"""Sentences of biomedical text: the properties that must hold for any text, and the stops a reader would name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Mark, Span
from biogloss.documents import sentences as module
from biogloss.pipeline.steps.sentences import sentences, step

WORDS = st.sampled_from(
    [
        "The",
        "cells",
        "p53",
        "α-Syn",
        "Fig.",
        "et al.",
        "0.05",
        "E. coli",
        "i.v.",
        "(see",
        "B).",
        "?!",
        "…",
        "患者",
        "发热。",
        "；",
        "\n",
        "\r\n",
        "\n\n",
        "“No.”",
        "😀",
        "e\u0301",
        "\x00",
        "[1,2]",
        "METHODS:",
        "1.",
        "...",
        "<",
        "\u2028",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=20).map(" ".join))

ONE = [
    "The band is shown in Fig. 2 and Figs. S1 and S2.",
    "E. coli and S. Typhimurium grew (p < .05) in broth.",
    "It was given i.v. to mice, e.g. BALB/c, as Smith et al. (2001) and Jones et al. Nat. Genet. did.",
    "Dr. Wu and J. R. Smith saw No. 5 vs. No. 6.",
    "Levels of 3.5 vs. 4.0 mg/kg (95% C.I. 1.2 to 3.4) were found in the U.S. population.",
    "Bacillus cereus sp. nov. DSM 22905 was isolated approx. 5 km from St. Louis, MO.",
    "METHODS: We counted cells.",
    "1. The aim was clear.",
    "P < 0. 05 was significant.",
]
SEVERAL = [
    ["The dose was 5 mg.", "Then it rose."],
    ["Proliferation of cells.1,2", "The rest died."],
    ["Proliferation of cells.[12,13]", "The rest died."],
    ["It rose (Smith et al., 2001).", "It fell."],
    ["They asked “Why?”", "Nobody knew?!", "We did."],
    ["It was given i.v.", "The mice survived."],
    ["It lacked vitamin C.", "Patients improved."],
    ["This needs mTOR.", "p53 is not needed.", "α-Synuclein aggregates."],
    ["Growth slowed ...", "Then it stopped."],
    ["It was seen in the U.S.", "However, it was rare."],
    ["Levels rose.", "CONCLUSION: It works."],
    ["The answer was no.", "We stopped."],
    ["It is BV.", "Through these, cells die."],
    ["Gout", "A 50-year-old man came."],
]


@given(TEXTS, st.sampled_from(["en", "zh"]))
def test_spans_are_ordered_trimmed_and_cover_everything_but_white_space(text, language):
    spans = sentences(text, language)
    end = 0
    for span in spans:
        assert not text[end : span.start].strip()
        piece = text[span.start : span.end]
        assert piece == piece.strip()
        end = span.end
    assert not text[end:].strip()


@given(TEXTS, st.sampled_from([module._ENGLISH_BOUNDARY, module._CHINESE_BOUNDARY]))
def test_boundaries_are_those_of_the_pattern_at_every_character(text, pattern):
    found = [(match.span(), match.lastgroup) for match in module._matches(text, pattern)]
    assert found == [(match.span(), match.lastgroup) for match in pattern.finditer(text)]


@pytest.mark.parametrize("text", ONE)
def test_one_sentence(text):
    assert [text[span.start : span.end] for span in sentences(text)] == [text]


@pytest.mark.parametrize("expected", SEVERAL, ids=" | ".join)
def test_several_sentences(expected):
    text = ("\n" if expected[0] == "Gout" else " ").join(expected)
    assert [text[span.start : span.end] for span in sentences(text)] == expected


def test_missing_space_after_a_stop():
    text = "Levels rose by 12%.CONCLUSION: It works.The effect lasted."
    assert [text[s.start : s.end] for s in sentences(text)] == [
        "Levels rose by 12%.",
        "CONCLUSION: It works.",
        "The effect lasted.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("患者发热。给予青霉素！", ["患者发热。", "给予青霉素！"]),
        ("他说：“头痛。”后来好转（见图2）。", ["他说：“头痛。”", "后来好转（见图2）。"]),
        ("发热；咳嗽（轻；偶发）…体温38.5℃。", ["发热；", "咳嗽（轻；偶发）…", "体温38.5℃。"]),
        ("怎么办?医生", ["怎么办?", "医生"]),
    ],
)
def test_chinese(text, expected):
    assert [text[span.start : span.end] for span in sentences(text, "zh")] == expected


def test_hard_wrapped_lines_go_on_and_others_end():
    text = "Heart failure in\nParkinson disease and\nother disorders\nA man came."
    assert [text[s.start : s.end] for s in sentences(text)] == [text[:54], "A man came."]


def test_no_sentence_crosses_a_title_or_section():
    text = "Gout and uric acid It hurts. Much"
    document = Document("1", text, marks=(Mark(Span(0, 18), "title"), Mark(Span(19, 33), "section", "BODY")))
    marked = step()(document)
    found = [text[mark.span.start : mark.span.end] for mark in marked.marked("sentence")]
    assert found == ["Gout and uric acid", "It hurts.", "Much"]
    assert marked.marks[:2] == document.marks
    assert step()(marked) == marked


HOSTILE = [".", "a.", ". ", "；", "（；", "\n ", "[1,", ".)", ".1,"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece):
    hostile = piece * 100_000
    # A quadratic pattern would take minutes here: the suite's own limit is the check.
    for language in ("en", "zh"):
        assert sum(len(span) for span in sentences(hostile, language)) > 0 or not hostile.strip()
