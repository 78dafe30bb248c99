"""The commands on encoders as a user meets them: models, vocabulary, fill-mask, embed and features."""

import json
from pathlib import Path

import numpy as np
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


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    """An untrained masked language model."""
    transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")
    folder = build_encoder(tmp_path_factory.mktemp("masked"))
    config = transformers.BertConfig.from_pretrained(folder)
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    return folder


def test_masks_are_filled(run, masked):
    code, out, _ = run("fill-mask", "Gout [MASK] pain.", "α [MASK] [MASK]", "--model", masked, "--top", 3)
    assert code == 0
    assert out.count("probability") == 3
    assert "mask 2 of 2" in out
    code, out, _ = run("fill-mask", "Gout [MASK] pain.", "α [MASK] [MASK]", "--model", masked, "--top", 3, "--json")
    first, second = json.loads(out)
    assert (first["text"], len(first["masks"]), len(second["masks"])) == ("Gout [MASK] pain.", 1, 2)
    for fill in first["masks"][0]:
        assert (fill["start"], fill["end"], fill["text"][-6:]) == (5, 11, " pain.")


def test_the_encoder_of_the_weights_fills_in_a_word_of_its_field(run):
    pytest.importorskip("biogloss_weights", reason="biogloss-weights is not installed")
    code, out, _ = run("fill-mask", "Hypertension is high blood [MASK].", "--top", 1)
    assert (code, "Hypertension is high blood pressure." in out) == (0, True)


def test_what_cannot_be_filled_is_a_message_and_code_2(run, masked, tmp_path):
    code, _, err = run("fill-mask", "Gout hurts.", "-m", masked)
    assert (code, "no [MASK] in 'Gout hurts.'" in err) == (2, True)
    code, _, err = run("fill-mask", "Gout [MASK].", "-m", build_encoder(tmp_path / "encoder"))
    assert (code, "no masked-word head in it" in err) == (2, True)


def test_documents_become_vectors_and_states_by_any_encoder(run, masked, tmp_path):
    documents = [Document("b", "Gout hurts."), Document("a", "Fever and pain in patients.")]
    texts = write_jsonl(tmp_path / "two.jsonl", documents)
    assert run("embed", texts, "-o", tmp_path / "v.npz", "-m", masked)[0] == 0
    assert run("embed", texts, "-o", tmp_path / "v0.npz", "-m", masked, "--layer", 0)[0] == 0
    code, out, _ = run("features", texts, "-o", tmp_path / "s.npz", "-m", masked)
    assert (code, "the states of 2 documents" in out) == (0, True)
    vectors, of_embeddings = (np.load(tmp_path / name)["vectors"] for name in ("v.npz", "v0.npz"))
    with np.load(tmp_path / "s.npz") as found:
        assert found["ids"].tolist() == ["b", "a"]
        assert found["states_0"].shape == (3, 3, 64)
        for number in range(2):
            words = zip(found[f"starts_{number}"], found[f"ends_{number}"], strict=True)
            assert "".join(documents[number].text[s:e] for s, e in words) == documents[number].text.replace(" ", "")
            for layer, rows in ((-1, vectors), (0, of_embeddings)):
                mean = found[f"states_{number}"][layer].mean(axis=0)
                assert rows[number] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_states_are_not_written_over_and_leave_no_part_behind(run, masked, tmp_path):
    texts = write_jsonl(tmp_path / "one.jsonl", [Document("1", "Gout.")])
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": broken\n', encoding="utf-8")
    code, _, _ = run("features", texts, bad, "-o", tmp_path / "s.npz", "-m", masked)
    assert (code, sorted(path.name for path in tmp_path.iterdir())) == (2, ["bad.jsonl", "one.jsonl"])
    assert run("features", texts, "-o", tmp_path / "s.npz", "-m", masked)[0] == 0
    code, _, err = run("features", texts, "-o", tmp_path / "s.npz", "-m", masked)
    assert (code, "exists already; --force" in err) == (2, True)
    assert run("features", texts, "-o", tmp_path / "s.npz", "-m", masked, "--force")[0] == 0


def test_the_model_inside_has_no_layers_but_the_last(run, texts, tmp_path):
    code, _, err = run("embed", texts, "-o", tmp_path / "v.npz", "--layer", 1)
    assert (code, "gives the states of its last layer only" in err) == (2, True)
