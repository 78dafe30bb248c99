"""``biogloss evaluate`` as a user meets it: its tables, its rows, and what it says of two systems."""

import json
from dataclasses import replace

import pytest

from biogloss.documents import Document, Span, entity_at
from biogloss.documents.jsonl import to_line

TEXT = "Gout [bold] hurts."


def documents(right):
    """Forty documents with an entity and a class, right in the first so many."""
    made = []
    for number in range(40):
        is_right = number < right
        entity = entity_at(TEXT, Span(0, 4 if is_right else 3), "Disease", id="T1")
        made.append(Document(f"d{number}", TEXT, entities=(entity,), labels=("review" if is_right else "[trial]",)))
    return made


@pytest.fixture
def files(tmp_path):
    found = {"gold": documents(40), "good": documents(38), "bad": documents(12), "other": documents(13)}
    for name, own in found.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(to_line(one) + "\n" for one in own), encoding="utf-8")
    return {name: tmp_path / f"{name}.jsonl" for name in found}


def test_tables_say_what_was_scored(run, files):
    code, out, _ = run("evaluate", files["gold"], files["good"])
    assert code == 0
    for title in ("entities, strict", "entities, partial", "entities, exact", "classes"):
        assert f"{title}, in percent" in out
    assert "all, accuracy" in out
    assert "95.0" in out
    assert "[trial]" in out


@pytest.mark.parametrize("place", ["last", "before an option", "with a dash"])
def test_json_without_a_file_is_printed(run, files, place):
    arguments = {
        "last": ["--json"],
        "before an option": ["--json", "-m", "biogloss-en"],
        "with a dash": ["--json", "-"],
    }
    code, out, _ = run("evaluate", files["gold"], files["good"], *arguments[place])
    assert code == 0
    strict = [row for row in json.loads(out) if (row["match"], row["type"]) == ("strict", "Disease")]
    assert [(row["f1"], row["gold"], row["predicted"]) for row in strict] == [(95.0, 40, 40)]


def test_json_goes_to_a_file_beside_the_tables(run, files, tmp_path):
    code, out, _ = run("evaluate", files["gold"], files["good"], "--json", tmp_path / "rows.json")
    assert (code, "entities, strict" in out) == (0, True)
    assert {row["task"] for row in json.loads((tmp_path / "rows.json").read_text())} == {"entities", "classes"}
    code, _, err = run("evaluate", files["gold"], files["good"], "--json", tmp_path / "rows.json")
    assert (code, "exists already; --force" in err) == (2, True)


def test_a_report_is_a_page(run, files, tmp_path):
    arguments = ("--against", files["bad"], "--train", files["bad"], "--report", tmp_path / "scores.html")
    code, _, _ = run("evaluate", files["gold"], files["good"], *arguments)
    assert (code, "Evaluation of" in (tmp_path / "scores.html").read_text(encoding="utf-8")) == (0, True)


def test_an_input_is_not_written_over_where_it_stands_behind_json(run, files):
    before = files["gold"].read_bytes()
    code, _, err = run("evaluate", "--json", files["gold"], files["good"])
    assert (code, "gold.jsonl exists already" in err) == (2, True)
    assert files["gold"].read_bytes() == before


def test_two_systems(run, files):
    code, out, _ = run("evaluate", files["gold"], files["good"], "--against", files["bad"])
    assert (code, "better" in out, "McNemar" in out) == (0, True, True)
    code, out, _ = run("evaluate", files["gold"], files["other"], "--against", files["bad"])
    assert (code, "no measurable difference" in out, "better" in out) == (0, True, False)


def test_training_documents(run, files, tmp_path):
    training = tmp_path / "train.jsonl"
    training.write_text(to_line(replace(documents(40)[0], id="t")) + "\n", encoding="utf-8")
    code, out, _ = run("evaluate", files["gold"], files["good"], "--train", training)
    assert (code, "shared with training" in out) == (0, True)
    assert "recall of mentions that training has not shown" in out


def test_what_a_model_does_not_give_is_said(run, files):
    code, _, err = run("evaluate", files["gold"])
    assert (code, "note: biogloss-en gives no classes: not scored" in err) == (0, True)


def test_bad_input_is_one_message(run, files, tmp_path):
    (tmp_path / "few.jsonl").write_text(to_line(documents(40)[0]) + "\n", encoding="utf-8")
    code, out, err = run("evaluate", files["gold"], tmp_path / "few.jsonl")
    assert (code, out) == (2, "")
    assert "no document d1; expected every document of the gold file" in " ".join(err.split())
