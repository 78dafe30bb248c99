"""Cross-validation: each part by a model that has not seen it, all scored together, and nothing is done twice."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from biogloss.documents import Document, Span, entity_at
from biogloss.documents.jsonl import from_line
from biogloss.errors import ConfigError
from biogloss.evaluation import overall
from biogloss.evaluation.bootstrap import Name
from biogloss.evaluation.overall import Choices
from biogloss.evaluation.rows import rows
from tiny import LABELS, eight, recipe, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.training.crossvalidate import GOLD, PREDICTED, crossvalidate  # noqa: E402
from biogloss.training.finetune import CHECKPOINT, finetune  # noqa: E402
from biogloss.training.turns import Plan  # noqa: E402

FOLDS = 3


def many():
    """The eight sentences twice, so that each fold has some that another one has; too short to share text."""
    short = [document for document in eight() if len(document.text) < 25]
    return [replace(one, id=f"{side}{one.id}") for side in "ab" for one in short]


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    return recipe(tiny_encoder, write_jsonl(tmp_path / "train.jsonl", many()), epochs=15, dropout=0.0, cuts=(30,))


def read(path):
    return [from_line(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def run(tmp_path):
    return tmp_path / "folds"


def test_all_documents_are_scored_together_each_by_a_model_that_has_not_seen_it(chosen, run):
    seen = []
    found = crossvalidate(chosen, run, Plan(folds=FOLDS), lambda folder, count: seen.append((folder, count)))
    assert seen == [(str(run / name), count) for name, count in found.parts.items()]
    assert sorted(document.id for document in found.gold) == sorted(document.id for document in many())
    assert sum(found.parts.values()) == len(many())
    strict = found.scored[0]
    assert strict.title == "entities, strict"
    f1 = strict.estimates[Name("micro", "f1")]
    assert 0 < f1.value < 1
    assert f1.low <= f1.value <= f1.high
    alone = [(read(run / name / GOLD), read(run / name / PREDICTED)) for name in found.parts]
    everything = [list(chain(*side)) for side in zip(*alone, strict=True)]
    again = overall.scored(*everything, ["entities"], Choices(types=LABELS))
    assert again[0].estimates == strict.estimates
    shown = {row["part"]: row["f1"] for row in rows(found) if "part" in row and row["match"] == "strict"}
    for name, both in zip(found.parts, alone, strict=True):
        own = overall.scored(*both, ["entities"], Choices(types=LABELS, samples=0))[0]
        assert shown[name] == round(100 * own.estimates[Name("micro", "f1")].value, 2)


def test_a_part_is_what_a_run_on_the_other_documents_makes(chosen, run, tmp_path):
    chosen = replace(chosen, epochs=2)
    crossvalidate(chosen, run, Plan(folds=FOLDS))
    held_out = {document.id for document in read(run / "fold-2" / GOLD)}
    others = [document for document in many() if document.id not in held_out]
    files = {"train": [write_jsonl(tmp_path / "others.jsonl", others)]}
    model = finetune(replace(chosen, files=files), tmp_path / "others")
    for name in ("model.safetensors", "head.safetensors"):
        assert (model / name).read_bytes() == (run / "fold-2" / "model" / name).read_bytes()


def test_what_is_finished_is_not_done_again_and_what_is_lost_comes_back(chosen, run):
    seen, chosen = [], replace(chosen, epochs=2)
    first = crossvalidate(chosen, run, Plan(folds=FOLDS))
    assert not list(run.glob(f"*/{CHECKPOINT}"))
    before = {path: path.read_bytes() for path in sorted(run.glob("*/*.jsonl"))}
    (run / "fold-2" / PREDICTED).unlink()
    second = crossvalidate(chosen, run, Plan(folds=FOLDS), lambda folder, _: seen.append(folder))
    assert seen == [str(run / "fold-2")]
    for path, content in before.items():
        if path.name != "log.jsonl":
            assert path.read_bytes() == content
    assert (run / "fold-1" / "log.jsonl").read_bytes() == before[run / "fold-1" / "log.jsonl"]
    assert rows(second) == rows(first)


def test_parts_of_another_recipe_or_of_other_documents_are_refused(chosen, run):
    quick = replace(chosen, epochs=1)
    crossvalidate(quick, run, Plan(folds=FOLDS))
    with pytest.raises(ConfigError, match="fold-1: holds a run with other seed; name another folder"):
        crossvalidate(replace(quick, seed=2), run, Plan(folds=FOLDS))
    with pytest.raises(ConfigError, match="fold-1: holds a run with other test_fold; name another folder"):
        crossvalidate(quick, run, Plan(folds=2))
    write_jsonl(Path(quick.files["train"][0]), [replace(one, entities=one.entities[:1]) for one in many()])
    with pytest.raises(ConfigError, match="fold-1: holds a run with other content of ner's files for train"):
        crossvalidate(quick, run, Plan(folds=FOLDS))
    write_jsonl(Path(quick.files["train"][0]), [replace(one, text=one.text + " ") for one in many()])
    with pytest.raises(ConfigError, match="other content of ner's files"):
        crossvalidate(quick, run, Plan(folds=FOLDS))


def test_classes_that_one_model_does_not_know_have_a_probability_all_the_same(tiny_encoder, run, tmp_path):
    documents = [Document(f"d{number}", f"Text {number}.", labels=("ab"[number % 2],)) for number in range(8)]
    train = write_jsonl(tmp_path / "train.jsonl", [*documents, Document("rare", "Another.", labels=("c",))])
    chosen = recipe(tiny_encoder, train, task="classification", labels=(), epochs=1)
    found = crossvalidate(chosen, run, Plan(folds=2))
    assert all([name for name, _ in document.label_scores] == ["a", "b", "c"] for document in found.predicted)
    (note,) = found.notes
    assert "no training document has the label c, which 1 test document has" in note
    (scored,) = found.scored
    assert scored.items["c"][0] == 1
    assert scored.estimates[Name("c", "recall")].value == 0


def asked(number, words):
    """A question about a text that has one answer."""
    question = "what hurts"
    text = f"{question} {words} hurts"
    at = len(question) + 1
    parts = (("context", Span(at, len(text))), ("question", Span(0, len(question))))
    answer = entity_at(text, Span(at, at + len(words)), "Answer", id="T1")
    return Document(f"q{number}", text, parts=parts, entities=(answer,))


def test_answers_are_scored_as_answers(tiny_encoder, run, tmp_path):
    words = ("gout", "pain", "cancer", "fever")
    train = write_jsonl(tmp_path / "train.jsonl", [asked(place, words[place % 4]) for place in range(12)])
    chosen = recipe(tiny_encoder, train, task="question_answering", labels=(), epochs=40, dropout=0.0)
    found = crossvalidate(chosen, run, Plan(folds=2))
    assert [one.title for one in found.scored] == ["answers, best", "answers, first five", "answers, all"]
    assert found.scored[0].measure.documents == 12
    assert found.scored[0].estimates[Name("all", "exact_match")].value > 0.5
    assert [row for row in rows(found) if "part" in row] == []


def test_numbers_are_scored_as_numbers(tiny_encoder, run, tmp_path):
    documents = []
    for place in range(10):
        first, second = "gout", ("gout" if place % 2 else "pain")  # too short to share text
        text = f"{first} {second}"
        parts = (("first", Span(0, len(first))), ("second", Span(len(first) + 1, len(text))))
        documents.append(Document(f"p{place}", text, parts=parts, labels=("4.5" if place % 2 else "0.5",)))
    train = write_jsonl(tmp_path / "train.jsonl", documents)
    chosen = recipe(tiny_encoder, train, task="pairs", labels=(), scale=(0.0, 5.0), epochs=30, dropout=0.0)
    (scored,) = crossvalidate(chosen, run, Plan(folds=2)).scored
    assert scored.title == "numbers"
    assert scored.estimates[Name("all", "pearson")].value > 0.9
