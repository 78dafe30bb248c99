"""What is odd about documents is said before training: by name, with what to do."""

import json
from dataclasses import replace

import pytest

from biogloss.documents import Document
from biogloss.errors import ConfigError
from tiny import eight, labelled, recipe, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.training.finetune import finetune  # noqa: E402


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    return recipe(tiny_encoder, write_jsonl(tmp_path / "train.jsonl", eight()), epochs=1)


def events(run, kind):
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == kind]


def warnings(run):
    return [event["what"] for event in events(run, "warning")]


def test_a_label_that_training_never_has_is_told_and_missed(tiny_encoder, tmp_path):
    train = [Document(str(number), f"Text {number}.", labels=("ab"[number % 2],)) for number in range(8)]
    dev = [Document(str(number), "Other.", labels=("c",)) for number in (11, 12, 13)]
    files = {"train": [write_jsonl(tmp_path / "t.jsonl", train)], "dev": [write_jsonl(tmp_path / "d.jsonl", dev)]}
    chosen = recipe(tiny_encoder, "none", task="classification", labels=(), files=files, epochs=1)
    finetune(chosen, tmp_path / "run")
    expected = (
        "classification: no training document has the label c, which 3 development documents have: it will be missed"
    )
    (warning,) = warnings(tmp_path / "run")
    assert warning.startswith(expected)
    assert [event["f1"] for event in events(tmp_path / "run", "evaluated")] == [{"files/all": 0.0}]


def test_many_labels_that_training_never_has_are_one_line_commonest_first(tiny_encoder, tmp_path):
    train = [Document(str(number), f"Text {number}.", labels=("a",)) for number in range(4)]
    dev = [Document(str(number), "Other.", labels=("z", *"cdefgh"[: number - 11])) for number in range(11, 18)]
    files = {"train": [write_jsonl(tmp_path / "t.jsonl", train)], "dev": [write_jsonl(tmp_path / "d.jsonl", dev)]}
    chosen = recipe(tiny_encoder, "none", task="classification", labels=(), files=files, epochs=1, classes="several")
    finetune(chosen, tmp_path / "run")
    (warning,) = warnings(tmp_path / "run")
    assert warning == (
        "classification: 7 labels of development documents are in no training document and will be missed there: "
        "z (7), c (6), d (5), e (4), f (3) and 2 more"
    )


def test_a_label_that_no_document_has_is_refused(chosen, tmp_path):
    message = "ner: no document has the label Deseases, Gene; training documents have: Chemical, Disease$"
    with pytest.raises(ConfigError, match=message):
        finetune(replace(chosen, labels=("Chemical", "Gene", "Deseases")), tmp_path / "run")


def test_training_documents_that_share_text_with_others_are_named(chosen, tmp_path):
    more = [labelled(number, "Patients with cancer and pain of the aspirin.", {}) for number in (21, 22)]
    files = {
        "train": [*chosen.files["train"], write_jsonl(tmp_path / "more.jsonl", more)],
        "dev": [write_jsonl(tmp_path / "same.jsonl", [replace(more[0], id="31")])],
    }
    finetune(replace(chosen, files=files, epochs=1), tmp_path / "run")
    (warning,) = warnings(tmp_path / "run")
    assert "2 training documents share text with documents that are held out, and are left out: 21, 22" in warning


def test_a_document_in_two_parts_is_named(chosen, tmp_path):
    files = {"train": chosen.files["train"], "dev": [write_jsonl(tmp_path / "same.jsonl", eight()[2:4])]}
    with pytest.raises(ConfigError, match=r"files: document 3 is in train and in dev; .* take it out of one of them"):
        finetune(replace(chosen, files=files), tmp_path / "run")
