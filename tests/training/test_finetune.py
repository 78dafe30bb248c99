"""A resumed run is the uninterrupted one bit for bit; a run keeps its best weights and stops when it should."""

import json
import os
import re
from dataclasses import replace

import pytest

from biogloss.errors import ConfigError, ModelError, TrainingError
from biogloss.evaluation.agreement import GRID
from biogloss.models import folder as folders
from tiny import LABELS, eight, labelled, recipe, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from safetensors.torch import load_file  # noqa: E402

from biogloss.training import finetune as training  # noqa: E402
from biogloss.training.development import Development  # noqa: E402
from biogloss.training.finetune import CHECKPOINT, finetune, schedule  # noqa: E402

OTHER = [
    labelled(11, "The patients with gout and pain.", {"gout": "Disease"}),
    labelled(12, "Fever lowers aspirin.", {"aspirin": "Chemical", "Fever": "Disease"}),
]


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    train = write_jsonl(tmp_path / "train.jsonl", eight())
    return recipe(tiny_encoder, train, write_jsonl(tmp_path / "dev.jsonl", OTHER), budget_pieces=32, epochs=3)


def events(run, kind):
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == kind]


def assert_the_same_state(one, other):
    ours, theirs = load_file(one / CHECKPOINT), load_file(other / CHECKPOINT)
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name
    for name in ("model.safetensors", "head.safetensors", "config.json", "tokenizer.json", "README.md"):
        assert (one / "model" / name).read_bytes() == (other / "model" / name).read_bytes(), name


@pytest.mark.parametrize("stops", [(1, 4), (3,), (2, 2, 2, 2)])
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(chosen, tmp_path, stops):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    finetune(chosen, whole)
    for number, stop in enumerate(stops):
        finetune(chosen, parts, stop_after=stop)
        torch.manual_seed(number)  # what else happens in between is of no account
        torch.rand(7)
    finetune(chosen, parts)
    assert len(events(parts, "resumed")) == len(stops)
    assert_the_same_state(whole, parts)
    assert [(e["epoch"], e["f1"]) for e in events(parts, "evaluated")] == [
        (e["epoch"], e["f1"]) for e in events(whole, "evaluated")
    ]


def test_a_finished_run_stays_as_it_is(chosen, tmp_path):
    run = tmp_path / "run"
    model = finetune(chosen, run)
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    assert finetune(chosen, run) == model
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before


def test_the_model_folder_is_whole_and_says_what_it_is(chosen, tmp_path):
    model = finetune(replace(chosen, name="mine-1"), tmp_path / "run")
    settings = folders.settings(model)
    assert (settings.kind, settings.name) == (folders.TRAINABLE, "mine-1")
    assert [(head.name, head.task, head.labels) for head in settings.heads] == [("ner", "ner", LABELS)]
    assert (settings.max_pieces, settings.overlap) == (30, 8)


def test_thresholds_of_the_recipe_are_taken_as_they_stand_and_the_others_are_tuned(chosen, tmp_path):
    finetune(replace(chosen, thresholds={"Disease": 0.123}), tmp_path / "run")
    found = folders.settings(tmp_path / "run" / "model").head("ner").options["thresholds"]
    assert found["Disease"] == 0.123
    assert found["Chemical"] in GRID


def test_a_run_folder_of_another_recipe_is_refused_by_name(chosen, tmp_path):
    finetune(chosen, tmp_path / "run", stop_after=1)
    with pytest.raises(ConfigError, match=r"run: holds a run with other learning_rate, seed; name another folder"):
        finetune(replace(chosen, seed=2, learning_rate=1e-4), tmp_path / "run")


def test_a_recipe_that_failed_before_its_first_checkpoint_can_be_corrected(chosen, tmp_path):
    (tmp_path / "wrong").mkdir()
    with pytest.raises(ModelError, match=r"wrong.tokenizer\.json"):
        finetune(replace(chosen, encoder=str(tmp_path / "wrong")), tmp_path / "run")
    finetune(chosen, tmp_path / "run", stop_after=1)
    recorded = json.loads((tmp_path / "run" / "recipe.json").read_text(encoding="utf-8"))
    assert recorded["recipe"]["encoder"] == chosen.encoder


def test_a_damaged_checkpoint_says_what_to_do(chosen, tmp_path):
    run = tmp_path / "run"
    finetune(chosen, run, stop_after=1)
    whole = (run / CHECKPOINT).read_bytes()
    os.truncate(run / CHECKPOINT, len(whole) // 2)
    with pytest.raises(ModelError, match=r"damaged .*; delete it to start again"):
        finetune(chosen, run)
    (run / CHECKPOINT).write_bytes(whole)
    finetune(chosen, run, stop_after=1)


def test_a_checkpoint_of_another_model_is_refused(chosen, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    finetune(chosen, one, stop_after=1)
    finetune(replace(chosen, lora_rank=2), other, stop_after=1)
    (one / CHECKPOINT).write_bytes((other / CHECKPOINT).read_bytes())
    with pytest.raises(ModelError, match="a checkpoint of another model"):
        finetune(chosen, one)


@pytest.mark.parametrize("change", [{"max_pieces": 127}, {"cuts": (16, 127)}])
def test_windows_longer_than_the_encoder_reads_are_refused(chosen, tmp_path, change):
    ((key, value),) = change.items()
    with pytest.raises(ConfigError, match=rf"{key} = {re.escape(str(value))}, but .* reads at most 126 pieces at once"):
        finetune(replace(chosen, **change), tmp_path / "run")
    finetune(replace(chosen, max_pieces=126, cuts=(126,)), tmp_path / "run", stop_after=1)


def test_a_loss_that_is_no_number_ends_the_run_and_leaves_its_checkpoint(chosen, tmp_path):
    run = tmp_path / "run"
    wild = replace(chosen, learning_rate=1e30, warmup=0.0, checkpoint_minutes=0.0, epochs=20)
    with pytest.raises(TrainingError, match=r"no number at step [1-9]\d*; lower learning_rate or clip_norm, or set"):
        finetune(wild, run)
    assert all(tensor.isfinite().all() for tensor in load_file(run / CHECKPOINT).values())
    with pytest.raises(TrainingError, match="no number at step"):
        finetune(wild, run)


def test_a_run_stops_when_patience_is_over_and_keeps_its_best_weights(chosen, tmp_path, monkeypatch):
    rows = iter([0.2, 0.5, 0.4, 0.5, 0.9])
    monkeypatch.setattr(training, "development", lambda *_: Development({"files/Disease": next(rows)}, {}))
    model = finetune(replace(chosen, epochs=10, patience=2), tmp_path / "run")
    assert [event["mean"] for event in events(tmp_path / "run", "evaluated")] == [20.0, 50.0, 40.0, 50.0]
    assert '"files/Disease": 50.0' in (model / "README.md").read_text(encoding="utf-8")


def test_evaluation_comes_every_so_many_epochs_and_at_the_end(chosen, tmp_path):
    finetune(replace(chosen, epochs=5, evaluate_every=2), tmp_path / "run")
    assert [event["epoch"] for event in events(tmp_path / "run", "evaluated")] == [2, 4, 5]


def test_the_rate_warms_up_and_decays_to_nothing():
    rates = [schedule(step / 100, 0.1) for step in range(101)]
    assert rates[0] == 0.0
    assert max(rates) == rates[10] == 1.0
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == 0.0
    assert schedule(0.0, 0.0) == 1.0


def test_scoring_in_training_and_annotating_find_the_same(tiny_model, tiny_float32, tiny_tokenizer):
    from biogloss.models.encoder import restore  # noqa: PLC0415
    from biogloss.pipeline.steps import model as neural  # noqa: PLC0415
    from biogloss.tasks.ner import Ner  # noqa: PLC0415
    from biogloss.training import predict  # noqa: PLC0415

    task = Ner(LABELS, max_pieces=30, overlap=8)
    model = restore(tiny_model, {"ner": task.head})
    documents = [labelled(1, " ".join(document.text for document in eight() * 3), {}), *OTHER, *eight()]

    def found(annotated):
        return [[(e.start, e.end, e.label) for e in document.entities] for document in annotated]

    in_training = predict.annotate(documents, model, task, tiny_tokenizer, head="ner")
    assert found(in_training) == found(neural.step(tiny_float32).many(documents))


def test_a_last_step_that_leads_to_no_number_is_refused_and_leaves_no_model(chosen, tmp_path):
    wild = replace(chosen, epochs=1, learning_rate=1e30, warmup=0.0, budget_pieces=100_000, clip_norm=1e30)
    with pytest.raises(TrainingError, match=r"no number at step 1; lower learning_rate .* another folder$"):
        finetune(wild, tmp_path / "run")
    assert not (tmp_path / "run" / "model").exists()
    assert events(tmp_path / "run", "failed")
