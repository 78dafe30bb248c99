"""Sections of notes and papers: headings in the forms that clinicians write, and what must not be taken for one."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Mark, Span
from biogloss.documents.kinds import SECTIONS
from biogloss.errors import ConfigError, InputError
from biogloss.pipeline.steps import sections as module
from biogloss.pipeline.steps.sections import kind_of, known, sections, step

DATA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))
LINES = st.sampled_from(
    ["HPI: cough.", "PAST MEDICAL HISTORY", "Family history - none", "3. Plan:", "现病史：咳嗽。", "【家族史】无",
     "x", ":", "\r",
     "FHx: İ", "RESULTS: none. METHODS: x", "## Assessment", "- ", "ORTHO:", "．既往史：无。", "\u2028", "a: b: c"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(LINES, max_size=12).map("\n".join))


def found(text):
    return [(mark.kind, mark.label, text[mark.span.start : mark.span.end]) for mark in sections(text)]


@given(TEXTS)
def test_sections_are_in_order_apart_and_of_known_kinds_and_begin_with_their_heading(text):
    end = 0
    for mark in sections(text):
        words = text[mark.span.start : mark.span.end]
        assert mark.span.start >= end
        assert words == words.rstrip()
        assert mark.kind in SECTIONS
        assert mark.label in words
        end = mark.span.end


NOTE = """Seen today.
HPI: cough for 3 days.
PAST MEDICAL HISTORY
Diabetes, gout.
PSHx - appendectomy
2. Family History:
Mother: breast cancer
  social hx: smokes
HEENT: normal
**Allergies:** penicillin
## Assessment and Plan
ORTHO RISK: low
Physical exam
"""


def test_a_note_in_many_hands():
    assert [(kind, label) for kind, label, _ in found(NOTE)] == [
        ("present_illness", "HPI"),
        ("past_history", "PAST MEDICAL HISTORY"),
        ("past_history", "PSHx"),
        ("family_history", "Family History"),
        ("social_history", "social hx"),
        ("allergies", "Allergies"),
        ("assessment", "Assessment and Plan"),
        ("section", "ORTHO RISK"),
        ("examination", "Physical exam"),
    ]
    family = found(NOTE)[3][2]
    assert family == "2. Family History:\nMother: breast cancer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He coughs. Past medical history: gout. Family History: none.", ["past_history", "family_history"]),
        ("HISTORY OF PRESENT ILLNESS:, Cough.,ALLERGIES:, None.,HEENT: fine.", ["present_illness", "allergies"]),
        ("BACKGROUND: Gout hurts. METHODS: We asked. RESULTS: It did.", ["background", "methods", "results"]),
        ("1. Introduction\nGout.\n2 Materials and Methods\nWe.\nReferences\n", ["background", "methods", "references"]),
        ("PAST MEDICAL HISTORY Diabetes\nFAMILY HISTORY Gout", ["past_history", "family_history"]),
        (
            "主诉：咳嗽3天。现病史：患者咳嗽。既往史：高血压。家族史：无。",
            ["chief_complaint", "present_illness", "past_history", "family_history"],
        ),
        (
            "主诉 咳嗽\n体格检查\n心肺无异常\n【辅助检查】血常规\n一、诊断：肺炎",
            ["chief_complaint", "examination", "laboratory", "diagnosis"],
        ),
        ("目的：观察疗效。方法：分组。结果：有效。结论：安全。", ["objective", "methods", "results", "conclusions"]),
    ],
)  # fmt: skip
def test_forms_of_headings(text, expected):
    assert [kind for kind, _, _ in found(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The ratio was 5:1. Note the following: a, b.",
        "She has a family history of gout and a plan.",
        "the results: better. we saw: more",
        "IMPORTANT: call the doctor.",
        "患者有家族史，诊断明确。",
        "",
    ],
)
def test_running_text_has_no_sections(text):
    assert sections(text) == []


def test_marks_of_structure_stay_alone_and_abstracts_are_searched():
    text = "Gout\nAIM: To see. RESULTS: Seen."
    whole = Document("1", text, marks=(Mark(Span(0, 4), "title"), Mark(Span(5, 32), "abstract")))
    marked = step()(whole)
    assert marked.marks[:2] == whole.marks
    assert [(mark.kind, mark.span) for mark in marked.marks[2:]] == [
        ("objective", Span(5, 17)),
        ("results", Span(18, 32)),
    ]
    structured = Document("1", text, marks=(Mark(Span(5, 17), "section", "AIM"),))
    assert step()(structured) == structured


def test_labels_of_other_sources_have_kinds_too():
    labels = ["MATERIALS AND METHODS", "Conclusions", "Family History", "Whatever"]
    kinds = [kind_of(Mark(Span(0, 1), "section", label)) for label in labels]
    assert kinds == ["methods", "conclusions", "family_history", "section"]
    assert kind_of(Mark(Span(0, 1), "plan", "Results")) == "plan"


def test_own_headings_win_and_may_replace(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('language = "en"\n[[headings]]\nkind = "family_history"\nphrases = ["(blood)? relatives?", "HPI"]\n')
    text = "HPI: gout.\nBlood relatives: gout.\nPlan: rest."
    assert [mark.kind for mark in sections(text, known(own))] == ["family_history", "family_history", "plan"]
    own.write_text(own.read_text().replace("\n", "\nreplace = true\n", 1))
    assert [mark.label for mark in sections(text, known(own))] == ["HPI", "Blood relatives"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[[headings]]\nkind = "relatives"\nphrases = ["a"]', r"\[\[headings\]\] 1: kind is 'relatives'; expected"),
        ('[[headings]]\nkind = "plan"\nphrases = ["(a"]', r"\[\[headings\]\] 1: the phrase '\(a' doe"),
        ("headers = 1", "unknown key headers; the keys are: language, headings"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_own_headings_is_named(tmp_path, content, words):
    own = tmp_path / "own.toml"
    own.write_text(f'language = "en"\n{content}')
    with pytest.raises(ConfigError, match=words):
        step(rules=own)


def test_a_missing_rule_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml: no such file"):
        step(rules=tmp_path / "none.toml")


NOTES = DATA / "clinical" / "aci-bench" / "valid.csv"


@pytest.mark.skipif(not NOTES.exists(), reason="the corpora are not here")
def test_notes_of_aci_bench_are_told_apart():
    csv.field_size_limit(10_000_000)
    with NOTES.open(encoding="utf-8", newline="") as stream:
        notes = [row["note"] for row in csv.DictReader(stream)]
    counts = Counter(kind for note in notes for kind in {mark.kind for mark in sections(note)})
    assert len(notes) == 20
    assert counts["assessment"] + counts["plan"] >= 18
    assert counts["chief_complaint"] >= 10
    assert all(module.sections(note) for note in notes)
