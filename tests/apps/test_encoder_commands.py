"""``biogloss models`` and ``biogloss vocabulary`` as a user meets them."""

import json
from pathlib import Path

import pytest

from biogloss.documents import Document
from tiny import build_encoder, write_jsonl

FIXTURE = Path(__file__).parents[1] / "fixtures" / "tensorflow"


@pytest.fixture
def texts(tmp_path):
    documents = [Document(str(number), "Gouty patients with metformins.") for number in range(1, 41)]
    return write_jsonl(tmp_path / "texts.jsonl", documents)


@pytest.fixture
def card(tmp_path):
    folder = tmp_path / "with_card"
    folder.mkdir()
    (folder / "README.md").write_text("# Words of a card\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", [("models",), ("models", "show")])
def test_a_card_is_shown_with_and_without_the_commands_name(run, card, command):
    code, out, _ = run(*command, card)
    assert code == 0
    assert "Words of a card" in out


def test_the_help_of_models_lists_what_there_is(run):
    code, out, _ = run("models", "--help")
    assert (code, "import" in out, "show" in out) == (0, True, True)


def test_a_tensorflow_release_is_imported(run, tmp_path):
    code, out, _ = run("models", "import", FIXTURE / "sharded", "-o", tmp_path / "out", "--cased")
    assert code == 0
    assert "46 tensors of a TensorFlow checkpoint" in out
    assert "capitals become small: no (by the argument)" in out
    assert "92 optimizer slots" in out
    names = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names


def test_what_cannot_be_imported_is_a_message_and_code_2(run, tmp_path):
    code, _, err = run("models", "import", tmp_path, "-o", tmp_path / "out")
    assert (code, "no checkpoint in it" in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_vocabulary_is_trained(run, texts, tmp_path):
    code, out, _ = run("vocabulary", "train", texts, "-o", tmp_path / "new", "--size", 80)
    assert code == 0
    assert "1.000 pieces per word on 10 words of held-out text" in out
    assert "metformins" in json.loads((tmp_path / "new" / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]


def test_a_vocabulary_is_extended_and_the_report_shown(run, texts, tmp_path):
    pytest.importorskip("transformers", reason="the extra `train` is not installed")
    encoder = build_encoder(tmp_path / "encoder")
    (tmp_path / "terms.txt").write_text("feverish\n", encoding="utf-8")
    options = ("--rows", 1, "--terms", tmp_path / "terms.txt", "--corpora", "bc5cdr")
    code, out, err = run("vocabulary", "extend", encoder, texts, "-o", tmp_path / "wide", *options)
    if "BIOGLOSS_DATA" in err:
        pytest.skip("the corpora are not here; name their folder in BIOGLOSS_DATA")
    assert code == 0
    assert "2 rows added, 1 of them for your own terms" in out
    assert "held-out text" in out
    assert "bc5cdr Chemical" in out
    again, _, err = run("vocabulary", "extend", encoder, texts, "-o", tmp_path / "wide", *options)
    assert (again, "exists already" in err) == (2, True)
