"""The walk-through of `examples` runs as it stands, and shows what it says it shows."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
from serving import running

EXAMPLES = Path(__file__).parents[1] / "examples"
BLOCKS = re.findall(
    r"^```(sh|python|text)\n(.*?)^```", (EXAMPLES / "walkthrough.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)


def run(command):
    """What a command of the walk-through prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def look(arguments, paper):
    """Start the service, and look at its pages as step 3 does."""
    with running(*arguments) as server, server.client() as client:
        assert "/web/explore" in client.get("/explore?q=dopamine").text
        assert "Drosophila" in client.get("/web/explore?q=dopamine").text
        sent = client.post("/v1/jobs", content=paper.read_bytes(), headers={"content-type": "application/octet-stream"})
        job = sent.json()["id"]
        client.get(f"/v1/jobs/{job}/events")  # until it is done
        found = client.get(f"/web/job?job={job}&key=Chemical%7CMESH%3AD004298").text
        assert "modulates acute responses" in re.sub(r"<[^>]+>", "", found)
        assert "<rect" in found


def test_every_step_runs_and_shows_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    papers = tmp_path / "papers"
    papers.mkdir()
    shutil.copy(EXAMPLES / "pubmed_sample.xml", papers)
    printed = ""
    for language, block in BLOCKS:
        if language == "text":
            assert [line for line in block.splitlines() if line not in printed] == []
            printed = ""
        elif language == "python":
            printed += run([sys.executable, "-c", block])
        else:
            for program, *arguments in map(shlex.split, block.splitlines()):
                assert program == "biogloss"
                if arguments[0] == "serve":
                    look(arguments[1:], *papers.iterdir())
                else:
                    printed += run([sys.executable, "-m", "biogloss", *arguments])


def test_the_steps_are_all_there():
    commands = [line.split()[1] for language, block in BLOCKS if language == "sh" for line in block.splitlines()]
    assert commands == ["annotate", "graph", "graph", "serve"]
