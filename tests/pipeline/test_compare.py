"""Files against files: everything the gold documents hold is scored, and what does not fit is named."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from biogloss.documents import Document, Mark, Relation, Span, entity_at
from biogloss.documents.jsonl import to_line
from biogloss.errors import InputError, OutputError
from biogloss.evaluation.overall import ANSWERS, CLASSES, ENTITIES, NUMBERS, RELATIONS, ROLES, Choices
from biogloss.evaluation.report import page as report
from biogloss.evaluation.rows import NO_DIFFERENCE, rows
from biogloss.pipeline.compare import Job, evaluate, evaluate_to

TEXT = "Naloxone reverses pain. Gout hurts."
FEW = Choices(samples=50)


def document(number, *, right=1.0, rng=None):
    """A document with everything that is scored, of which about a share is right."""

    def is_right():
        return rng is None or rng.random() < right

    entities = (
        entity_at(TEXT, Span(0, 8), "Chemical", id="T1", score=0.9),
        entity_at(TEXT, Span(18, 22) if is_right() else Span(18, 21), "Disease", id="T2", score=0.8),
        entity_at(TEXT, Span(24, 28), "Disease" if is_right() else "Chemical", id="T3", score=0.7),
    )
    treats = Relation("R1", "treats", (("Arg1", "T1"), ("Arg2", "T3")))
    label = "review" if is_right() else "trial"
    roles = ("aim", "result" if is_right() else "aim")
    return Document(
        f"d{number}",
        TEXT,
        marks=tuple(
            Mark(span, "sentence", role) for span, role in zip((Span(0, 23), Span(24, 35)), roles, strict=True)
        ),
        entities=entities,
        relations=(treats,) if is_right() else (),
        labels=(label,),
        label_scores=(("review", 0.9 if label == "review" else 0.2), ("trial", 0.8 if label == "trial" else 0.1)),
    )


@pytest.fixture
def file(tmp_path):
    """Write documents; returns the path."""

    def _file(name, documents):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(to_line(one) + "\n" for one in documents), encoding="utf-8")
        return path

    return _file


@pytest.fixture
def gold(file):
    return file("gold", [document(number) for number in range(30)])


def system(file, name, right, seed=1):
    rng = random.Random(seed)
    return file(name, [document(number, right=right, rng=rng) for number in range(30)])


def test_everything_is_scored_and_a_file_equals_itself(gold):
    found = evaluate(Job(gold, gold, choices=FEW))
    titles = [one.title for one in found.scored]
    assert titles == [
        *("entities, strict", "entities, partial", "entities, exact", "relations, mention level"),
        *("classes", "sentence roles"),
    ]
    errors = {"ece", "ece_equal_mass", "brier"}
    assert {row["metric"] for row in rows(found) if "metric" in row} >= errors
    kept = [row for row in rows(found) if row.get("metric") not in errors]
    values = {row[key] for row in kept for key in ("f1", "value") if key in row}
    assert values <= {100.0, None}  # the area of a class that all documents have is not defined
    assert found.notes == []


def test_only_what_gold_holds_is_scored(file, gold):
    bare = [replace(document(number), relations=(), labels=(), marks=()) for number in range(30)]
    found = evaluate(Job(file("bare", bare), gold, choices=FEW))
    assert {one.kind for one in found.scored} == {ENTITIES}


def test_what_a_file_leaves_out_counts_as_missed(file, gold):
    silent = [Document(f"d{number}", TEXT) for number in range(30)]
    found = evaluate(Job(gold, file("silent", silent), choices=FEW))
    assert {one.kind for one in found.scored} == {ENTITIES, RELATIONS, CLASSES, ROLES}
    assert {row["f1"] for row in rows(found) if "f1" in row} == {0.0}


QUESTION, CONTEXT = "Which drugs lower glucose?", "Metformin and the gliclazide lower glucose; aspirin does not."


def asked(number, *answers):
    """A question with answers and how sure each is; of those, one does not stand in the context."""
    text = f"{QUESTION} {CONTEXT}"
    parts = (("context", Span(len(QUESTION) + 1, len(text))), ("question", Span(0, len(QUESTION))))
    entities = []
    for place, (words, score) in enumerate(answers, 1):
        start = text.index(words)
        entities.append(entity_at(text, Span(start, start + len(words)), "Answer", id=f"T{place}", score=score))
    return Document(f"q{number}", text, parts=parts, entities=tuple(entities))


def test_answers_are_scored_as_answers_by_their_order(file):
    gold = file("gold", [asked(1, ("Metformin", None)), asked(2, ("Metformin", None), ("gliclazide", None)), asked(3)])
    predicted = [
        asked(1, ("aspirin", 0.3), ("Metformin", 0.6)),
        asked(2, ("aspirin", 0.9), ("the gliclazide", 0.8)),
        asked(3, ("aspirin", 0.4)),
    ]
    found = evaluate(Job(gold, file("found", predicted), choices=FEW))
    assert {one.kind for one in found.scored} == {ANSWERS}
    values = {(row["match"], row.get("metric", "f1")): row.get("value", row.get("f1")) for row in rows(found)}
    assert values["best", "exact_match"] == pytest.approx(100 / 3, abs=0.01)
    assert (values["first five", "strict_accuracy"], values["first five", "mrr"]) == (50.0, 75.0)
    assert values["all", "f1"] == pytest.approx((200 / 3 + 50) / 2, abs=0.01)
    shown = report(found)
    assert "1 wrong answer, 1 spurious" in shown
    assert "<mark>aspirin</mark>" in shown


def test_numbers_are_scored_as_numbers_and_classes_that_look_like_numbers_as_classes(file):
    gold, found = ([1.5, 2.0, 4.0, 0.0], [1.0, 2.5, 5.0, 0.0])
    files = [
        file(name, [Document(f"p{place}", TEXT, labels=(str(number),)) for place, number in enumerate(numbers)])
        for name, numbers in (("gold", gold), ("found", found))
    ]
    (numbers,) = evaluate(Job(*files, choices=FEW)).scored
    values = {name.metric: own.value for name, own in numbers.estimates.items()}
    assert (numbers.kind, values["mse"]) == (NUMBERS, 0.375)
    assert (values["pearson"], values["spearman"]) == pytest.approx((np.corrcoef(gold, found)[0, 1], 1.0))
    assert "0.375" in report(evaluate(Job(*files, choices=FEW)))
    whole = file("whole", [Document(f"p{place}", TEXT, labels=(str(place % 2),)) for place in range(4)])
    assert {one.kind for one in evaluate(Job(whole, whole, choices=FEW)).scored} == {CLASSES}


def test_a_number_that_is_none_names_its_document(file):
    gold = file("gold", [Document("p1", TEXT, labels=("1.5",)), Document("p2", TEXT, labels=("3",))])
    found = file("found", [Document("p1", TEXT, labels=("1.5",)), Document("p2", TEXT, labels=("much",))])
    with pytest.raises(InputError, match="item p2: the predicted number is nan"):
        evaluate(Job(gold, found, choices=FEW))


def test_two_systems_are_compared_and_chance_is_called_chance(file, gold):
    good, bad, like_bad = (
        system(file, name, right, seed) for name, right, seed in (("a", 0.95, 1), ("b", 0.4, 2), ("c", 0.4, 3))
    )
    found = rows(evaluate(Job(gold, good, against=bad, choices=FEW)))
    verdicts = {(row["task"], row["type"], row["metric"]): row["verdict"] for row in found if "verdict" in row}
    for key in ((ENTITIES, "all", "f1"), (RELATIONS, "all", "f1"), (CLASSES, "all", "accuracy"), (ROLES, "all", "f1")):
        assert verdicts[key] == "better", key
    (mcnemar,) = [row for row in found if "p_value" in row]
    assert (mcnemar["task"], mcnemar["p_value"] < 0.01) == (CLASSES, True)
    alike = rows(evaluate(Job(gold, like_bad, against=bad, choices=FEW)))
    assert {row["verdict"] for row in alike if row.get("metric") == "accuracy" and "verdict" in row} == {NO_DIFFERENCE}
    back = rows(evaluate(Job(gold, bad, against=good, choices=FEW)))
    assert "worse" in {row["verdict"] for row in back if "verdict" in row}


def test_training_documents_tell_what_is_unseen_and_shared(file, gold):
    training = [
        Document("d3", "Gout is common.", entities=(entity_at("Gout is common.", Span(0, 4), "Disease", id="T1"),))
    ]
    found = evaluate(Job(gold, system(file, "a", 0.5), train=file("train", training), choices=FEW))
    assert found.unseen["Disease"].mentions == 30
    assert found.unseen["Chemical"].recall.value == 1
    assert {one.what: one.count for one in found.shared} == {
        "same document id": 1,
        "same text": 0,
        "13 words in a row": 0,
        "mentions that training marks too": 30,
    }


def test_a_model_is_scored_on_what_it_gives(gold):
    found = evaluate(Job(gold, choices=FEW))
    assert {one.kind for one in found.scored} == {ENTITIES}
    assert [note.split(" gives no ")[1] for note in found.notes] == [
        "relations: not scored",
        "classes: not scored",
        "sentence roles: not scored",
    ]
    assert not found.predicted[0].relations


def test_a_model_that_gives_nothing_of_it_is_refused(file):
    classified = [Document("d1", TEXT, labels=("review",))]
    with pytest.raises(InputError, match="the gold documents hold classes, and biogloss-en gives none"):
        evaluate(Job(file("gold", classified)))


def test_labels_are_renamed_everywhere(gold):
    rename = {"Disease": "Condition", "treats": "eases", "review": "overview", "aim": "goal"}
    found = {row["type"] for row in rows(evaluate(Job(gold, gold, rename=rename, choices=FEW)))}
    assert {"Condition", "eases", "overview", "goal"} <= found
    assert not found & set(rename)


def test_roles_of_symmetric_relations_do_not_matter(file):
    one = document(1)
    turned = replace(one, relations=(replace(one.relations[0], arguments=(("Arg1", "T3"), ("Arg2", "T1"))),))
    for symmetric, f1 in (((), 0.0), (("treats",), 100.0)):
        choices = Choices(symmetric=frozenset(symmetric), samples=0)
        found = rows(evaluate(Job(file("gold", [one]), file("turned", [turned]), choices=choices)))
        assert {row["f1"] for row in found if row["task"] == RELATIONS and "f1" in row} == {f1}


def test_labels_that_no_gold_document_has_are_noted(gold):
    choices = Choices(types=("Diseas", "Disease"), symmetric=frozenset({"treat"}), samples=0)
    assert evaluate(Job(gold, gold, choices=choices)).notes == [
        "no gold document has the entity type Diseas; there are: Chemical, Disease",
        "no gold document has the relation treat; there are: treats",
    ]


def test_documents_are_found_by_their_ids_and_more_of_them_are_noted(file, gold):
    others = [document(number) for number in reversed(range(33))]
    found = evaluate(Job(gold, file("more", others), choices=FEW))
    assert [one.id for one in found.predicted] == [f"d{number}" for number in range(30)]
    assert ["3 documents are not in the gold file" in note for note in found.notes] == [True]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda found: found[:-1], "no document d29; expected every document of the gold file"),
        (lambda found: [*found[:-1], replace(found[-1], id="d0")], "document d0 is there more than once"),
        (lambda found: [Document("d0", "Other."), *found[1:]], "the text of document d0 differs from the gold file's"),
        (
            lambda found: [*found[:5], replace(found[5], label_scores=()), *found[6:]],
            "document d5 has scores of 0 classes",
        ),
        (
            lambda found: [replace(found[0], marks=(Mark(Span(0, 9), "sentence", "aim"),)), *found[1:]],
            "document d0: the sentence at characters 0-9 is none of the gold document",
        ),
    ],
)
def test_what_does_not_fit_names_file_and_document(file, gold, change, words):
    predicted = file("predicted", change([document(number) for number in range(30)]))
    with pytest.raises(InputError, match=words) as caught:
        evaluate(Job(gold, predicted, choices=FEW))
    assert str(predicted) in str(caught.value)


def test_no_annotation_at_all_is_refused(file):
    bare = file("bare", [Document("1", TEXT)])
    with pytest.raises(
        InputError, match=r"no annotation to score against; expected documents with entities, relations"
    ):
        evaluate(Job(bare, bare))


def test_two_classes_cannot_become_one_with_their_probabilities(gold):
    with pytest.raises(InputError, match="document d0: two classes become one"):
        evaluate(Job(gold, gold, rename={"review": "trial"}))


def test_a_class_called_as_a_mean_is_refused(gold):
    with pytest.raises(InputError, match="a label is called 'macro'"):
        evaluate(Job(gold, gold, rename={"review": "macro"}, choices=FEW))


def test_rows_go_to_a_file_that_is_not_written_over(gold, tmp_path):
    target = tmp_path / "rows.json"
    found = evaluate_to(Job(gold, gold, choices=FEW), target)
    assert json.loads(target.read_text(encoding="utf-8")) == rows(found)
    with pytest.raises(OutputError, match=r"rows.json exists already; --force"):
        evaluate_to(Job(gold, gold, choices=FEW), target)
    evaluate_to(Job(gold, gold, choices=FEW), target, force=True)


def test_the_report_is_written_beside_the_rows(gold, tmp_path):
    evaluate_to(Job(gold, gold, choices=FEW), tmp_path / "rows.json", tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(OutputError, match=r"report.html exists already"):
        evaluate_to(Job(gold, gold, choices=FEW), None, tmp_path / "report.html")


def test_a_failed_evaluation_leaves_no_file(gold, tmp_path):
    with pytest.raises(InputError):
        evaluate_to(Job(gold, tmp_path / "absent.jsonl"), tmp_path / "rows.json", tmp_path / "report.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gold.jsonl"]
