"""The tutorial runs as it stands, from its first block to its last, and ends with the right entities."""

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from biogloss.apps import cli

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

TUTORIAL = (Path(__file__).parents[1] / "docs" / "tutorial" / "your-own-encoder.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL)


def run(language, code):
    if language == "python":
        exec(compile(code, "your-own-encoder.md", "exec"), {})
    elif language == "toml":
        Path(code.splitlines()[0].removeprefix("# ")).write_text(code, encoding="utf-8")
    else:
        for line in code.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            assert program == "biogloss"
            result = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
            assert result.exit_code == 0, (line, result.output)


def test_every_block_runs_and_the_model_finds_what_it_was_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    for language, code in BLOCKS:
        run(language, code)
    torch.set_num_threads(threads)
    with Path("new.csv").open(encoding="utf-8", newline="") as file:
        found = {(row["text"], row["label"]) for row in csv.DictReader(file)}
    assert {("migraine", "Disease"), ("ibuprofen", "Chemical")} <= found
    nats = json.loads(Path("runs/second/probe/probe.json").read_text(encoding="utf-8"))[0]
    assert nats["after"] < nats["before"]


def test_the_steps_are_all_there():
    commands = re.findall(r"^biogloss (\S+)", TUTORIAL, re.MULTILINE)
    assert {"vocabulary", "corpora", "pretrain", "probe", "finetune", "annotate"} <= set(commands)
