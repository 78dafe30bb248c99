"""PubTator: the corpora as they are published, identifiers, damage, and what the writer makes of a document."""

import io
import os
from pathlib import Path

import pytest

from biogloss.documents import Citation, Document, Link, Mark, Relation, Span, entity_at
from biogloss.errors import CannotHold, Failure, FormatError
from biogloss.formats import pubtator
from biogloss.formats._source import Report

CORPORA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))
MISMATCH = "pubtator: mention left out, its words are not those of the text at its offsets"
RECORD = "7|t|Gout\n7|a|is painful.\n7\t0\t4\tGout\tDisease\tD006073\n"


def read(tmp_path, content, report=None):
    path = tmp_path / "x.pubtator"
    path.write_bytes(content.encode())
    return list(pubtator.read(path, report=report))


def written(*documents, report=None):
    stream = io.StringIO(newline="")
    pubtator.write(documents, stream, report)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("file", "documents", "entities", "relations", "mismatches"),
    [
        ("ner/pubtator/BC5CDR_TrainDev.PubTator", 1000, 18974, 0, 0),
        ("ner/pubtator/BC5CDR_Test.PubTator", 500, 9796, 0, 0),
        ("ner/pubtator/NCBIdisease_TrainDev.PubTator", 693, 5931, 0, 1),
        ("ner/pubtator/NCBIdisease_Test.PubTator", 100, 960, 0, 0),
        ("ner/pubtator/GNormPlus_Train.PubTator", 427, 5668, 0, 35),
        ("ner/pubtator/NLMgene_Train.PubTator", 429, 13185, 0, 11),
        ("relations/biored/Dev.PubTator", 64, 2190, 764, 0),
    ],
)
def test_published_corpora(tmp_path, file, documents, entities, relations, mismatches):
    if not (CORPORA / file).exists():
        pytest.skip(f"needs {file} under BIOGLOSS_DATA")
    report = Report()
    found = list(pubtator.read(CORPORA / file, report=report))
    assert not [one for one in found if isinstance(one, Failure)]
    assert len(found) == documents
    assert sum(len(document.entities) for document in found) == entities
    assert sum(len(document.relations) for document in found) == relations
    assert report[MISMATCH] == mismatches
    assert read(tmp_path, written(*found)) == found


@pytest.mark.parametrize(
    ("label", "column", "links"),
    [
        ("Chemical", "D008687", ["MESH:D008687"]),
        ("Disease", "MESH:C564766", ["MESH:C564766"]),
        ("Disease", "D1234567|D003003|D003003", ["MESH:D1234567", "MESH:D003003"]),
        ("Modifier", "OMIM:114500", ["OMIM:114500"]),
        ("Disease", "D003003+D004567", ["D003003+D004567"]),
        ("GeneOrGeneProduct", "672,675", ["NCBIGene:672", "NCBIGene:675"]),
        ("Gene", "24659(Tax:10116)", ["NCBIGene:24659"]),
        ("OrganismTaxon", "9606", ["NCBITaxon:9606"]),
        ("CellLine", "CVCL_0030", ["Cellosaurus:CVCL_0030"]),
        ("SequenceVariant", "c|SUB|T|120|C", ["c|SUB|T|120|C"]),
        ("Chemical", "-1", []),
        ("Chemical", "-", []),
        ("Chemical", "", []),
    ],
)
def test_identifiers_become_curies(tmp_path, label, column, links):
    (document,) = read(tmp_path, f"7|t|Gout\n7|a|x\n7\t0\t4\tGout\t{label}\t{column}\n")
    assert [link.id for link in document.entities[0].links] == links
    assert read(tmp_path, written(document)) == [document]


def test_title_abstract_and_pmid(tmp_path):
    (document,) = read(tmp_path, RECORD.replace("\n", "\r\n"))
    assert document.text == "Gout\nis painful."
    assert document.marks == (Mark(Span(0, 4), "title"), Mark(Span(5, 16), "abstract"))
    assert document.citation == Citation(pmid="7")


def test_a_relation_names_concepts_as_the_mentions_do(tmp_path):
    rows = "7\t0\t4\tGout\tGene\t672\n7\tAssociation\t672\tD006073\tNovel\n"
    (document,) = read(tmp_path, "7|t|Gout\n7|a|x\n" + rows, report := Report())
    assert document.relations[0].arguments == (("Arg1", "NCBIGene:672"), ("Arg2", "MESH:D006073"))
    assert report == {"pubtator: fifth column of a relation (novelty) left out": 1}
    assert "7\tAssociation\t672\tMESH:D006073\n" in written(document)


@pytest.mark.parametrize(
    ("damage", "line", "words"),
    [
        ("7\t0\t4\tGout\n", 4, "a mention of 4 columns"),
        ("7\tx1\t4\tGout\tDisease\tD1\n", 4, "not two numbers"),
        ("7\t0\t4\n", 4, "3 columns"),
        ("8\t0\t4\tGout\tDisease\n", 4, "document '8' inside document '7'"),
        ("7|a|again\n", 4, "a second"),
    ],
)
def test_a_damaged_record_is_a_failure_and_the_rest_goes_on(tmp_path, damage, line, words):
    good = RECORD.replace("7|", "8|").replace("7\t", "8\t")
    failure, document = read(tmp_path, RECORD + damage + "\n" + good)
    assert isinstance(failure, Failure)
    assert failure.document_id == "7"
    assert f"line {line}" in str(failure)
    assert words in str(failure)
    assert document.id == "8"


def test_a_record_without_abstract_line_and_records_without_blank_lines(tmp_path):
    failure, document = read(tmp_path, "6|t|Only a title\n" + RECORD)
    assert "no |a| line" in str(failure)
    assert document.entities[0].text == "Gout"


def test_another_format_is_refused_with_its_first_line(tmp_path):
    with pytest.raises(FormatError, match=r"line 1: the first line is 'PMID- 7'; expected PubTator"):
        read(tmp_path, "PMID- 7\nTI  - Gout\n")


def test_wrong_offsets_are_left_out_and_counted(tmp_path):
    (document,) = read(tmp_path, RECORD + "7\t1\t5\tGout\tDisease\n7\t90\t94\tGout\tDisease\n", report := Report())
    assert len(document.entities) == 1
    assert report[MISMATCH] == 2


def test_offsets_hold_when_line_breaks_become_spaces(tmp_path):
    text = "Gout\n\nhurts\r\nbadly."
    entity = entity_at(text, Span(13, 18), "Finding", id="T1", score=0.9, source="model")
    report = Report()
    (back,) = read(tmp_path, written(Document("7", text, entities=(entity,)), report=report))
    assert back.text == "Gout\n hurts  badly."
    assert [(one.start, one.text) for one in back.entities] == [(13, "badly")]
    assert report["pubtator: line breaks of the text written as spaces"] == 1
    assert report["pubtator has no place for scores: left out"] == 1


def test_what_is_asserted_has_no_column_and_is_counted():
    negated = entity_at("Gout", Span(0, 4), "Disease", id="T1", attributes=(("negation", "negated"),))
    report = Report()
    assert "7\t0\t4\tGout\tDisease\t-\n" in written(Document("7", "Gout", entities=(negated,)), report=report)
    assert report["pubtator has no place for attributes of entities: left out"] == 1


def test_what_would_be_lost_is_refused_before_anything_is_written():
    separated = entity_at("Gout", Span(0, 4), "Disease", id="T1", links=(Link("X:1,2"),))
    pair = Relation("R1", "is", (("Arg1", "T1"), ("Arg2", "T1")))
    for document, words in [
        (Document("7", "Gout", entities=(separated,)), "would read back as others"),
        (Document("7", "Gout", entities=(entity_at("Gout", Span(0, 4), "D", id="T1"),), relations=(pair,)), "mentions"),
        (Document("7|8", "Gout"), "7|8"),
    ]:
        stream = io.StringIO()
        with pytest.raises(CannotHold, match=words.replace("|", r"\|")):
            pubtator.write([document], stream)
        assert not stream.getvalue()
