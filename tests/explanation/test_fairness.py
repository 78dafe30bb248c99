"""What changes with a patient's group: counted right, for steps whose bias is known and for a trained model."""

from dataclasses import replace

import numpy as np
import pytest

from biogloss.documents import Document, Entity, Mark, Relation, Span, entity_at, numbered
from biogloss.evaluation.bootstrap import Estimate
from biogloss.explanation import fairness, swaps
from biogloss.explanation.fairness import Job
from biogloss.explanation.predictions import Said, compared
from biogloss.pipeline.steps import model as neural
from tiny import eight, write_jsonl

SWAPS = swaps.load()
ALL = Said(frozenset({"entity", "relation", "sentence", "document"}))
NOTES = (
    "A woman had gout. Her pain was mild.",
    "A man had gout.",
    "The woman had gout. It hurt. She slept.",
    "Gout hurts.",
    "A pregnant woman had gout.",
    "A 45-year-old man had gout and pain.",
)


def notes():
    return [Document(str(number), text) for number, text in enumerate(NOTES)]


def finding(*words, unless=(), score=0.9):
    """A step that finds words as diseases, those that ``unless`` names only where no woman is."""

    def step(document):
        skipped = unless if "woman" in document.text else ()
        found = [
            entity_at(document.text, Span(at, at + len(word)), "Disease", score=score)
            for word in words
            if word not in skipped and (at := document.text.find(word)) >= 0
        ]
        return document.with_entities(numbered(found))

    return step


def report(step, **options):
    return fairness.compare(notes(), step, ALL, SWAPS, Job("made-up", (), **options))


def test_a_step_that_sees_no_group_changes_nothing():
    found = report(finding("gout", "pain"))
    assert {row.rate.value for row in found.rows} == {0.0}
    assert all(row.predictions == row.outcomes["same"] > 0 for row in found.rows)
    assert found.above(0.0) == []


def test_a_step_that_overlooks_women_is_found_out_by_group():
    found = report(finding("gout", "pain", unless=("pain",)), attributes=("sex",))
    rows = {(row.group, row.instead): row for row in found.rows}
    women, men = rows["female", "male"], rows["male", "female"]
    # The first note gains its pain; of the men the last note loses its.
    assert (women.documents, women.outcomes) == (
        2,
        {"same": 2, "appeared": 1, "disappeared": 0, "changed class": 0, "changed score": 0},
    )
    assert (men.documents, men.outcomes["disappeared"], men.predictions) == (2, 1, 3)
    assert women.rate.value == pytest.approx(1 / 3)
    assert (women.swapped_words, men.swapped_words) == (0, 0)
    assert women.examples == ("0: entity Disease “pain” appeared",)
    assert found.above(0.3) == [women, men]
    assert found.above(0.34) == []


def test_predictions_of_the_swapped_words_themselves_are_counted_apart():
    found = report(finding("woman", "gout"), attributes=("sex",))
    rows = {row.group: row for row in found.rows}
    assert (rows["female"].swapped_words, rows["female"].outcomes["disappeared"]) == (2, 2)
    assert (rows["male"].swapped_words, rows["male"].outcomes["appeared"]) == (2, 2)


def test_one_document_has_no_interval():
    documents = [Document("1", "A man had gout.")]
    (row,) = fairness.compare(documents, finding("gout"), ALL, SWAPS, Job("made-up", (), attributes=("sex",))).rows
    assert (row.rate.value, np.isnan(row.rate.low)) == (0.0, True)


def test_documents_and_sentences_without_a_word_are_counted():
    (reach,) = report(finding("gout"), attributes=("sex",)).coverage
    assert (reach.swapped, reach.without, reach.bound) == (4, 1, 1)
    assert (reach.sentences_with, reach.sentences_without) == (7, 2)


def test_the_interval_is_that_of_documents_drawn_again():
    texts = ["A man had pain."] * 30 + ["A man had gout."] * 70
    step = finding("pain", "gout", unless=("pain",))
    documents = [Document(str(number), text) for number, text in enumerate(texts)]
    (row,) = fairness.compare(documents, step, ALL, SWAPS, Job("made-up", (), attributes=("sex",))).rows
    draws = np.random.default_rng(5).binomial(100, 0.3, 4000) / 100
    assert row.rate.value == pytest.approx(0.3)
    assert (row.rate.low, row.rate.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.02)


def test_a_swap_without_predictions_has_no_rate():
    found = report(finding("fever"), attributes=("sex",))
    assert all(np.isnan(row.rate.value) for row in found.rows)
    assert found.above(0.0) == []
    assert {one["rate"] for one in fairness.as_dict(found)["swaps"]} == {None}


def test_a_document_that_fails_is_told_and_the_rest_is_counted():
    def step(document):
        if "45" in document.text:
            raise ValueError("no such age")
        return finding("gout")(document)

    found = report(step, attributes=("sex",))
    assert {failure.document_id for failure in found.failures} == {"5"}
    assert {(row.group, row.documents) for row in found.rows} == {("female", 2), ("male", 1)}


def outcomes(before, after, threshold=0.1, said=ALL):
    found = compared(said.of_document(before), said.of_document(after), threshold=threshold)
    return sorted((change.outcome, change.before, change.after) for change in found)


def test_predictions_change_by_place_label_and_score():
    text = "Gout hurts."
    gout = entity_at(text, Span(0, 4), "Disease", id="T1", score=0.9)
    before = Document("1", text, entities=(gout,), labels=("a", "b"), label_scores=(("a", 0.8), ("b", 0.6)))
    assert outcomes(before, before) == [("same", "Disease", "Disease"), ("same", "a", "a"), ("same", "b", "b")]
    other = replace(before, entities=(replace(gout, label="Gene"),), labels=("a", "c"), label_scores=(("a", 0.6),))
    assert outcomes(before, other) == [
        ("changed class", "Disease", "Gene"),
        ("changed class", "b", "c"),
        ("changed score", "a", "a"),
    ]
    assert ("same", "a", "a") in outcomes(before, other, threshold=0.2)
    assert outcomes(before, replace(before, entities=()))[0] == ("disappeared", "Disease", "")
    assert outcomes(replace(before, entities=()), before)[0] == ("appeared", "", "Disease")
    only = Said(frozenset({"document"}))
    assert outcomes(before, replace(before, entities=()), said=only) == [("same", "a", "a"), ("same", "b", "b")]


def test_relations_are_told_apart_by_what_they_join_and_roles_by_their_sentence():
    text = "Gout hurts. Gout."
    ends = (Entity("T1", (Span(0, 4),), "Disease", "Gout"), Entity("T2", (Span(12, 16),), "Disease", "Gout"))
    marks = (Mark(Span(0, 11), "sentence", "aim"), Mark(Span(12, 17), "sentence", "finding"))
    one = Relation("R1", "same", (("a", "T1"), ("b", "T2")), score=0.9)
    before = Document("1", text, marks=marks, entities=ends, relations=(one,))
    renamed = replace(
        before,
        entities=tuple(replace(end, id=f"X{end.id}") for end in ends),
        relations=(replace(one, arguments=(("a", "XT1"), ("b", "XT2"))),),
    )
    assert {outcome for outcome, *_ in outcomes(before, renamed)} == {"same"}
    other = replace(before, relations=(replace(one, label="cause"),), marks=(marks[0], replace(marks[1], label="aim")))
    assert [change for change in outcomes(before, other) if change[0] != "same"] == [
        ("changed class", "finding", "aim"),
        ("changed class", "same", "cause"),
    ]


def test_a_number_changes_by_its_place_on_the_scale():
    said = Said(frozenset({"document"}), scale=(0.0, 4.0))
    before, near, far = (Document("1", "Gout.", labels=(number,)) for number in ("2.000", "2.300", "2.500"))
    assert outcomes(before, near, said=said) == [("same", "number", "number")]
    assert outcomes(before, far, said=said) == [("changed score", "number", "number")]


def test_a_model_is_checked_as_a_plain_comparison_would(tiny_inference, tmp_path):
    texts = ["The woman with gout takes aspirin.", "Her husband hurts.", *(one.text for one in eight())]
    documents = [Document(str(number), text) for number, text in enumerate(texts)]
    path = write_jsonl(tmp_path / "notes.jsonl", documents)
    found = fairness.check(Job(str(tiny_inference), (path,), attributes=("sex",), threshold=0.05))
    assert found.documents == 10
    step = neural.step(tiny_inference)
    changed = total = 0
    for document in documents[:2]:
        other, _ = SWAPS.swap(document, "sex", "female", "male")
        shift = [len(other.text) - len(document.text)]
        before, after = ({(e.label, e.text): e.score for e in step(one).entities} for one in (document, other))
        both = before.keys() & after.keys()
        changed += len(before.keys() ^ after.keys()) + sum(abs(before[key] - after[key]) > 0.05 for key in both)
        total += len(before.keys() | after.keys())
        assert shift
    women = next(row for row in found.rows if row.group == "female")
    assert (women.documents, women.predictions) == (2, total)
    assert women.predictions - women.outcomes["same"] == changed
    assert isinstance(women.rate, Estimate)
