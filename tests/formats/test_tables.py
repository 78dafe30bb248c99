"""Tables: texts in by column names, entities out, safe to open in a spreadsheet."""

import csv as standard_csv
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Link, Mark, Relation, Span, entity_at
from biogloss.errors import CannotHold, ConfigError, EncodingError, Failure, FormatError
from biogloss.formats import csv, tsv
from biogloss.formats._source import Report
from biogloss.formats._table import COLUMNS

CORPORA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))
FORMATS = pytest.mark.parametrize(("module", "delimiter"), [(csv, ","), (tsv, "\t")])
SEPARATED = {"label_separator": "|"}
TEXTS = st.text(st.sampled_from("aβ\u0301😀中\u0a0a\u010a\r\n\t\",;'\x00 "), max_size=20)


def file_with(folder, content):
    path = folder / "in.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@FORMATS
@given(rows=st.lists(st.tuples(st.text('ab1,"\t😀', min_size=1, max_size=5), TEXTS, TEXTS), max_size=5))
def test_rows_become_documents_whatever_their_texts(tmp_path_factory, module, delimiter, rows):
    stream = io.StringIO(newline="")
    written = standard_csv.writer(stream, delimiter=delimiter)
    written.writerow(["id", "other", "text"])
    written.writerows((name, other, text) for name, text, other in rows)
    path = file_with(tmp_path_factory.mktemp("table"), stream.getvalue())
    report = Report()
    assert list(module.read(path, report=report)) == [Document(name, text) for name, text, _ in rows]
    assert module.sniff(path.read_bytes())
    assert "'other' was not read" in " ".join(report)
    path.write_bytes(stream.getvalue().encode("utf-16"))  # what a spreadsheet calls Unicode text
    assert list(module.read(path)) == [Document(name, text) for name, text, _ in rows]


def test_columns_by_option_and_whatever_their_case(tmp_path):
    path = file_with(tmp_path, "\ufeffPatient,Note\n7,Gout\n")
    assert list(csv.read(path, id_column="patient", text_column="note")) == [Document("7", "Gout")]


@FORMATS
def test_classes_come_from_the_column_that_is_named_and_from_no_other(tmp_path, module, delimiter):
    path = file_with(tmp_path, "id,text,Class\n1,Gout,joints\n2,Pain, \n".replace(",", delimiter))
    assert [document.labels for document in module.read(path)] == [(), ()]
    assert [document.labels for document in module.read(path, label_column="class")] == [("joints",), ()]
    with pytest.raises(FormatError, match=r"line 1: no column 'label'; there are 'id, text, Class'.*--label-column"):
        list(module.read(path, label_column="label"))


@FORMATS
def test_a_cell_has_several_classes_where_a_separator_is_named(tmp_path, module, delimiter):
    path = file_with(tmp_path, "text;class\nGout;a | b|a|\nPain;\n".replace(";", delimiter))
    read = [[one.labels for one in module.read(path, label_column="class", **more)] for more in ({}, SEPARATED)]
    assert read == [[("a | b|a|",), ()], [("a", "b"), ()]]
    with pytest.raises(ConfigError, match="label_separator parts the classes of a label_column; name that"):
        list(module.read(path, **SEPARATED))


def test_rows_are_numbered_where_there_is_no_id(tmp_path):
    report = Report()
    read = csv.read(file_with(tmp_path, "label,text\nx,Gout\n\ny,Pain\n"), report=report)
    assert list(read) == [Document("1", "Gout"), Document("2", "Pain")]
    assert "table: no id column, rows are numbered" in report


def test_a_missing_text_column_lists_those_there_are(tmp_path):
    with pytest.raises(FormatError, match=r"line 1: no column 'text'; there are 'id, note'.*--text-column"):
        list(csv.read(file_with(tmp_path, "id,note\n7,Gout\n")))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("7", "line 3: 1 fields; expected 2"),
        ("7,a,b", "line 3: 3 fields; expected 2.*Quote"),
        (",Gout", "line 3: the id is empty"),
        ('7,"Gout" hurts', "line 3: cannot be parsed.*quotes around a whole field"),
    ],
)
def test_a_bad_row_is_a_failure_that_names_its_line(tmp_path, row, words):
    first, bad, last = csv.read(file_with(tmp_path, f'id,text\n1,Gout\n{row}\n2,"a\nb"\n'))
    assert (first, last) == (Document("1", "Gout"), Document("2", "a\nb"))
    assert isinstance(bad, Failure)
    with pytest.raises(FormatError, match=words):
        raise bad.error


def test_a_quote_never_closed_is_a_failure_not_silence(tmp_path):
    first, bad = csv.read(file_with(tmp_path, 'id,text\n1,Gout\n2,"never closed\n3,Pain\n'))
    assert first == Document("1", "Gout")
    assert "line 3" in str(bad.error)


def test_a_field_larger_than_the_standard_limit(tmp_path):
    (document,) = csv.read(file_with(tmp_path, "id,text\n7," + "x" * 1_000_000 + "\n"))
    assert len(document.text) == 1_000_000


def test_hostile_files_raise_only_our_errors(tmp_path):
    with pytest.raises(FormatError, match="a line of more than"):
        list(csv.read(file_with(tmp_path, "id,text\n7," + "x" * 20_000_000)))
    with pytest.raises(EncodingError, match="line 2"):
        list(csv.read(file_with(tmp_path, b"id,text\n7,caf\xe9\n")))
    wide = "id,text\n7,Gout\n".encode("utf-16")
    with pytest.raises(EncodingError, match="after line 2: bytes that are not utf-16"):
        list(csv.read(file_with(tmp_path, wide + b"x")))
    with pytest.raises(FormatError, match="line 3: a line of more than"):
        list(csv.read(file_with(tmp_path, wide + "x".encode("utf-16-le") * 10_000_001)))


TEXT = "Gout is painful. =cmd|' /C calc'!A0 and\nfever, no \"cough\"."


def annotated():
    first = entity_at(
        TEXT,
        (Span(0, 4), Span(8, 15)),
        "Disease",
        id="T1",
        links=(Link("MESH:D006073", 0.9), Link("DOID:13189")),
        attributes=(("negation", "affirmed"),),
        source="ner@1",
        score=0.98149,
    )
    formula = entity_at(TEXT, Span(17, 35), "Chemical", id="T2")
    return Document("-7", TEXT, marks=(Mark(Span(0, 16), "sentence"),), entities=(first, formula))


@FORMATS
def test_entities_are_rows_that_any_csv_reader_takes(module, delimiter):
    stream = io.StringIO(newline="")
    report = Report()
    module.write([annotated(), Document("8", "Nothing.")], stream, report)
    rows = list(standard_csv.DictReader(io.StringIO(stream.getvalue(), newline=""), delimiter=delimiter))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0] == {
        "document": "'-7",
        "id": "T1",
        "start": "0",
        "end": "15",
        "text": "Gout painful",
        "label": "Disease",
        "ids": "MESH:D006073;DOID:13189",
        "score": "0.981",
        "source": "ner@1",
        "spans": "0-4;8-15",
        "attributes": "negation=affirmed",
        "sentence": "Gout is painful.",
    }
    assert len(rows) == 2


@FORMATS
def test_classes_of_documents_are_rows_without_offsets(module, delimiter):
    stream = io.StringIO(newline="")
    scores = (("gout", 0.91249), ("lupus", 0.4))
    module.write([replace(annotated(), id="7", labels=("gout", "old"), label_scores=scores)], stream)
    rows = list(standard_csv.DictReader(io.StringIO(stream.getvalue(), newline=""), delimiter=delimiter))
    kept = [{name: value for name, value in row.items() if value} for row in rows]
    assert kept[0] == {"document": "7", "label": "gout", "score": "0.912"}
    assert kept[1] == {"document": "7", "label": "old"}
    assert [row["start"] for row in kept[2:]] == ["0", "17"]


def test_no_cell_is_a_formula_and_the_report_says_so():
    stream = io.StringIO(newline="")
    report = Report()
    csv.write([annotated()], stream, report)
    cells = [cell for row in standard_csv.reader(io.StringIO(stream.getvalue(), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=cmd|' /C calc'!A0" in cells
    assert any("formula" in what for what in report)


@given(st.text("=+-@'\t\ra", max_size=5))
def test_an_apostrophe_in_front_can_always_be_taken_away_again(words):
    if not words.strip():
        return
    made = entity_at(words + ".", Span(0, len(words)), "x", id="T1")
    stream = io.StringIO(newline="")
    csv.write([Document("7", words + ".", entities=(made,))], stream)
    cell = list(standard_csv.reader(io.StringIO(stream.getvalue(), newline="")))[1][4]
    assert cell in {words, "'" + words}
    changed = cell != words
    assert changed == bool(words.lstrip("'")[:1] and words.lstrip("'")[0] in "=+-@\t\r")


def test_relations_are_refused_by_name():
    related = Document("7", TEXT, relations=(Relation("R1", "CID", (("a", "X:1"), ("b", "X:2"))),))
    with pytest.raises(CannotHold, match=r"document 7: .*csv has no place for relations"):
        csv.write([related], io.StringIO())


def test_a_table_of_entities_is_not_taken_for_texts(tmp_path):
    stream = io.StringIO(newline="")
    csv.write([annotated()], stream)
    with pytest.raises(FormatError, match=r"a table of entities that Biogloss wrote.*jsonl"):
        list(csv.read(file_with(tmp_path, stream.getvalue())))


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here; name their folder in BIOGLOSS_DATA")
def test_real_tables():
    notes = list(csv.read(CORPORA / "clinical/mts-dialog/MTS-Dialog-TrainingSet.csv", text_column="dialogue"))
    assert len(notes) == 1201
    assert not [note for note in notes if isinstance(note, Failure)]
