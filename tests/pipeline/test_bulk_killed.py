"""The program that makes shards, and its processes, killed, stopped or out of disk: no document is lost or doubled."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time

import psutil
import pytest

from bulk_runs import gouts, ids, manifest, shards, written

OPTIONS = ("--types", "Variant", "--no-link")
SECONDS = 300  # until a test gives up waiting


def command(source, out, *more):
    start = [sys.executable, "-m", "biogloss", "annotate", str(source), "-o", f"{out}/", "--resume", *OPTIONS]
    return [*start, "--shard-documents", "20", *more]


def steps_done(out):
    try:
        return len(list((out / "_run" / "shards").rglob("*.json")))
    except FileNotFoundError:  # not yet there, or gone at the end
        return 0


def until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what is waited for does not come"
        time.sleep(0.002)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Files, and the shards of a run over them that nothing disturbed."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    for name in ("a.jsonl", "b.jsonl.gz"):
        written(folder / "in", gouts(3000), name)
    subprocess.run(command(folder / "in", folder / "out"), check=True, capture_output=True)
    assert len(ids(folder / "out")) == 6000
    return folder / "in", shards(folder / "out")


def kill_drivers(source, out, kills, *more):
    """Run until it is done, killing the program ``kills`` times after random progress; how often it was alive."""
    chance, done = random.Random(kills), 0
    while not (out / "_run" / "manifest.json").exists() or not manifest(out)["complete"]:
        said = out.with_suffix(".log").open("w+", encoding="utf-8")
        process = subprocess.Popen(command(source, out, *more), stdout=subprocess.DEVNULL, stderr=said)
        goal = steps_done(out) + chance.randrange(8) if done < kills else 10**6
        until(lambda: process.poll() is not None or steps_done(out) > goal)  # noqa: B023 - called at once
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            done += 1
        assert process.wait() in (0, -signal.SIGKILL), said.seek(0) or said.read()
        said.close()
    return done


def kill_workers(source, out, kills):
    """One run, whose processes are killed ``kills`` times after random progress."""
    chance, done = random.Random(kills), 0
    said = out.with_suffix(".log").open("w+", encoding="utf-8")
    process = psutil.Popen(command(source, out, "--workers", "2"), stdout=subprocess.DEVNULL, stderr=said)
    while done < kills:
        goal = steps_done(out) + chance.randrange(8)
        until(lambda: process.poll() is not None or steps_done(out) > goal)  # noqa: B023 - called at once
        if process.poll() is not None:
            break
        for worker in chance.sample(found := process.children(), min(1, len(found))):
            worker.kill()
            done += 1
    assert process.wait(timeout=SECONDS) == 0, said.seek(0) or said.read()
    said.close()
    return done


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_a_killed_run_goes_on_to_the_same_shards(tmp_path, uninterrupted, kills):
    source, whole = uninterrupted
    assert kill_drivers(source, tmp_path / "out", kills) == kills
    assert shards(tmp_path / "out") == whole
    assert sum(shard["documents"] for shard in manifest(tmp_path / "out")["shards"]) == 6000


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_processes_are_replaced_and_nothing_is_lost(tmp_path, uninterrupted, kills):
    source, whole = uninterrupted
    assert kill_workers(source, tmp_path / "out", kills) == kills
    assert shards(tmp_path / "out") == whole
    assert manifest(tmp_path / "out")["failures"] == 0


def test_no_process_outlives_the_run_that_started_it(tmp_path, uninterrupted):
    process = psutil.Popen(command(uninterrupted[0], tmp_path / "out"), stderr=subprocess.DEVNULL)
    until(lambda: steps_done(tmp_path / "out") > 3)
    workers = process.children()
    process.kill()
    process.wait()
    assert workers
    until(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers))


def test_a_second_run_in_the_folder_is_refused_until_the_first_is_gone(tmp_path, uninterrupted):
    source, whole = uninterrupted
    out = tmp_path / "out"
    first = subprocess.Popen(command(source, out), stderr=subprocess.DEVNULL)
    until(lambda: steps_done(out) > 3)
    first.send_signal(signal.SIGSTOP)
    for more in ((), ("--force",)):
        second = subprocess.run(command(source, out, *more), capture_output=True, text=True, check=False)
        assert second.returncode == 2
        assert f"another run is writing into {out}; wait" in " ".join(second.stderr.split())
    first.kill()
    first.wait()
    subprocess.run(command(source, out), check=True, capture_output=True)
    assert shards(out) == whole


def test_a_full_disk_keeps_what_is_finished(tmp_path):
    """A limit on the size of files is what a full disk is to the program; the second file's documents are too long."""
    written(tmp_path / "in", gouts(40), "a.jsonl")
    written(tmp_path / "in", ["Gout V600E. " * 500] * 40, "b.jsonl")
    out = tmp_path / "out"
    ended = subprocess.run(
        command(tmp_path / "in", out, "--workers", "1"),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )
    assert ended.returncode == 2
    assert "free space" in ended.stderr
    assert "--resume" in ended.stderr
    assert sorted(shards(out)) == ["part-00000-00000.jsonl", "part-00000-00001.jsonl"]
    assert not list((out / "_run" / "new").iterdir())
    subprocess.run(command(tmp_path / "in", out), check=True, capture_output=True)
    assert len(ids(out)) == len(set(ids(out))) == 80


# --- Ray


RAY = ("--engine", "ray", "--workers", "2")


@pytest.mark.parametrize("kills", [0, pytest.param(3, marks=pytest.mark.slow)])
def test_ray_makes_the_same_shards_whatever_is_killed(tmp_path, uninterrupted, kills):
    pytest.importorskip("ray")
    source, whole = uninterrupted
    assert kill_drivers(source, tmp_path / "out", kills, *RAY) == kills
    assert shards(tmp_path / "out") == whole
    assert sum(shard["documents"] for shard in manifest(tmp_path / "out")["shards"]) == 6000


TWICE = """
import sys
from pathlib import Path
from biogloss.pipeline.bulk import Asked, Scale, annotate_shards
from biogloss.pipeline.files import Job

for out in sys.argv[2:]:
    job = Job((Path(sys.argv[1]),), Path(out))
    print(annotate_shards(job, Asked(types=("Variant",), link=False), Scale("ray")).documents)
"""


def test_ray_can_be_asked_again_in_one_process(tmp_path):
    pytest.importorskip("ray")
    source = written(tmp_path / "in", gouts(3))
    done = [sys.executable, "-c", TWICE, source, tmp_path / "one", tmp_path / "two"]
    assert subprocess.run(done, check=True, capture_output=True, text=True).stdout.split() == ["3", "3"]


@pytest.mark.slow
def test_ray_replaces_a_process_that_is_killed(tmp_path, uninterrupted):
    pytest.importorskip("ray")
    source, whole = uninterrupted
    out = tmp_path / "out"
    process = psutil.Popen(command(source, out, *RAY), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: process.poll() is not None or steps_done(out) > 3)
    found = [child for child in process.children(recursive=True) if "MapWorker" in " ".join(child.cmdline())]
    assert len(found) == 2
    found[0].kill()
    assert process.wait(timeout=SECONDS) == 0
    assert shards(out) == whole
