"""From file to file: one record a document, nothing half-written, and a killed run goes on to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biogloss.errors import ConfigError, Failure, OutputError
from biogloss.formats import jsonl
from biogloss.pipeline import files, gloss
from biogloss.pipeline.files import Job, annotate_files
from biogloss.pipeline.steps.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from biogloss.documents import Document

COUNT = 700  # more than two chunks
SENTENCE = "Metformin lowers glucose in type 2 diabetes, and BRCA1 V600E was seen in mice {number}."


def corpus(path: Path, count: int) -> Path:
    """A file of ``count`` PubTator records."""
    records = (
        f"{number}|t|Title {number}\n{number}|a|{SENTENCE.format(number=number)}\n" for number in range(1, count + 1)
    )
    path.write_text("\n".join(records), encoding="utf-8")
    return path


def interrupting(after: int):
    """A step that dies after so many documents, as Ctrl-C would."""
    seen = 0

    def step(document: Document) -> Document:
        nonlocal seen
        seen += 1
        if seen > after:
            raise KeyboardInterrupt
        return document

    return step


def unchanged(document: Document) -> Document:
    return document


def without_short_forms(document: Document) -> Document:
    """What a model says that leaves the short forms to the step of abbreviations."""
    return document.with_entities([entity for entity in document.entities if len(entity.text) > 3])


def failing_on(number: str):
    def step(document: Document) -> Document:
        if document.id == number:
            raise RuntimeError("no such luck")
        return document

    return step


def test_each_document_becomes_one_record(tmp_path):
    source = corpus(tmp_path / "in.pubtator", COUNT)
    summary = annotate_files(Job((source,), tmp_path / "out.jsonl"), [unchanged])
    read = list(jsonl.read(tmp_path / "out.jsonl"))
    assert [document.id for document in read] == [str(number) for number in range(1, COUNT + 1)]
    assert summary.documents == COUNT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pubtator", "out.jsonl"]


@pytest.mark.parametrize("write_as", ["jsonl", "pubtator"])
@pytest.mark.parametrize("after", [0, 1, 300, COUNT - 1])
def test_an_interrupted_run_goes_on_to_the_same_bytes(tmp_path, monkeypatch, write_as, after):
    monkeypatch.setattr(files, "SECONDS_BETWEEN_COMMITS", -1.0)
    source = corpus(tmp_path / "in.pubtator", COUNT)
    whole = Job((source,), tmp_path / "whole", write_as=write_as)
    parts = Job((source,), tmp_path / "parts", write_as=write_as)
    annotate_files(whole, [unchanged])
    with pytest.raises(KeyboardInterrupt):
        annotate_files(parts, [interrupting(after)])
    assert not (tmp_path / "parts").exists()
    annotate_files(replace(parts, resume=True), [unchanged])
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_half_written_record_is_cut_off_on_resuming(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SECONDS_BETWEEN_COMMITS", -1.0)
    source = corpus(tmp_path / "in.pubtator", COUNT)
    annotate_files(Job((source,), tmp_path / "whole"), [unchanged])
    with pytest.raises(KeyboardInterrupt):
        annotate_files(Job((source,), tmp_path / "out"), [interrupting(600)])
    with (tmp_path / "out.part").open("a", encoding="utf-8") as stream:
        stream.write('{"biogloss":1,"id":"601","te')
    assert json.loads((tmp_path / "out.progress").read_text(encoding="utf-8"))["position"]["documents"] > 0
    annotate_files(Job((source,), tmp_path / "out", resume=True), [unchanged])
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


def test_resuming_with_other_settings_is_refused_by_their_name(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SECONDS_BETWEEN_COMMITS", -1.0)
    source = corpus(tmp_path / "in.pubtator", COUNT)
    with pytest.raises(KeyboardInterrupt):
        annotate_files(Job((source,), tmp_path / "out", settings={"model": "a"}), [interrupting(600)])
    with pytest.raises(ConfigError, match="model"):
        annotate_files(Job((source,), tmp_path / "out", settings={"model": "b"}, resume=True), [unchanged])


def test_an_existing_output_is_never_overwritten_unasked(tmp_path):
    source = corpus(tmp_path / "in.pubtator", 3)
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="--force"):
        annotate_files(Job((source,), tmp_path / "out"), [unchanged])
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_a_failed_document_is_noted_and_the_rest_goes_on(tmp_path):
    source = corpus(tmp_path / "in.pubtator", 5)
    summary = annotate_files(Job((source,), tmp_path / "out"), [failing_on("3")])
    assert [document.id for document in jsonl.read(tmp_path / "out")] == ["1", "2", "4", "5"]
    (line,) = (tmp_path / "out.failures.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["id"] == "3"
    assert summary.failed == 1
    assert isinstance(summary.failures[0], Failure)


def test_annotations_of_the_input_are_left_out_unless_asked_for(tmp_path):
    source = tmp_path / "in.pubtator"
    source.write_text("7|t|Gout\n7|a|hurts.\n7\t0\t4\tGout\tDisease\tMESH:D006073\n", encoding="utf-8")
    annotate_files(Job((source,), tmp_path / "bare"), [unchanged])
    annotate_files(Job((source,), tmp_path / "kept", keep=True), [unchanged])
    assert not next(iter(jsonl.read(tmp_path / "bare"))).entities
    assert next(iter(jsonl.read(tmp_path / "kept"))).entities[0].text == "Gout"


def test_what_was_annotated_before_is_annotated_the_same_again(tmp_path):
    source = tmp_path / "in.txt"
    text = "Rheumatoid arthritis (RA) hurts, but no gout. RA was treated with methotrexate (MTX); MTX helps."
    source.write_text(text, encoding="utf-8")
    steps = list(gloss.load(link=False).steps)
    steps.insert(1 + next(place for place, step in enumerate(steps) if isinstance(step, Model)), without_short_forms)
    annotate_files(Job((source,), tmp_path / "once"), steps)
    annotate_files(Job((tmp_path / "once",), tmp_path / "twice"), steps)
    assert (tmp_path / "twice").read_bytes() == (tmp_path / "once").read_bytes()
    assert '"source":"abbreviations"' in (tmp_path / "once").read_text(encoding="utf-8")


@pytest.mark.parametrize("write_as", ["jsonl", "bioc-xml", "brat"])
def test_a_second_run_into_an_output_is_refused_until_the_first_is_gone(tmp_path, write_as):
    source = corpus(tmp_path / "in.pubtator", 3)
    job = Job((source,), tmp_path / "out", write_as=write_as)
    refused = []

    def meddling(document):
        for changes in ({}, {"force": True}, {"resume": True}):
            with pytest.raises(OutputError, match=r"another run is writing into .*out; wait for its end") as raised:
                annotate_files(replace(job, **changes), [unchanged])
            refused.append(raised)
        return document

    assert annotate_files(job, [meddling]).failures == ()
    assert len(refused) == 9
    annotate_files(replace(job, output=tmp_path / "alone"), [unchanged])
    assert contents(tmp_path / "out") == contents(tmp_path / "alone")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone", "in.pubtator", "out"]


def contents(path):
    return {one.name: one.read_bytes() for one in path.iterdir()} if path.is_dir() else path.read_bytes()


def test_a_run_that_is_stopped_holds_its_output_and_one_that_is_killed_does_not(tmp_path):
    """The real program, stopped while it writes: others are refused and lose it nothing; killed, another goes on."""
    source = corpus(tmp_path / "in.pubtator", 3_000)
    out, whole = tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    command = [sys.executable, "-m", "biogloss", "annotate", str(source), "--types", "Variant", "--no-link", "-o"]
    first = subprocess.Popen([*command, str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while first.poll() is None and not _size(out):
        time.sleep(0.001)
    first.send_signal(signal.SIGSTOP)
    assert not out.exists()
    before = _size(out)
    for more in ("--force", "--resume"):
        second = subprocess.run([*command, str(out), more], capture_output=True, text=True, check=False)
        assert (second.returncode, "another run is writing into" in second.stderr) == (2, True)
    assert _size(out) == before
    first.kill()
    first.wait()
    for target in (out, whole):
        subprocess.run([*command, str(target), "--resume"], check=True, capture_output=True)
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.pubtator", "out.jsonl", "whole.jsonl"]


@pytest.mark.slow
@pytest.mark.parametrize("write_as", ["jsonl", "pubtator"])
def test_a_killed_process_resumes_to_the_same_bytes(tmp_path, write_as):
    """The real program, killed without warning at growing ages until it gets to the end."""
    source = corpus(tmp_path / "in.pubtator", 3_000)
    command = [sys.executable, "-m", "biogloss", "annotate", str(source), "--to", write_as, "--resume", "-o"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    subprocess.run([*command, str(whole)], check=True, capture_output=True)
    kills = 0
    while not parts.exists():
        process = subprocess.Popen([*command, str(parts)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        size = _size(parts)
        while process.poll() is None and _size(parts) <= size + 2_000 * kills:
            time.sleep(0.01)  # until the file has grown: the kill must fall into the work, not the start
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL if kills % 2 else signal.SIGINT)
            kills += 1
        process.wait()
    assert kills > 1
    assert parts.read_bytes() == whole.read_bytes()


def _size(path: Path) -> int:
    part = path.with_name(path.name + ".part")
    return part.stat().st_size if part.exists() else 0
