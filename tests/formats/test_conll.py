"""CoNLL: the tag schemes people have, documents and sentences, and a text that reads as it was written."""

import io
import os
from collections import Counter
from pathlib import Path

import pytest

from biogloss.documents import Document, Mark, Span, entity_at
from biogloss.errors import CannotHold, Failure, FormatError
from biogloss.formats import conll, pubtator
from biogloss.formats._source import Report
from biogloss.formats._words import join

CORPORA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))


def read(tmp_path, content, **options):
    path = tmp_path / "train.tsv"
    path.write_bytes(content.encode())
    return list(conll.read(path, **options))


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("ner/bc5cdr/test.tsv", {"Chemical": 5385, "Disease": 4424}),
        ("ner/ncbi-disease/train.tsv", {"Disease": 5134}),
        ("ner/linnaeus/devel.tsv", {"Species": 711}),
        ("ner/bc2gm/devel.tsv", {"GENE": 3061}),
    ],
)
def test_published_corpora(file, counts):
    if not (CORPORA / file).exists():
        pytest.skip(f"needs {file} under BIOGLOSS_DATA")
    report = Report()
    documents = list(conll.read(CORPORA / file, report=report))
    assert Counter(entity.label for document in documents for entity in document.entities) == counts
    assert not report


def test_most_sentences_of_bc5cdr_read_as_they_were_published():
    tokens, original = CORPORA / "ner/bc5cdr/test.tsv", CORPORA / "ner/pubtator/BC5CDR_Test.PubTator"
    if not tokens.exists():
        pytest.skip("needs ner/bc5cdr under BIOGLOSS_DATA")
    texts = "\n".join(document.text for document in pubtator.read(original))
    sentences = [document.text for document in conll.read(tokens)]
    assert sum(sentence in texts for sentence in sentences) / len(sentences) > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease (PD), 0.05 mg/kg i.v.; n = 3.",
        "22-oxacalcitriol [3H] at 10 +/- 2%: pre- and postnatal.",
        'the so-called "metabolic syndrome" in 1,000 patients',
        "子宫内膜12天",
    ],
)
def test_words_are_joined_as_people_write_them(text):
    tokens = [match[0] for match in conll._TOKEN.finditer(text)] if text.isascii() else list(text)
    joined, starts = join(tokens)
    assert joined == text
    assert all(joined.startswith(token, start) for token, start in zip(tokens, starts, strict=True))


@pytest.mark.parametrize(
    ("tags", "found", "reported"),
    [
        ("B-X I-X O B-X", ["a b", "d"], 0),
        ("I-X I-X O I-X", ["a b", "d"], 2),
        ("I-X I-X B-X O", ["a b", "c"], 1),
        ("B-X E-X S-X S-X", ["a b", "c", "d"], 0),
        ("B-X I-Y O O", ["a", "b"], 1),
        ("B_X I_X O O", ["a b"], 0),
        ("B-X E-X I-X O", ["a b", "c"], 1),
    ],
)
def test_tag_schemes(tmp_path, tags, found, reported):
    content = "".join(f"{token}\t_\t{tag}\n" for token, tag in zip("abcd", tags.split(), strict=True))
    (document,) = read(tmp_path, content, report=(report := Report()))
    assert [entity.text for entity in document.entities] == found
    assert report.total() == reported


def test_tags_without_type_spaces_for_tabs_and_crlf(tmp_path):
    (document,) = read(tmp_path, "gout B\r\nattack I\r\n. O\r\n")
    assert [(entity.text, entity.label) for entity in document.entities] == [("gout attack", "Entity")]
    assert document.text == "gout attack."


def test_documents_by_docstart_by_sentence_or_by_number(tmp_path):
    sentences = "a\tO\n\nb\tO\n\nc\tO\n"
    assert [(one.id, one.text) for one in read(tmp_path, sentences)] == [
        ("train.tsv:1", "a"),
        ("train.tsv:3", "b"),
        ("train.tsv:5", "c"),
    ]
    assert [one.text for one in read(tmp_path, sentences, sentences_per_document=2)] == ["a b", "c"]
    started = f"-DOCSTART-\tO\n\n{sentences}\n-DOCSTART- -X- O O\n\nd\tO\n"
    first, second = read(tmp_path, started)
    assert (first.text, second.text) == ("a b c", "d")
    assert [mark.kind for mark in first.marks] == ["sentence"] * 3


def test_damage(tmp_path):
    first, failure, last = read(tmp_path, "a\tO\n\nb\tO\nbroken\n\nc\tO\n")
    assert isinstance(failure, Failure)
    assert "line 4: no tag at the end of 'broken'" in str(failure)
    assert (first.text, last.text) == ("a", "c")
    with pytest.raises(FormatError, match="line 1: no tag"):
        read(tmp_path, "Just a text.\n")


def test_writing_ends_sentences_at_marks_and_never_inside_an_entity():
    text = "E. coli grows. It does."
    marks = tuple(Mark(Span(*ends), "sentence") for ends in [(0, 2), (3, 14), (15, 23)])
    document = Document("7", text, marks=marks, entities=(entity_at(text, Span(0, 7), "Species", id="T1"),))
    stream = io.StringIO()
    conll.write([document], stream)
    assert stream.getvalue() == (
        "-DOCSTART-\tO\n\nE\tB-Species\n.\tI-Species\ncoli\tI-Species\ngrows\tO\n.\tO\n\nIt\tO\ndoes\tO\n.\tO\n\n"
    )


def test_overlapping_entities_are_refused():
    entities = tuple(entity_at("abc", Span(0, end), "X", id=f"T{end}") for end in (2, 3))
    with pytest.raises(CannotHold, match="overlapping entities"):
        conll.write([Document("7", "abc", entities=entities)], io.StringIO())
