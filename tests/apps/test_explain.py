"""``biogloss explain`` and ``fairness`` as a user meets them."""

import json

import pytest

from biogloss.documents import Document
from tiny import eight, tiny_encoder, tiny_inference, tiny_model, write_jsonl  # noqa: F401 - fixtures

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def notes(tmp_path):
    return write_jsonl(tmp_path / "notes.jsonl", [Document("n1", "Aspirin treats gout."), Document("n2", "The type.")])


@pytest.fixture
def train(tmp_path):
    return write_jsonl(tmp_path / "train.jsonl", eight())


def test_the_terminal_shows_words_with_signed_bars_and_how_faithful_they_are(run, tiny_model, notes, train):  # noqa: F811
    code, out, _ = run("explain", tiny_model, notes, "--train", train, "--orders", 6)
    assert code == 0
    assert "n1 T1: Chemical “Aspirin”" in out
    assert "n1 T2: Disease “gout”" in out
    assert "n2: nothing is predicted" in out
    assert out.count("random orders") == 2
    assert "completeness error" in out
    assert "│" in out
    assert "[colchicine]" in out or "[Metformin]" in out or "[秋水仙碱]" in out or "[Aspirin]" in out


def test_a_page_is_written_and_not_over_another(run, tiny_model, notes, tmp_path):  # noqa: F811
    page = tmp_path / "why.html"
    arguments = ("explain", tiny_model, notes, "-o", page, "--orders", 2, "--method", "gradients,attention")
    code, out, _ = run(*arguments)
    assert (code, "4 explanations of what tiny-1 says of 2 documents" in out) == (0, True)
    assert page.read_text(encoding="utf-8").count('<section class="why">') == 4
    code, _, err = run(*arguments)
    assert (code, "exists already" in err) == (2, True)


def test_one_item_is_explained(run, tiny_model, notes):  # noqa: F811
    code, out, _ = run("explain", tiny_model, notes, "--item", "T2", "--task", "ner", "--orders", 0)
    assert (code, "n1 T2" in out, "n1 T1" in out) == (0, True, False)
    _, out, _ = run("explain", tiny_model, notes, "--most", 1, "--orders", 0)
    assert "n1: 1 more predictions are not explained" in out


def test_bad_input_is_refused_by_its_words(run, tiny_model, tiny_inference, notes, tmp_path):  # noqa: F811
    def refused(*arguments):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert not (tmp_path / "o.html").exists()
        return err

    output = ("-o", tmp_path / "o.html")
    assert "give the trainable folder" in refused("explain", tiny_inference, notes, *output)
    assert "give the trainable folder" in refused("explain", "biogloss-en", notes, *output)
    assert "no such model folder" in refused("explain", tmp_path / "absent", notes, *output)
    assert "no head of the task roles; it has: ner" in refused("explain", tiny_model, notes, "--task", "roles", *output)
    assert "says T1 (Chemical) of n1; T2 (Disease) of n1" in refused("explain", tiny_model, notes, "--item", "T9")
    assert "method 'lime' cannot be" in refused("explain", tiny_model, notes, "--method", "lime", *output)
    (tmp_path / "empty.txt").touch()
    assert "empty" in refused("explain", tiny_model, tmp_path / "empty.txt", *output)
    assert "empty" in refused("fairness", tiny_inference, tmp_path / "empty.txt")
    assert "biogloss export" in refused("fairness", tiny_model, notes)
    assert "no attribute 'height'" in refused("fairness", tiny_inference, notes, "--attributes", "height")
    assert "no such file" in refused("fairness", tiny_inference, notes, "--swaps", tmp_path / "absent.toml")


def test_fairness_prints_tables_or_json_and_can_fail_a_pipeline(run, tiny_inference, tmp_path):  # noqa: F811
    texts = ["The woman with gout takes aspirin.", "A 45-year-old man has cancer and pain.", "Gout hurts."]
    notes = write_jsonl(tmp_path / "notes.jsonl", [Document(str(at), text) for at, text in enumerate(texts)])
    code, out, _ = run("fairness", tiny_inference, notes)
    assert (code, "bound are those" in out, "sex: female to male" in out) == (0, True, True)
    code, out, _ = run("fairness", tiny_inference, notes, "--json", "--threshold", 0)
    found = json.loads(out)
    assert (code, found["documents"], found["model"]) == (0, 3, str(tiny_inference))
    assert {row["attribute"] for row in found["swaps"]} == {"sex", "age"}
    worst = max(row["rate"] for row in found["swaps"])
    limits = ("--threshold", 0, "--fail-above")
    assert run("fairness", tiny_inference, notes, *limits, 1.0)[0] == 0
    code, _, err = run("fairness", tiny_inference, notes, *limits, max(0.0, worst - 0.01))
    assert (code, "of the predictions change" in err) == ((3, True) if worst else (0, False))


def test_the_embedded_model_is_checked_without_torch(run, tmp_path):
    notes = write_jsonl(tmp_path / "notes.jsonl", [Document("1", "She has gout."), Document("2", "Gout hurts.")])
    code, out, _ = run("fairness", "biogloss-en", notes, "--json")
    assert (code, json.loads(out)["coverage"][0]["sentences_without"]) == (0, 1)
