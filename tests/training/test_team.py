"""Two processes, started as the README says, take the steps that one process takes."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pretraining import build_corpus, pretrain_recipe, steps, write_toml

from tiny import cached

pytest.importorskip("torch", reason="the extra `train` is not installed")

from biogloss.training.pretrain import pretrain

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def recipe(tmp_path_factory, tiny_encoder):
    corpus = cached("corpus", tmp_path_factory, lambda folder: build_corpus(folder, tiny_encoder / "tokenizer.json"))
    return pretrain_recipe(corpus, encoder=str(tiny_encoder), dropout=0.0)


def command(recipe, run):
    """The command of the README with this recipe and run."""
    line = re.search(r"^torchrun .*?(?=\s+#)", README.read_text(encoding="utf-8"), re.MULTILINE).group()
    words = [{"my-encoder.toml": str(recipe), "runs/encoder": str(run)}.get(word, word) for word in shlex.split(line)]
    return [sys.executable, "-m", "torch.distributed.run", *words[1:], "--probe", "none"]


def test_two_processes_take_the_steps_of_one(recipe, tmp_path):
    pretrain(recipe, tmp_path / "one")
    path = write_toml(tmp_path / "recipe.toml", recipe)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(command(path, tmp_path / "two"), check=True, env=environment, capture_output=True, timeout=300)
    one, two = steps(tmp_path / "one"), steps(tmp_path / "two")
    assert [record["step"] for record in one] == [record["step"] for record in two]
    losses = [[record["loss"] for record in found if "loss" in record] for found in (one, two)]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
