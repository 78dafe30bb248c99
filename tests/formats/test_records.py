"""JSON lines that others wrote are texts to annotate, and one bad line costs one line."""

import json

import pytest

from biogloss.documents import Document
from biogloss.documents.jsonl import to_line
from biogloss.errors import Failure
from biogloss.formats import jsonl, records
from biogloss.formats._detect import detect, open_documents
from biogloss.formats._source import Report

NOTE = "Gout 痛风 is painful.\r\n😀"


def file_with(folder, *lines, name="notes.jsonl"):
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_what_pandas_writes_is_read_and_what_is_left_out_is_counted(tmp_path):
    path = file_with(tmp_path, {"ward": "B", "id": 7, "text": NOTE}, "", {"id": "8", "text": "", "ward": "C"})
    report = Report()
    assert list(open_documents(path, report=report)) == [Document("7", NOTE), Document("8", "")]
    assert report == {"records: the key 'ward' was not read": 1}


def test_lines_without_an_id_are_numbered(tmp_path):
    report = Report()
    found = list(records.read(file_with(tmp_path, {"text": "a"}, {"text": "b"}), report=report))
    assert [document.id for document in found] == ["1", "2"]
    assert report == {"records: no id, lines are numbered": 1}


def test_keys_have_the_names_that_are_given(tmp_path):
    path = file_with(tmp_path, {"note_id": 1, "note": NOTE})
    read = open_documents(path, format="records", id_column="note_id", text_column="note")
    assert list(read) == [Document("1", NOTE)]


def test_classes_have_the_key_that_is_given(tmp_path):
    kinds = ["gout", 3, True, ["gout", "pain"], [], None, ""]
    path = file_with(tmp_path, {"text": "none"}, *({"text": "a", "kind": kind} for kind in kinds))
    found = [document.labels for document in records.read(path, label_column="kind")]
    assert found == [(), ("gout",), ("3",), ("True",), ("gout", "pain"), (), (), ()]
    (failure,) = records.read(file_with(tmp_path, {"text": "a", "kind": [[0, 4, "x"]]}), label_column="kind")
    assert "'kind' is \"[[0, 4, 'x']]\"; expected a text, a whole number" in str(failure)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"text": "a"', "not JSON"),
        ("[1]", "list in place of an object"),
        ('{"id": 1, "note": "a"}', "no 'text' that is a text; there are: id, note. Name .* --text-column"),
        ('{"id": 1, "text": null}', "no 'text' that is a text"),
        ('{"id": true, "text": "a"}', "'id' is 'True'; expected a text or a whole number"),
        ('{"id": "", "text": "a"}', "'id' is ''"),
        ('{"text": "\\ud800"}', "surrogate"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_a_failure_and_the_stream_goes_on(tmp_path, line, words):
    first, failure, last = records.read(file_with(tmp_path, {"text": "a"}, line, {"text": "c"}))
    assert (first.text, last.text) == ("a", "c")
    assert isinstance(failure, Failure)
    with pytest.raises(type(failure.error), match=rf"notes\.jsonl, line 2: .*{words}"):
        raise failure.error


@pytest.mark.parametrize("start", ['{"id": "1", "text": "', '{"text":"'])
def test_a_first_line_longer_than_what_is_looked_at_is_recognised(tmp_path, start):
    assert detect(file_with(tmp_path, f'{start}{"Gout hurts. " * 1000}"}}')) == "records"


@pytest.mark.parametrize(
    "content", ['{"documents": [{"text": "a"}]}', '{\n"text": "a"\n}', '{"a": {"text": "b"}}', '"text"', "text"]
)
def test_other_json_is_none_of_these(content):
    assert not records.sniff(content.encode())


def test_our_own_lines_stay_our_own():
    line = to_line(Document("1", NOTE)).encode()
    assert jsonl.sniff(line)
    assert not records.sniff(line)
