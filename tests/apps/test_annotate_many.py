"""``biogloss annotate`` into shards, into Parquet, with a limit of failures, and what it refuses."""

from __future__ import annotations

import json

import pytest

from biogloss.formats import jsonl

PLAIN = ("--types", "Variant", "--no-link")


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("a", "b"):
        lines = (json.dumps({"id": f"{name}{number}", "text": "BRCA1 V600E."}) + "\n" for number in range(7))
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def broken(folder, count):
    path = folder / "broken.jsonl"
    path.write_text('{"id": "1", "text": "Gout."}\n' + '{"text": 5}\n' * count, encoding="utf-8")
    return path


@pytest.mark.parametrize("there", [True, False])
def test_an_output_that_is_a_folder_gets_shards(run, notes, tmp_path, there):
    if there:
        (tmp_path / "out").mkdir()
    target = str(tmp_path / "out") + "/" * (not there)
    code, _, err = run("annotate", notes, "-o", target, "--shard-documents", "5", *PLAIN)
    assert (code, "14 documents, 14 entities, 0 failed" in err) == (0, True)
    assert sorted(path.name for path in (tmp_path / "out").glob("*")) == [
        "_run",
        *(f"part-0000{number}-0000{block}.jsonl" for number in (0, 1) for block in (0, 1)),
    ]
    code, _, err = run("annotate", notes, "-o", target, "--shard-documents", "5", *PLAIN)
    assert (code, "--force" in err) == (2, True)
    code, _, err = run("annotate", notes, "-o", target, "--shard-documents", "5", "--resume", *PLAIN)
    assert (code, "complete already" in err) == (0, True)


def test_shards_are_read_as_one_folder(run, notes, tmp_path):
    run("annotate", notes, "-o", f"{tmp_path}/out/", "--shard-documents", "3", *PLAIN)
    run("annotate", notes, "-o", tmp_path / "one.jsonl", *PLAIN)
    code, _, _ = run("convert", tmp_path / "out", "-o", tmp_path / "joined.jsonl")
    assert code == 0
    assert (tmp_path / "joined.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


def test_failures_in_shards_are_counted_shown_and_noted(run, tmp_path):
    code, _, err = run("annotate", broken(tmp_path, 20), "-o", f"{tmp_path}/out/", *PLAIN)
    assert code == 3
    assert "10 more, in" in err
    assert "failures.jsonl" in err
    noted = (tmp_path / "out" / "_run" / "failures.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(noted) == 20


@pytest.mark.parametrize("target", ["out/", "out.jsonl"])
def test_a_limit_of_failures_stops_the_run(run, tmp_path, target):
    arguments = ["annotate", broken(tmp_path, 4), "-o", f"{tmp_path}/{target}", *PLAIN]
    code, _, err = run(*arguments, "--max-failures", "3")
    assert (code, "more than --max-failures 3" in err) == (2, True)
    assert "--resume" in err
    code, _, err = run(*arguments, "--max-failures", "4", "--resume")
    assert (code, "1 document, 0 entities, 4 failed" in err) == (3, True)


def test_parquet_as_one_file_and_back(run, notes, tmp_path):
    pytest.importorskip("pyarrow")
    code, _, _ = run("annotate", notes, "--to", "parquet", "-o", tmp_path / "out.parquet", *PLAIN)
    assert code == 0
    code, _, _ = run("convert", tmp_path / "out.parquet", "-o", tmp_path / "back.jsonl")
    assert code == 0
    run("annotate", notes, "-o", tmp_path / "plain.jsonl", *PLAIN)
    assert (tmp_path / "back.jsonl").read_bytes() == (tmp_path / "plain.jsonl").read_bytes()
    code, _, _ = run("annotate", tmp_path / "out.parquet", "-o", f"{tmp_path}/again/", *PLAIN)
    assert code == 0
    (shard,) = (tmp_path / "again").glob("part-*")
    assert len(list(jsonl.read(shard))) == 14


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["annotate"], "nothing to annotate; name files"),
        (["annotate", "x.jsonl", "--stream", "redis://localhost"], "leave files, -o and --to away"),
        (["annotate", "--stream", "kafka://localhost"], "no streams of the kind 'kafka'"),
        (["annotate", "-", "--engine", "local", "-o", "out"], "standard input cannot be read by several"),
        (["annotate", "x.jsonl", "--engine", "spark", "-o", "out"], "no engine 'spark'; there are: local, ray"),
    ],
)
def test_what_cannot_be_is_refused_in_words(run, arguments, words):
    code, _, err = run(*arguments, *PLAIN)
    assert (code, words in " ".join(err.split())) == (2, True)
