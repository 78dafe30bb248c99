"""Many files to shards: each document once, in order, whatever is killed, full or broken on the way."""

from __future__ import annotations

import random
import sys
from dataclasses import replace

import pytest

from biogloss.errors import ConfigError, InputError, MissingExtra, OutputError, TooManyFailures
from biogloss.pipeline.bulk import Asked, Scale, annotate_shards, processes
from biogloss.pipeline.bulk.plan import units
from biogloss.pipeline.files import Job
from bulk_runs import failures, gouts, ids, left, manifest, shards, written

# A worker whose only step does what the text says.
OBEDIENT = """
import os, signal
from dataclasses import replace
from biogloss.documents import Relation, Span, entity_at
from biogloss.pipeline.bulk import plan, worker

def step(document):
    if "deadly" in document.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "broken" in document.text:
        raise ValueError("no such luck")
    found = document.with_entities([entity_at(document.text, Span(0, 4), "Disease", id="T1")])
    related = (Relation("R1", "causes", (("a", "T1"), ("b", "T1"))),)
    return replace(found, relations=related) if "related" in document.text else found

plan.Asked.load = lambda asked, workers=1, keep=False: [step]
worker.main()
"""
PLAIN = Asked(types=("Variant",), link=False)


@pytest.fixture
def obedient(monkeypatch):
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", OBEDIENT))


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


@pytest.mark.usefixtures("obedient")
def test_a_document_that_a_table_has_no_place_for_is_a_failure_alone(tmp_path):
    source = written(tmp_path / "in", gouts(250, _120="Gout, related.", _121="broken"))
    summary = annotate_shards(Job((source,), tmp_path / "out", write_as="csv"), PLAIN)
    assert (summary.documents, summary.entities, summary.failed) == (248, 248, 2)
    (refused, broken) = failures(tmp_path / "out")
    assert (refused["id"], refused["step"], broken["id"]) == ("in.jsonl-120", "write csv", "in.jsonl-121")
    (table,) = shards(tmp_path / "out").values()
    assert [line.split(b",")[0] for line in table.splitlines()[1:]] == [
        f"in.jsonl-{number}".encode() for number in range(250) if number not in (120, 121)
    ]


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


def test_ray_is_named_where_it_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"--engine ray needs the package ray: pip install 'biogloss\[scale\]'"):
        annotate_shards(Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out"), PLAIN, Scale("ray"))


def test_a_ray_that_does_not_come_up_is_told_in_words_and_the_run_goes_on_without_it(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")

    def late(**_):
        raise Exception("The current node timed out during startup.")  # noqa: TRY002 - as Ray has it

    monkeypatch.setattr(ray, "init", late)
    job = Job((written(tmp_path / "in", gouts(3)),), tmp_path / "out")
    with pytest.raises(
        ConfigError, match=r"does not start on this machine \(.* timed out .*\); do without it: --engine"
    ):
        annotate_shards(job, PLAIN, Scale("ray"))
    assert annotate_shards(replace(job, resume=True), PLAIN, Scale("local")).documents == 3
