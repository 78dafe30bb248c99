"""What TensorBoard reads back is what steps.jsonl says."""

import sys

import pytest

from biogloss.errors import MissingExtra

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

from biogloss.training.scalars import Scalars  # noqa: E402
from biogloss.training.steps import Steps  # noqa: E402


def trained(step, loss):
    return {"stage": "encoder", "step": step, "rate": 1e-3, "norm": 1.0, "loss": loss}


def read(folder):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder)).Reload()
    tags = events.Tags()["scalars"]
    return {tag: [(event.step, round(event.value, 4)) for event in events.Scalars(tag)] for tag in tags}


def test_tensorboard_reads_the_steps_that_stand_and_none_that_were_undone(tmp_path):
    pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed")
    record = Steps(tmp_path / "steps.jsonl")
    record.write(trained(1, 3.0))
    kept = record.size()
    record.mirror(Scalars(tmp_path / "tensorboard"))
    record.write(trained(2, 99.0))
    record.cut(kept)
    record.write({"stage": "encoder", "rolled_back": 1, "from_step": 2, "to_step": 1, "loss": 99.0})
    record.write(trained(2, 2.5))
    record.write({"stage": "encoder", "step": 2, "held_out": 4.5})
    record.close()
    found = read(tmp_path / "tensorboard")
    assert set(found) == {"encoder/loss", "encoder/held_out", "encoder/norm", "encoder/rate"}
    assert found["encoder/loss"] == [(1, 3.0), (2, 2.5)]
    assert found["encoder/held_out"] == [(2, 4.5)]


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtra, match=r"tensorboard: pip install 'biogloss\[tensorboard\]'"):
        Scalars(tmp_path)
