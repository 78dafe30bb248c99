"""Plain text: character for character, one document a file."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Citation, Document, Mark, Span, entity_at
from biogloss.errors import CannotHold, EncodingError, Failure, InputError
from biogloss.formats import text
from biogloss.formats._source import Report

TEXTS = st.text(st.sampled_from("aβ\u0301😀中\r\n\x00\ufeff\x0c "), min_size=1, max_size=20)


@given(words=TEXTS)
def test_every_character_is_kept(tmp_path_factory, words):
    stream = io.StringIO(newline="")
    text.write([Document("note", words)], stream)
    path = tmp_path_factory.mktemp("text") / "note.txt"
    path.write_bytes(stream.getvalue().encode())
    assert list(text.read(path)) == [Document("note", words)]


def test_a_folder_gives_one_document_a_file_by_name(tmp_path):
    (tmp_path / "b.txt").write_bytes("痛风\r\n".encode())
    (tmp_path / "a.v2.txt.gz").write_bytes(gzip.compress(b"Gout."))
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    (tmp_path / "older").mkdir()
    report = Report()
    assert list(text.read(tmp_path, report=report)) == [Document("a.v2", "Gout."), Document("b", "痛风\r\n")]
    assert "older" in " ".join(report)


def test_a_bad_file_of_a_folder_is_a_failure_and_the_rest_follows(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "b.txt").write_bytes("é".encode("latin-1"))
    (tmp_path / "c.txt").write_bytes(b"Gout.")
    empty, latin, good = text.read(tmp_path)
    assert isinstance(empty, Failure)
    assert "empty" in str(empty)
    assert isinstance(latin.error, EncodingError)
    assert good == Document("c", "Gout.")


def test_an_empty_file_and_a_folder_without_texts_are_errors(tmp_path):
    with pytest.raises(InputError, match=r"no \.txt file in this folder"):
        list(text.read(tmp_path))
    (tmp_path / "a.txt").write_bytes(b"")
    with pytest.raises(InputError, match="empty"):
        list(text.read(tmp_path / "a.txt"))


def test_another_encoding(tmp_path):
    (tmp_path / "a.txt").write_bytes("痛风".encode("gb18030"))
    assert [document.text for document in text.read(tmp_path / "a.txt", encoding="gb18030")] == ["痛风"]


def test_half_a_surrogate_pair_is_an_error_of_ours(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"+2AA-")
    with pytest.raises(InputError, match=r"a\.txt: .*surrogate"):
        list(text.read(tmp_path / "a.txt", encoding="utf-7"))


def test_what_it_drops_it_counts_and_the_rest_it_refuses():
    report, stream = Report(), io.StringIO()
    marked = Document("7", "Gout.", marks=(Mark(Span(0, 5), "section"),), citation=Citation(journal="Nature"))
    text.write([marked], stream, report)
    assert stream.getvalue() == "Gout."
    assert report.total() == 2
    found = marked.with_entities([entity_at("Gout.", Span(0, 4), "Disease", id="T1")])
    with pytest.raises(CannotHold, match=r"document 7: .*text has no place for entities"):
        text.write([found], io.StringIO())


def test_a_second_document_is_refused_before_anything_is_written():
    stream = io.StringIO()
    with pytest.raises(CannotHold, match=r"'8' is the second.*one document a file"):
        text.write([Document("7", "Gout."), Document("8", "Gout.")], stream)
    assert stream.getvalue() == ""


def test_content_that_is_text():
    assert text.sniff("Gout 痛风\x0c".encode())
    assert text.sniff("Café".encode("latin-1"))
    assert not text.sniff(b"")
    assert not text.sniff(b"a\x00b")
