"""Parquet: every field comes back, tables of others are read, and what is damaged or too large is refused."""

import io
import sys

import pytest

from biogloss.documents import Citation, Document, Link, Mark, Relation, Span, entity_at
from biogloss.documents.model import MeshHeading
from biogloss.errors import (
    CannotHold,
    Failure,
    FormatError,
    MissingExtra,
    OffsetMismatch,
    OutputError,
    UnsafeInputError,
)
from biogloss.formats import parquet
from biogloss.formats._detect import detect, open_documents
from biogloss.formats._source import Report

pyarrow = pytest.importorskip("pyarrow")
table = pytest.importorskip("pyarrow.parquet")

TEXT = "Gout hurts.\nMetformin helps 痛风."
FULL = Document(
    "7",
    TEXT,
    "zh",
    marks=(Mark(Span(0, 11), "title"), Mark(Span(12, 31), "section", "RESULTS", "en")),
    entities=(
        entity_at(
            TEXT,
            (Span(0, 4), Span(5, 10)),
            "Disease",
            id="T1",
            links=(Link("MESH:D006073", 0.9, "linking"), Link("MONDO:1")),
            attributes=(("certainty", "possible"), ("negation", "negated")),
            source="model",
            score=0.987,
        ),
        entity_at(TEXT, Span(12, 21), "Chemical", id="T2", score=0.0),
    ),
    relations=(
        Relation("R1", "treats", (("drug", "T2"), ("disease", "T1"), ("dose", "MESH:D1")), (Span(0, 11),), "me", 1.0),
        Relation("R2", "alone", ()),
    ),
    labels=("review", "trial"),
    parts=(("question", Span(0, 4)),),
    citation=Citation(
        "7",
        "PMC7",
        "10.1/x",
        "Lancet",
        "0140",
        "1",
        "2",
        "3-4",
        (("published", "2020-01"),),
        ("A B", "痛 风"),
        ("Review",),
        (MeshHeading("D006073", "Gout", major=True, qualifiers=(("Q1", "therapy"),)), MeshHeading("D1", "X")),
        ("pain",),
        (("50-00-0", "Formaldehyde"),),
        ("8", "9"),
        (("RetractionIn", "10"),),
        retracted=True,
        licence="CC0",
        languages=("en", "zh"),
    ),
    composition="pubmed-1",
    label_scores=(("review", 0.9), ("trial", 0.1)),
)


def written(path, *documents):
    with path.open("w", encoding="utf-8", newline="") as stream:
        parquet.write(documents, stream)
    return path


def test_every_field_of_a_document_comes_back(tmp_path):
    bare = Document("8", "")
    path = written(tmp_path / "out.parquet", FULL, bare, Document("9", "x", citation=Citation()))
    assert list(parquet.read(path)) == [FULL, bare, Document("9", "x", citation=Citation())]
    assert detect(path) == "parquet"


def test_no_field_of_the_example_is_left_at_its_default():
    for made in (FULL, FULL.citation, FULL.citation.mesh[0], FULL.entities[0], FULL.relations[0], FULL.marks[1]):
        names = [name for name in type(made).__dataclass_fields__ if not getattr(made, name)]
        assert names == []


def test_many_documents_in_groups_and_none(tmp_path):
    documents = [Document(str(number), f"Gout {number}.") for number in range(2500)]
    path = written(tmp_path / "many.parquet", *documents)
    assert list(parquet.read(path)) == documents
    assert table.ParquetFile(path).num_row_groups == 3
    assert list(parquet.read(written(tmp_path / "none.parquet"))) == []


def test_columns_are_named_for_those_who_query_them(tmp_path):
    (row,) = table.read_table(written(tmp_path / "out.parquet", FULL)).to_pylist()
    assert row["entities"][0]["attributes"][1] == {"name": "negation", "value": "negated"}
    assert row["entities"][0]["spans"] == [{"start": 0, "end": 4}, {"start": 5, "end": 10}]
    assert row["label_scores"][0] == {"label": "review", "score": 0.9}


def test_tables_of_others(tmp_path):
    path = tmp_path / "theirs.parquet"
    columns = {"note": ["Gout.", None, "Pain."], "nr": [7, 8, 9], "ward": ["B", "C", "D"]}
    table.write_table(pyarrow.table(columns), path)
    report = Report()
    first, failed, last = open_documents(path, report=report, id_column="nr", text_column="note")
    assert (first, last) == (Document("7", "Gout."), Document("9", "Pain."))
    assert isinstance(failed, Failure)
    assert failed.document_id == "row 2"
    assert report == {"parquet: the column 'ward' was not read": 1}
    with pytest.raises(FormatError, match=r"no column 'text'; there are: note, nr, ward.*--text-column"):
        list(parquet.read(path))


def test_classes_of_tables_of_others(tmp_path):
    table.write_table(pyarrow.table({"text": ["Gout.", "Pain."], "kind": ["joints", None]}), tmp_path / "t.parquet")
    found = parquet.read(tmp_path / "t.parquet", label_column="kind")
    assert [document.labels for document in found] == [("joints",), ()]
    with pytest.raises(FormatError, match=r"no column 'class'; there are: text, kind.*--label-column"):
        list(parquet.read(tmp_path / "t.parquet", label_column="class"))


def test_rows_without_an_id_are_numbered(tmp_path):
    table.write_table(pyarrow.table({"text": ["Gout.", "Pain."]}), tmp_path / "theirs.parquet")
    report = Report()
    assert list(parquet.read(tmp_path / "theirs.parquet", report=report)) == [
        Document("1", "Gout."),
        Document("2", "Pain."),
    ]
    assert report == {"parquet: no id column, rows are numbered": 1}


def test_a_bad_row_is_a_failure_and_the_rest_is_read(tmp_path):
    found = table.read_table(written(tmp_path / "a.parquet", FULL, Document("8", "Pain."), Document("9", "x")))
    rows = found.to_pylist()
    rows[0]["text"] = "Other words, of about the same length."
    rows[1]["text"] = None
    table.write_table(pyarrow.Table.from_pylist(rows, schema=found.schema), tmp_path / "b.parquet")
    wrong, empty, whole = parquet.read(tmp_path / "b.parquet")
    assert isinstance(wrong.error, OffsetMismatch)
    assert "row 1" in str(wrong)
    assert isinstance(empty.error, FormatError)
    assert "row 2" in str(empty)
    assert whole.id == "9"


def test_a_file_cut_short_is_told(tmp_path):
    path = written(tmp_path / "a.parquet", FULL)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError, match=r"a\.parquet: damaged Parquet .*Write or copy it again"):
        list(parquet.read(path))


def test_a_group_of_rows_beyond_the_limit_is_not_unpacked(tmp_path, monkeypatch):
    path = written(tmp_path / "bomb.parquet", Document("1", "x" * 3_000_000))
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(parquet, "_MAX_GROUP_BYTES", 1_000_000)
    with pytest.raises(UnsafeInputError, match=r"bomb\.parquet: a group of rows of 3,\d+,\d+ bytes"):
        list(parquet.read(path))


def test_what_takes_no_bytes_and_what_has_no_end(tmp_path):
    with pytest.raises(OutputError, match="Parquet is bytes"):
        parquet.write([FULL], io.StringIO())
    with pytest.raises(FormatError, match="standard input: Parquet is read from its end"):
        list(parquet.read("-"))
    with pytest.raises(CannotHold, match="parquet has no place"):
        written(tmp_path / "a", Document("1", "Gout", labels=("\ud800",)))


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    path = written(tmp_path / "a.parquet", FULL)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"Parquet needs the package pyarrow: pip install 'biogloss\[scale\]'"):
        list(parquet.read(path))
