"""Many files to shards: each document once, in order, whatever is killed, full or broken on the way."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from biogloss.errors import ConfigError, InputError, MissingExtra, OutputError, TooManyFailures
from biogloss.formats import jsonl
from biogloss.pipeline.bulk import Asked, Scale, annotate_shards, processes
from biogloss.pipeline.bulk.plan import units
from biogloss.pipeline.files import Job

# A worker whose only step does what the text says.
OBEDIENT = """
import os, signal, time
from biogloss.documents import Span, entity_at
from biogloss.pipeline.bulk import plan, worker

def step(document):
    if "deadly" in document.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "broken" in document.text:
        raise ValueError("no such luck")
    return document.with_entities([entity_at(document.text, Span(0, 4), "Disease", id="T1")])

plan.Asked.load = lambda asked, workers=1, keep=False: [step]
worker.main()
"""
PLAIN = Asked(types=("Variant",), link=False)
OPTIONS = ("--types", "Variant", "--no-link")
SECONDS = 300  # until a test gives up waiting


@pytest.fixture
def obedient(monkeypatch):
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", OBEDIENT))


def written(folder, texts, name="in.jsonl"):
    folder.mkdir(exist_ok=True)
    lines = (json.dumps({"id": f"{name}-{number}", "text": text}) + "\n" for number, text in enumerate(texts))
    content = "".join(lines).encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder / name


def gouts(count, **others):
    """``count`` harmless texts, but for those given by ``_number=text``."""
    return [others.get(f"_{number}", f"Gout V600E {number}.") for number in range(count)]


def ids(folder):
    return [document.id for path in sorted(folder.glob("part-*")) for document in jsonl.read(path)]


def shards(folder):
    return {path.name: path.read_bytes() for path in folder.glob("part-*")}


def manifest(folder):
    return json.loads((folder / "_run" / "manifest.json").read_text(encoding="utf-8"))


def left(folder):
    """What a run has left beside its shards."""
    return sorted(path.name for path in (folder / "_run").iterdir())


def failures(folder):
    return [json.loads(line) for line in (folder / "_run" / "failures.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("obedient")
def test_each_document_is_one_record_in_the_order_of_the_input(tmp_path):
    inputs = [written(tmp_path / "in", gouts(count), name) for name, count in (("b.jsonl", 25), ("a.jsonl.gz", 20))]
    job = Job((tmp_path / "in",), tmp_path / "out", workers=2)
    summary = annotate_shards(job, PLAIN, Scale(documents=10))
    expected = [f"{name}-{number}" for name, count in (("a.jsonl.gz", 20), ("b.jsonl", 25)) for number in range(count)]
    assert ids(tmp_path / "out") == expected
    assert (summary.documents, summary.entities, summary.failed) == (45, 45, 0)
    found = manifest(tmp_path / "out")
    assert found["complete"]
    assert [(entry["path"], entry["documents"]) for entry in found["inputs"]] == [
        (str(inputs[1]), 20),
        (str(inputs[0]), 25),
    ]
    assert {shard["file"]: shard["size"] for shard in found["shards"]} == {
        name: len(content) for name, content in shards(tmp_path / "out").items()
    }
    assert left(tmp_path / "out") == ["lock", "manifest.json"]


@pytest.mark.usefixtures("obedient")
def test_a_finished_run_is_neither_repeated_nor_overwritten(tmp_path):
    job = Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out")
    annotate_shards(job, PLAIN)
    with pytest.raises(OutputError, match=r"holds a finished run; --force"):
        annotate_shards(job, PLAIN)
    assert annotate_shards(replace(job, resume=True), PLAIN).was_complete
    assert left(tmp_path / "out") == ["lock", "manifest.json"]
    with pytest.raises(ConfigError, match=r"other settings .*types"):
        annotate_shards(replace(job, resume=True), replace(PLAIN, types=("Gene",)))
    assert annotate_shards(replace(job, force=True), PLAIN).documents == 3


@pytest.mark.usefixtures("obedient")
def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    job = Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out")
    with pytest.raises(OutputError, match=r"not empty; --force"):
        annotate_shards(job, PLAIN)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    annotate_shards(replace(job, force=True), PLAIN)
    assert (tmp_path / "out" / "mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("obedient")
def test_documents_that_fail_are_listed_and_the_rest_goes_on(tmp_path):
    source = written(tmp_path / "in", gouts(8, _2="broken", _6="broken"))
    summary = annotate_shards(Job((source,), tmp_path / "out"), PLAIN, Scale(documents=4))
    assert (summary.documents, summary.failed) == (6, 2)
    assert [(one["input"], one["id"], one["error"]) for one in failures(tmp_path / "out")] == [
        (str(source), "in.jsonl-2", "no such luck"),
        (str(source), "in.jsonl-6", "no such luck"),
    ]


@pytest.mark.usefixtures("obedient")
def test_too_many_failures_stop_the_run_and_a_higher_limit_goes_on(tmp_path):
    texts = gouts(40, **{f"_{number}": "broken" for number in range(0, 20, 4)})
    job = Job((written(tmp_path / "in", texts),), tmp_path / "out", max_failures=1)
    with pytest.raises(TooManyFailures, match=r"2 documents failed.*in\.jsonl-\d.*no such luck.*--resume"):
        annotate_shards(job, PLAIN, Scale(documents=5))
    assert len(failures(tmp_path / "out")) == 2
    summary = annotate_shards(replace(job, max_failures=5, resume=True), PLAIN, Scale(documents=5))
    assert (summary.documents, summary.failed) == (35, 5)
    assert summary.resumed_at > 0


@pytest.mark.usefixtures("obedient")
def test_a_block_of_failures_alone_leaves_no_shard(tmp_path):
    source = written(tmp_path / "in", ["broken"] * 3 + ["Gout."])
    summary = annotate_shards(Job((source,), tmp_path / "out"), PLAIN, Scale(documents=3))
    assert list(shards(tmp_path / "out")) == ["part-00000-00001.jsonl"]
    assert (summary.documents, summary.failed) == (1, 3)


@pytest.mark.usefixtures("obedient")
def test_a_document_that_kills_whoever_reads_it_is_left_out_by_name(tmp_path):
    source = written(tmp_path / "in", gouts(12, _7="deadly"))
    summary = annotate_shards(Job((source,), tmp_path / "out", workers=2), PLAIN, Scale(documents=4))
    assert ids(tmp_path / "out") == [f"in.jsonl-{number}" for number in range(12) if number != 7]
    (failure,) = failures(tmp_path / "out")
    assert failure["id"] == "in.jsonl-7"
    assert "ended the process" in failure["error"]
    assert summary.failed == 1


@pytest.mark.usefixtures("obedient")
def test_a_bad_file_among_good_ones_is_a_failure(tmp_path):
    for name in ("a.jsonl", "c.jsonl"):
        written(tmp_path / "in", gouts(5), name)
    whole = written(
        tmp_path / "in", [random.Random(number).randbytes(40).hex() for number in range(2000)], "b.jsonl.gz"
    )
    whole.write_bytes(whole.read_bytes()[:30_000])
    summary = annotate_shards(Job((tmp_path / "in",), tmp_path / "out"), PLAIN, Scale(documents=100))
    found = ids(tmp_path / "out")
    assert {f"{name}-{number}" for name in ("a.jsonl", "c.jsonl") for number in range(5)} <= set(found)
    cut = [name for name in found if name.startswith("b")]
    assert cut == [f"b.jsonl.gz-{number}" for number in range(len(cut))]
    assert cut
    (failure,) = failures(tmp_path / "out")
    assert "cut short" in failure["error"]
    assert summary.failed == 1


def test_what_cannot_be_done_is_refused_before_anything_is_written(tmp_path):
    source = written(tmp_path / "in", gouts(3))
    for job, error, words in (
        (Job((tmp_path / "no.jsonl",), tmp_path / "out"), InputError, r"no\.jsonl: no such file"),
        (Job(("-",), tmp_path / "out"), ConfigError, "standard input"),
        (Job((source,), tmp_path / "out", write_as="brat"), ConfigError, "brat is a folder of its own"),
        (Job((source,), tmp_path / "out", write_as="pubmed-xml"), ConfigError, "only read"),
    ):
        with pytest.raises(error, match=words):
            annotate_shards(job, PLAIN)
    assert not (tmp_path / "out").exists()


def test_a_worker_that_cannot_load_says_why(tmp_path):
    job = Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out")
    with pytest.raises(ConfigError, match="Unheard"):
        annotate_shards(job, Asked(types=("Unheard",), link=False))


def test_a_worker_that_dies_at_its_start_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", "import os; os._exit(9)"))
    job = Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out")
    with pytest.raises(Exception, match="processes end with code 9 while they load the model"):
        annotate_shards(job, PLAIN)


@pytest.mark.parametrize("write_as", ["csv", "bioc-json", "pubtator"])
@pytest.mark.usefixtures("obedient")
def test_every_shard_is_a_whole_file_of_its_format(tmp_path, write_as):
    source = written(tmp_path / "in", gouts(6))
    job = Job((source,), tmp_path / "out", write_as=write_as)
    summary = annotate_shards(job, PLAIN, Scale(documents=4))
    assert len(shards(tmp_path / "out")) == 2
    assert all(b"Gout" in content for content in shards(tmp_path / "out").values())
    assert (summary.documents, summary.failed) == (6, 0)


@pytest.mark.parametrize(
    ("inputs", "workers", "parts"), [(1, 1, 1), (1, 2, 2), (3, 2, 2), (8, 2, 1), (1200, 100, 1), (1200, 1000, 4)]
)
def test_few_inputs_are_cut_among_the_workers_and_many_are_not(inputs, workers, parts):
    tasks = units(range(inputs), workers)
    assert len(tasks) == len(set(tasks)) == inputs * parts


def test_models_and_words_of_ones_own_are_found_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "terms.tsv").write_text("term\tlabel\nGoutine\tChemical\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    asked = Asked(types=("Variant",), terms="terms.tsv", link=False).absolute()
    monkeypatch.chdir("/")
    assert asked.load()
    assert asked.models == ("biogloss-en",)
    assert asked.settings()["terms"]


# --- the program itself, killed


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


def test_ray_is_named_where_it_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"--engine ray needs the package ray: pip install 'biogloss\[scale\]'"):
        annotate_shards(Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out"), PLAIN, Scale("ray"))
