"""JSON lines files: all is kept, and one bad line costs one line."""

import gzip
import io

import pytest

from biogloss.documents import Document, Span, entity_at
from biogloss.documents.jsonl import to_line
from biogloss.errors import CannotHold, EncodingError, Failure, FormatError, OffsetMismatch
from biogloss.formats import jsonl

TEXT = "Gout 痛风 is painful.\r\n😀"
DOCUMENTS = [
    Document(str(number), TEXT, entities=(entity_at(TEXT, Span(0, 4), "Disease", id="T1"),)) for number in (1, 2)
]


def lines(documents=DOCUMENTS):
    return [to_line(document) + "\n" for document in documents]


def file_with(folder, content):
    path = folder / "in.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_reads_back_whole(tmp_path):
    stream = io.StringIO()
    jsonl.write(DOCUMENTS, stream)
    path = file_with(tmp_path, stream.getvalue())
    assert list(jsonl.read(path)) == DOCUMENTS
    assert jsonl.sniff(path.read_bytes()[:100])


def test_parts_put_together_are_a_file(tmp_path):
    assert jsonl.RECORDS
    assert list(jsonl.read(file_with(tmp_path, "".join(lines()) * 2))) == DOCUMENTS * 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_byte_order_mark_and_gzip(tmp_path, end):
    content = "\ufeff" + (end + end).join(line.strip() for line in lines()) + end + " " + end
    assert list(jsonl.read(file_with(tmp_path, gzip.compress(content.encode())))) == DOCUMENTS


def test_a_bad_line_is_a_failure_that_names_it_and_the_stream_goes_on(tmp_path):
    first, second = lines()
    moved = second.replace("[[0,4]]", "[[1,5]]")
    path = file_with(tmp_path, first + "{broken\n" + moved + second)
    read = list(jsonl.read(path))
    assert [read[0], read[3]] == DOCUMENTS
    assert isinstance(read[1], Failure)
    assert isinstance(read[1].error, FormatError)
    assert str(read[1]).startswith("line 2: jsonl: ")
    assert f"{path}, line 2: not JSON" in str(read[1].error)
    assert isinstance(read[2].error, OffsetMismatch)
    assert "line 3" in str(read[2].error)
    assert "'Gout'" in str(read[2].error)


def test_a_file_of_something_else_is_refused_at_once(tmp_path):
    path = file_with(tmp_path, '{"text": "At 4 hours, losartan ..."}\n' * 3)
    with pytest.raises(FormatError, match=r'line 1: .*losartan.*expected .*"biogloss": 1.*--from'):
        list(jsonl.read(path))
    assert not jsonl.sniff(path.read_bytes())
    assert not jsonl.sniff(b'{"source": "biogloss", "documents": []}')


def test_bytes_that_are_not_utf8_are_named(tmp_path):
    with pytest.raises(EncodingError, match=r"line 1, byte \d+: .*expected text in utf-8.*--encoding"):
        list(jsonl.read(file_with(tmp_path, lines()[0].replace("痛风", "é").encode("latin-1", "replace"))))


def test_a_line_of_20_mb_is_refused(tmp_path):
    huge = to_line(Document("1", "x" * 20_000_000))
    with pytest.raises(FormatError, match=r"line 1: a line of more than 10,000,000 bytes.*expected one record"):
        list(jsonl.read(file_with(tmp_path, huge)))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (Document("7", "Gout", labels=("\ud800",)), "lone surrogate"),
        (Document("7", "Gout", entities=(entity_at("Gout", Span(0, 4), "Disease", id="T1", score=7),)), "outside"),
    ],
)
def test_what_json_cannot_hold_is_refused_by_name(document, words):
    stream = io.StringIO()
    with pytest.raises(CannotHold, match=f"document '7': .*jsonl.*{words}"):
        jsonl.write([document], stream)
    assert stream.getvalue() == ""
