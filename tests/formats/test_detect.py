"""A file is opened by what is in it, and a file that cannot be is refused in words that help."""

import gzip
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document
from biogloss.documents.jsonl import to_line
from biogloss.errors import BioglossError, ConfigError, EncodingError, Failure, FormatError, InputError
from biogloss.formats._detect import detect, open_documents, writer

CORPORA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))
GOUT = Document("7", "Gout is painful.")
PUBTATOR = "7|t|Gout\n7|a|is painful.\n7\t0\t4\tGout\tDisease\tD006073\n\n"
PUBMED = (
    '<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID>'
    "<Article><ArticleTitle>Gout</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)
CONTENTS = [
    ("jsonl", to_line(GOUT) + "\n"),
    ("pubtator", PUBTATOR),
    ("pubmed_xml", PUBMED),
    ("conll", "Gout\tB-Disease\nis\tO\npainful\tO\n.\tO\n\n"),
    ("csv", "id,text\n7,Gout is painful.\n"),
    ("tsv", "id\ttext\n7\tGout is painful.\n"),
    ("text", "[Treatment of gout]. Gout, as ever, is painful.\n"),
]
ANY = pytest.mark.parametrize(("name", "content"), CONTENTS, ids=[name for name, _ in CONTENTS])


def file_with(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@ANY
@pytest.mark.parametrize("suffix", ["", ".gz", ".txt", ".unheard"])
def test_content_says_the_format_whatever_the_name(tmp_path, name, content, suffix):
    packed = gzip.compress(content.encode()) if suffix == ".gz" else content
    assert detect(file_with(tmp_path, "file" + suffix, packed)) == name


@ANY
def test_what_is_detected_can_be_read(tmp_path, name, content):
    documents = list(open_documents(file_with(tmp_path, "file", content)))
    assert [type(document) for document in documents] == [Document], name
    assert "Gout" in documents[0].text or "gout" in documents[0].text


@ANY
def test_standard_input_is_detected_and_not_used_up(monkeypatch, name, content):
    for packed in (content.encode(), gzip.compress(content.encode())):
        stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(packed)))
        monkeypatch.setattr(sys, "stdin", stream)
        (document,) = open_documents("-")
        assert isinstance(document, Document), name


@pytest.mark.parametrize("name", ["in.csv", "in.txt", "in.jsonl", "in.json"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "idna", "undefined", "punycode", "hex", "none"])
def test_no_encoding_ends_in_words_that_are_not_ours(tmp_path, name, encoding):
    for content in ("id,text\n7,Gout\n", to_line(GOUT), '{"documents": [', "\u2014\x7f" * 40):
        read_all(file_with(tmp_path, name, content), encoding=encoding)


def test_utf16_without_a_mark_is_named_so(tmp_path):
    path = file_with(tmp_path, "in.csv", "id,text\n7,Gout\n")
    with pytest.raises(EncodingError, match=r"in\.csv, line 1: bytes that are not utf-16 .*BOM"):
        list(open_documents(path, encoding="utf-16"))


@pytest.mark.parametrize("spelling", ["utf8", "UTF-8", "utf-8-sig", "U8"])
def test_utf8_is_asked_for_in_any_spelling(tmp_path, spelling):
    path = file_with(tmp_path, "in.csv", "id,text\n7,Gout\n".encode("utf-16"))
    assert list(open_documents(path, encoding=spelling)) == [Document("7", "Gout")]


@ANY
@pytest.mark.parametrize(
    ("encoding", "asked"), [("utf-16", "utf-8"), ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"), ("cp1026", "cp1026")]
)
def test_an_encoding_is_told_by_its_mark_or_by_the_user(tmp_path, name, content, encoding, asked):
    content = content.replace("painful", "p\u00e1infu\u00df").replace(' encoding="utf-8"', "")
    expected = list(open_documents(file_with(tmp_path, "file", content)))
    path = file_with(tmp_path, "file", content.encode(encoding))
    assert detect(path, encoding=asked) == name
    assert list(open_documents(path, encoding=asked)) == expected


def test_tables_without_a_text_column_are_known_by_their_names(tmp_path):
    path = file_with(tmp_path, "notes.csv", "patient,note\n7,Gout\n")
    assert list(open_documents(path, id_column="patient", text_column="note")) == [Document("7", "Gout")]


def test_folders(tmp_path):
    texts, mixed, brat = tmp_path / "texts", tmp_path / "mixed", tmp_path / "brat"
    for folder in (texts, mixed, brat):
        folder.mkdir()
    file_with(texts, "a.txt", "Gout.")
    assert list(open_documents(texts)) == [Document("a", "Gout.")]
    file_with(brat, "a.txt", "Gout.")
    file_with(brat, "a.ann", "T1\tDisease 0 4\tGout\n")
    assert detect(brat) == "brat"
    assert [document.entities[0].text for document in open_documents(brat)] == ["Gout"]
    file_with(mixed, "b.pubtator", PUBTATOR)
    file_with(mixed, "a.jsonl", to_line(GOUT))
    file_with(mixed, "c.jsonl", "")
    first, second, failed = open_documents(mixed)
    assert (first, second.id) == (GOUT, "7")
    assert isinstance(failed, Failure)
    assert "c.jsonl" in str(failed)
    assert list(open_documents(mixed, format="pubtator")) == [second]


def test_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match=r"no file of a known name.*expected brat.*Name the files"):
        open_documents(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty.*Check the download"),
        (b"%PDF-1.7\n", "this is a PDF; expected one of .*pubmed_xml.*Extract its text"),
        (b"PK\x03\x04rest", "zip archive.*Unpack"),
        (b"\xfd7zXZ\x00", "xz archive.*Unpack"),
        ("<html><body>Gout".encode("utf-16"), "the file starts with .*<html>.*--from"),
        ("Gout".encode("utf-16-le"), "not text; expected one of.*--encoding utf-16-le"),
        ('{"body": "Déjà vu"}'.encode("latin-1"), "bytes e9 6a e0 20 at byte 11 are not UTF-8.*--encoding latin-1"),
        (b"\x01\x02\x00\x03", "not text; expected one of"),
        (b'{"body": "Gout"}', "the file starts with .*Gout.*expected one of .*jsonl.*--from"),
        (b"<html><body>Gout", "the file starts with .*<html>.*--from"),
        (gzip.compress(b"7|t|Gout")[:14], "gzip.*cut short.*Download or copy it again"),
        (b"\x1f\x8bgarbage", "gzip"),
    ],
)
def test_what_cannot_be_opened_is_refused_at_once(tmp_path, content, words):
    path = file_with(tmp_path, "input.file", content)
    with pytest.raises(InputError, match=words) as caught:
        open_documents(path)
    assert "input.file" in str(caught.value)


@pytest.mark.parametrize(("content", "words"), [(b"%PDF-1.7 and", "a PDF"), (b"\xfd7zXZ\x00and", "an xz archive")])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "gb18030"])
def test_what_is_no_text_is_none_in_any_encoding(tmp_path, content, words, encoding):
    with pytest.raises(FormatError, match=words):
        open_documents(file_with(tmp_path, "in", content), encoding=encoding)


def test_json_lines_of_others_are_told_what_is_missing(tmp_path):
    with pytest.raises(FormatError, match=r'JSON lines need a "text" on each; name another key'):
        open_documents(file_with(tmp_path, "in.jsonl", '{"doc_id": "x", "sentence": "Gout"}\n'))


def test_a_missing_file(tmp_path):
    for name in ("auto", "text", "pubtator"):
        with pytest.raises(InputError, match=r"gout\.txt: no such file.*Check the path"):
            open_documents(tmp_path / "gout.txt", format=name)


def test_empty_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b""))))
    with pytest.raises(InputError, match="standard input is empty"):
        open_documents("-")


def test_a_gzip_stream_cut_short_later_on_is_an_error_after_what_was_whole(tmp_path):
    lines = "".join(to_line(Document(str(number), os.urandom(50).hex())) + "\n" for number in range(2000))
    whole = gzip.compress(lines.encode())
    read = open_documents(file_with(tmp_path, "in.jsonl.gz", whole[: len(whole) // 2]))
    first = next(read)
    with pytest.raises(FormatError, match=r"in\.jsonl\.gz: the gzip stream is cut short"):
        list(read)
    assert first.id == "0"


def test_bytes_of_another_encoding(tmp_path):
    path = file_with(tmp_path, "note.txt", "Douleur à l'épaule".encode("latin-1"))
    with pytest.raises(EncodingError, match=r"note\.txt, byte 8: .*expected text in utf-8.*--encoding latin-1"):
        list(open_documents(path))
    assert [document.text for document in open_documents(path, encoding="latin-1")] == ["Douleur à l'épaule"]
    with pytest.raises(EncodingError, match="unknown encoding 'nonsense'"):
        list(open_documents(path, encoding="nonsense"))


@pytest.mark.parametrize("start", ["7|t|", "id,text\n7,", '{"biogloss":1,"id":"7","text":"'])
def test_a_line_of_20_mb(tmp_path, start):
    path = file_with(tmp_path, "long", start + "x" * 20_000_000)
    with pytest.raises(FormatError, match=r"long, line \d: a line of more than 10,000,000 bytes.*expected.*--from"):
        list(open_documents(path))


def test_a_text_of_one_long_line_is_a_text(tmp_path):
    (document,) = open_documents(file_with(tmp_path, "long.txt", "word " * 3_000_000))
    assert len(document.text) == 15_000_000


def test_formats_and_options_that_do_not_exist(tmp_path):
    path = file_with(tmp_path, "in.jsonl", to_line(GOUT))
    with pytest.raises(ConfigError, match=r"no formats plug-in named 'pdf'; there are: .*pubtator"):
        open_documents(path, format="pdf")
    with pytest.raises(ConfigError, match=r"html is only written; those that are read: .*jsonl"):
        open_documents(path, format="html")
    with pytest.raises(ConfigError, match=r"jsonl has no option 'text_column'; its options: none$"):
        open_documents(path, text_column="note")
    with pytest.raises(ConfigError, match=r"text has no option 'text_column'.*name it with --from csv or --from tsv$"):
        open_documents(file_with(tmp_path, "in.txt", "id\tnote\n7\tGout\n"), text_column="note")
    with pytest.raises(ConfigError, match="csv has no option 'column'; its options: id_column, label_column"):
        open_documents(path, format="csv", column="note")
    with pytest.raises(ConfigError, match=r"pubmed-xml is only read; those that are written: .*jsonl"):
        writer("pubmed-xml")


@pytest.mark.parametrize("name", ["jsonl", "html", "text", "csv", "tsv", "pubtator"])
def test_writers_by_name(name):
    stream = io.StringIO()
    writer(name)([GOUT], stream)
    assert "document" in stream.getvalue() or "Gout" in stream.getvalue()


def read_all(path, **settings):
    """What a user gets: documents and failures, or words."""
    try:
        return list(open_documents(path, **settings))
    except BioglossError as error:
        return [str(error)]


@given(st.binary(max_size=200), st.sampled_from(["x", "x.txt", "x.csv", "x.jsonl", "x.gz"]))
def test_any_bytes_are_read_or_refused_in_our_words(tmp_path_factory, content, name):
    for read in read_all(file_with(tmp_path_factory.mktemp("fuzz"), name, content)):
        assert isinstance(read, (Document, Failure)) or name in read


@pytest.mark.parametrize("name", ["csv", "jsonl", "text", "tsv"])
@given(content=st.text('\t,|"<>{}[]:0123BIO-abT\n\r β', max_size=60))
def test_readers_raise_nothing_but_our_errors(tmp_path_factory, name, content):
    path = file_with(tmp_path_factory.mktemp("fuzz"), "in.txt", "text,id\tx\n" + content)
    for read in read_all(path, format=name):
        assert isinstance(read, (Document, Failure)) or "in.txt" in read


REAL = [
    ("pubmed/pubmed21n1298.xml.gz", "pubmed_xml"),
    ("relations/bc5cdr-cid/CDR_TrainSet.BioC.xml.gz", "bioc_xml"),
    ("ner/pubtator/BC5CDR_Test.PubTator", "pubtator"),
    ("relations/biored/Dev.PubTator", "pubtator"),
    ("ner/bc5cdr/test.tsv", "conll"),
    ("chinese/yidu-s4k/train.txt", "conll"),
    ("clinical/mts-dialog/MTS-Dialog-TrainingSet.csv", "csv"),
    ("clinical/negex-half.tsv", "tsv"),
    ("relations/ade/ADE-NEG.txt", "text"),
    ("pubmed/jats/PMC4052786.nxml", "jats"),
]


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here; name their folder in BIOGLOSS_DATA")
@pytest.mark.parametrize(("path", "name"), REAL)
def test_real_files(path, name):
    assert detect(CORPORA / path) == name
