"""The share of the machine's peak: what is counted, and how it is shown."""

import io
import json

import pytest

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.training import effort, learner  # noqa: E402
from biogloss.training.freezing import freeze  # noqa: E402
from biogloss.training.log import RunLog  # noqa: E402

LAYERS, WIDTH, INNER, VOCABULARY, LENGTH, RATE = 2, 8, 32, 50, 16, 0.25
LAYER = 4 * WIDTH**2 + 2 * WIDTH * INNER
ATTENTION = 2 * LAYERS * WIDTH * LENGTH
HEAD = WIDTH**2 + WIDTH * VOCABULARY


@pytest.fixture
def model():
    config = transformers.BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=INNER,
    )
    return learner.Learner(transformers.BertForMaskedLM(config))


def operations(model):
    return effort.operations(model, length=LENGTH, mask_rate=RATE)


def test_all_that_learns_counts_three_forward_passes(model):
    assert operations(model) == pytest.approx(6 * (LAYERS * LAYER + ATTENTION + RATE * HEAD))


def test_frozen_layers_count_forward_alone(model):
    freeze(model, 1)
    encoder = (2 + 4 / 2) * (LAYERS * LAYER + ATTENTION)
    assert operations(model) == pytest.approx(encoder + RATE * (6 * WIDTH**2 + 4 * WIDTH * VOCABULARY))


def test_a_frozen_encoder_counts_forward_alone(model):
    learner.frozen(model)
    head = RATE * (6 * WIDTH**2 + 4 * WIDTH * VOCABULARY)
    assert operations(model) == pytest.approx(2 * (LAYERS * LAYER + ATTENTION) + head)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_peak_is_a_speed(monkeypatch, precision):
    monkeypatch.setattr(effort, "ROWS", 8)
    monkeypatch.setattr(effort, "SECONDS", 0.0)
    assert 0 < effort.peak(precision) < float("inf")


def shown(tmp_path, monkeypatch, *, peak):
    stream, path = io.StringIO(), tmp_path / "log.jsonl"
    log = RunLog(path, 1000, stream, peak=peak)
    monkeypatch.setattr(RunLog, "seconds", 40.0)
    log.step(1, 2.0, 100, 100, operations=400.0)
    log.close()
    return stream.getvalue(), json.loads(path.read_text(encoding="utf-8"))


def test_the_log_shows_the_share_of_the_peak(tmp_path, monkeypatch):
    line, record = shown(tmp_path, monkeypatch, peak=25.0)
    assert "2 pieces/s  40 % of peak" in line
    assert record["peak_share"] == 0.4


def test_without_a_peak_the_log_shows_none(tmp_path, monkeypatch):
    line, record = shown(tmp_path, monkeypatch, peak=0.0)
    assert "peak" not in line
    assert "peak_share" not in record
