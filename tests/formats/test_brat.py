"""brat folders: real annotation, every kind of line, and files that are whole or not there."""

import io
import json
import lzma
import os
import zipfile
from pathlib import Path

import pytest

from biogloss.documents import Document, Relation, Span, entity_at
from biogloss.errors import CannotHold, Failure, InputError, OutputError
from biogloss.formats import brat
from biogloss.formats._source import Report

CORPORA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))
TEXT = "high and low blood pressure\nhurt"
ANN = (
    "T1\tDisease 0 4;13 27\thigh blood pressure\r\n"
    "T2\tDisease 9 27\tlow blood pressure\nT3\tFinding 19 32\tpressure hurt\n"
    "R1\tcauses Cause:T1 Effect:T3\nE1\tEvent:T3 Arg:T1\n"
    "A1\tNegation T1\nA2\tConfidence T2 very low\nA3\tSpeculation E1\n"
    "N1\tReference T1 MESH:D006973\thypertension\n#1\tAnnotatorNotes T1\tsure?\n*\tEquiv T1 T2\n"
)


def test_every_kind_of_line():
    document = brat.parse("7", TEXT, ANN, report=(report := Report()))
    first, second, third = document.entities
    assert (first.spans, first.text) == ((Span(0, 4), Span(13, 27)), "high blood pressure")
    assert (first.concept, first.attributes) == ("MESH:D006973", (("Negation", "true"),))
    assert second.attributes == (("Confidence", "very low"),)
    assert third.text == "pressure\nhurt"
    assert document.relations == (Relation("R1", "causes", (("Cause", "T1"), ("Effect", "T3"))),)
    assert report.total() == 4  # event, its attribute, note, equivalence


def test_jnlpba_comes_back_from_a_folder(tmp_path):
    file = CORPORA / "ner/jnlpba/train-brat.jsonl.xz"
    if not file.exists():
        pytest.skip("needs ner/jnlpba under BIOGLOSS_DATA")
    with lzma.open(file, "rt", encoding="utf-8") as rows:
        records = [json.loads(row) for row in rows]
    report = Report()
    documents = [brat.parse(one["id"], one["txt"], one["ann"], report=report) for one in records]
    assert (len(documents), sum(len(document.entities) for document in documents)) == (2000, 51301)
    assert not report
    brat.write_folder(documents[:50], tmp_path)
    assert list(brat.read(tmp_path)) == sorted(documents[:50], key=lambda document: f"{document.id}.txt")


def test_a_pair_by_either_name_a_missing_half_and_folders_within(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_bytes(TEXT.encode())
    (tmp_path / "a" / "x.ann").write_bytes(ANN.encode())
    (tmp_path / "b.txt").write_bytes(b"alone")
    assert list(brat.read(tmp_path / "a" / "x.ann")) == list(brat.read(tmp_path / "a" / "x.txt"))
    report = Report()
    assert [document.id for document in brat.read(tmp_path, report=report)] == ["a/x", "b"]
    assert report["brat: no .ann beside a .txt, read as a text without annotations"] == 1
    (tmp_path / "a" / "x.txt").unlink()
    with pytest.raises(InputError, match="no such file"):
        list(brat.read(tmp_path / "a" / "x.ann"))
    lost, kept = brat.read(tmp_path)
    assert isinstance(lost, Failure)
    assert (lost.document_id, "x.txt: no such file" in str(lost), kept.id) == ("a/x", True, "b")


@pytest.mark.parametrize(
    "line", ["T1\tDisease x 4\thigh", "T1\tDisease 0", "R1\tcauses Arg1:T1", "A1\tNegation", "N1\tReference T1", "Q\tx"]
)
def test_a_damaged_line_fails_its_pair_only(tmp_path, line):
    for name, content in [("a", f"T9\tDisease 0 4\thigh\n{line}\n"), ("b", ANN)]:
        (tmp_path / f"{name}.txt").write_bytes(TEXT.encode())
        (tmp_path / f"{name}.ann").write_bytes(content.encode())
    failure, document = brat.read(tmp_path)
    assert isinstance(failure, Failure)
    assert failure.document_id == "a"
    assert "line 2" in str(failure)
    assert document.id == "b"


def test_wrong_offsets_take_what_speaks_of_them_along():
    report = Report()
    rows = "T1\tDisease 0 5\thigh\nT2\tDisease 5 900\tand\nA1\tNegation T1\nR1\tcauses Arg1:T1 Arg2:T2\n"
    document = brat.parse("7", TEXT, rows, report=report)
    assert (document.entities, document.relations) == ((), ())
    assert report.total() == 4


def test_ids_become_file_names_and_come_back(tmp_path):
    names = ["train.tsv:17", "a/b\\c", "..", "痛风", "100%", " x "]
    brat.write_folder([Document(name, "x") for name in names], tmp_path / "new")
    assert {document.id for document in brat.read(tmp_path / "new")} == set(names)
    assert all(path.parent == tmp_path / "new" for path in tmp_path.rglob("*.txt"))


def test_nothing_is_overwritten_unasked_and_a_stream_is_refused(tmp_path):
    documents = [Document("7", "x", entities=(entity_at("x", Span(0, 1), "X", id="T1"),))]
    brat.write_folder(documents, tmp_path)
    with pytest.raises(OutputError, match="exists already"):
        brat.write_folder(documents, tmp_path)
    brat.write_folder(documents, tmp_path, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7.ann", "7.txt"]
    with pytest.raises(CannotHold, match="have the id"):
        brat.write_folder([Document("a", "x"), Document("A", "y")], tmp_path / "twice")
    with pytest.raises(CannotHold, match="name a folder"):
        brat.write(documents, io.StringIO())


def test_a_zip_archive_is_the_folder_and_has_no_dates(tmp_path):
    text = "Gout hurts.\r\n"
    some = [Document(f"a/{name}", text, entities=(entity_at(text, Span(0, 4), "Disease", id="T1"),)) for name in "bc"]
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        brat.write_zip(some, stream)
    assert first.getvalue() == second.getvalue()
    with zipfile.ZipFile(first) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert list(brat.read(tmp_path / "unpacked")) == some
