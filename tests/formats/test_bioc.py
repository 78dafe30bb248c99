"""BioC against the package of that name as oracle, and the files people get from NCBI."""

import io
import json
import os
from pathlib import Path

import pytest
from format_strategies import documents
from hypothesis import given, settings

from biogloss.documents import Document, Mark, Relation, Span, entity_at
from biogloss.errors import CannotHold, Failure, FormatError, UnsafeInputError
from biogloss.formats import _json_objects, bioc_json, bioc_xml
from biogloss.formats._source import Report

biocxml = pytest.importorskip("bioc.biocxml")
biocjson = pytest.importorskip("bioc.biocjson")

CORPORA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[3] / "shared" / "data"))
CDR = CORPORA / "relations/bc5cdr-cid/CDR_TrainSet.BioC.xml.gz"
BOTH = pytest.mark.parametrize(("module", "oracle"), [(bioc_xml, biocxml), (bioc_json, biocjson)])


def written(module, found, report=None):
    stream = io.StringIO(newline="")
    module.write(found, stream, report)
    return stream.getvalue()


def read(module, folder, content, report=None):
    path = folder / "bioc"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(module.read(path, report=report))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bioc")


def seen_by_oracle(oracle, content):
    """What the bioc package reads: ids, passages and annotations with their places."""
    collection = oracle.loads(content)
    return [
        (
            document.id,
            [(passage.offset, passage.text or "") for passage in document.passages],
            sorted(
                (note.id, note.infons["type"], note.text, [(one.offset, one.length) for one in note.locations])
                for passage in document.passages
                for note in passage.annotations
            ),
            [
                (one.id, one.infons["type"], [(node.refid, node.role) for node in one.nodes])
                for one in document.relations
            ],
        )
        for document in collection.documents
    ]


@BOTH
@settings(max_examples=40, deadline=None)
@given(document=documents(bioc_xml.HOLDS))
def test_the_oracle_reads_what_is_written(module, oracle, document):
    ((name, passages, annotations, relations),) = seen_by_oracle(oracle, written(module, [document]))
    assert name == document.id
    for offset, text in passages:
        assert document.text.startswith(text, offset)
    assert sum(len(text) for _, text in passages) >= len(document.text) - len(document.marks)
    assert annotations == sorted(
        (one.id, one.label, one.text, [(span.start, len(span)) for span in one.spans]) for one in document.entities
    )
    assert [one[:2] for one in relations] == [(one.id, one.label) for one in document.relations]


@BOTH
@settings(max_examples=40, deadline=None)
@given(document=documents(bioc_xml.HOLDS))
def test_what_the_oracle_writes_again_is_read_the_same(folder, module, oracle, document):
    content = written(module, [document])
    collection = oracle.loads(content)
    again = oracle.dumps(collection, pretty_print=False) if oracle is biocxml else oracle.dumps(collection)
    assert read(module, folder, again) == read(module, folder, content)


def test_bc5cdr_with_its_relations(folder):
    if not CDR.exists():
        pytest.skip("needs relations/bc5cdr-cid under BIOGLOSS_DATA")
    report = Report()
    found = list(bioc_xml.read(CDR, report=report))
    assert len(found) == 500
    assert sum(len(document.relations) for document in found) == 1038
    assert report == {"bioc: annotation left out, its words are not those of the text at its offsets": 3}
    assert found[0].relations[0].arguments == (("Chemical", "MESH:D008750"), ("Disease", "MESH:D007022"))
    assert [mark.kind for mark in found[0].marks] == ["title", "abstract"]
    assert read(bioc_xml, folder, written(bioc_xml, found)) == found
    assert read(bioc_json, folder, written(bioc_json, found)) == found


PUBTATOR_3 = {
    "_id": "1|None",
    "id": "1",
    "infons": {},
    "passages": [
        {
            "infons": {"type": "title"},
            "offset": 0,
            "text": "BRCA1 and aspirin",
            "annotations": [
                {
                    "id": "2",
                    "infons": {
                        "identifier": "672",
                        "type": "Gene",
                        "valid": True,
                        "database": "ncbi_gene",
                        "none": None,
                    },
                    "text": "BRCA1",
                    "locations": [{"offset": 0, "length": 5}],
                }
            ],
        }
    ],
    "relations": [
        {
            "id": "R1",
            "infons": {
                "score": "0.99",
                "role1": {"identifier": "672", "type": "Gene"},
                "role2": {"identifier": "MESH:D001241", "type": "Chemical"},
                "type": "Association",
            },
            "nodes": [{"refid": "0", "role": "0,1"}],
        }
    ],
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"PubTator3": [PUBTATOR_3, PUBTATOR_3]}),
        json.dumps([{"bioctype": "BioCCollection", "documents": [PUBTATOR_3]}, {"documents": [PUBTATOR_3]}]),
        json.dumps(PUBTATOR_3) + "\n" + json.dumps(PUBTATOR_3),
        "\ufeff" + json.dumps({"documents": [PUBTATOR_3, PUBTATOR_3]}, indent=2),
    ],
)
@pytest.mark.parametrize("block", [7, 100, 1 << 18])
def test_json_from_ncbi_in_any_wrapping_and_any_blocks(folder, monkeypatch, content, block):
    monkeypatch.setattr(_json_objects, "_BLOCK_BYTES", block)
    first, second = read(bioc_json, folder, content)
    assert first == second
    assert first.entities[0].concept == "NCBIGene:672"
    assert ("valid", "true") in first.entities[0].attributes
    (relation,) = first.relations
    assert relation.arguments == (("role1", "NCBIGene:672"), ("role2", "MESH:D001241"))
    assert relation.score == 0.99


def test_gaps_are_filled_and_passages_that_overlap_fail(folder):
    def content(offset):
        passages = [{"offset": 0, "text": "Gout"}, {"offset": offset, "text": "hurts"}]
        return json.dumps({"documents": [{"id": "7", "passages": passages}]})

    report = Report()
    assert read(bioc_json, folder, content(7), report)[0].text == "Gout\n\n\nhurts"
    assert report.total() == 1
    for offset, words in [(3, "starts inside the one before"), (900_000_000, "gap of"), (-1, "offset or length")]:
        (failure,) = read(bioc_json, folder, content(offset))
        assert isinstance(failure, Failure)
        assert words in str(failure)


def test_sentences_are_marks_and_hold_annotations(folder):
    xml = (
        "<!DOCTYPE collection SYSTEM 'BioC.dtd'><collection><source/><date/><key/><document><id>7</id><passage>"
        "<infon key='type'>abstract</infon><offset>0</offset>"
        "<sentence><offset>0</offset><text>Gout.</text>"
        "<annotation id='1'><infon key='type'>Disease</infon><location offset='0' length='4'/><text>Gout</text>"
        "</annotation></sentence><sentence><offset>6</offset><text>It hurts.</text></sentence></passage>"
        "</document></collection>"
    )
    (document,) = read(bioc_xml, folder, xml)
    assert document.text == "Gout.\nIt hurts."
    assert document.entities[0].text == "Gout"
    assert document.marks == (
        Mark(Span(0, 15), "abstract"),
        Mark(Span(0, 5), "sentence"),
        Mark(Span(6, 15), "sentence"),
    )


def test_marks_of_words_are_no_passages():
    text = "No heart rate (HR) was taken."
    marks = (Mark(Span(0, 29), "family_history", "FHx"), Mark(Span(15, 17), "abbreviation", "heart rate"))
    report = Report()
    content = json.loads(written(bioc_json, [Document("7", text, marks=(*marks, Mark(Span(0, 2), "cue")))], report))
    (passage,) = content["documents"][0]["passages"]
    assert (passage["text"], passage["infons"]) == (text, {"type": "family_history", "section_type": "FHx"})
    assert any("abbreviations, cues" in what for what in report)


def test_a_damaged_document_fails_alone(folder):
    good = written(bioc_json, [Document("8", "Gout")]).split("[", 1)[1].rsplit("]", 1)[0]
    bad = '{"id": "7", "passages": [{"offset": "zero", "text": "x"}]}'
    failure, document = read(bioc_json, folder, f'{{"documents": [{bad}, {good}]}}')
    assert failure.document_id == "7"
    assert "offset or length 'zero'" in str(failure)
    assert document.id == "8"
    xml = written(bioc_xml, [Document("7", "x"), Document("8", "Gout")]).replace("<text>x</text>", "<text>x</wrong>")
    failure, document = read(bioc_xml, folder, xml)
    assert isinstance(failure, Failure)
    assert document.id == "8"


def test_unsafe_and_foreign_files_are_refused(folder):
    entity = '<!DOCTYPE collection [<!ENTITY a "b">]><collection><document><id>&a;</id></document></collection>'
    with pytest.raises(UnsafeInputError, match="declares entities"):
        read(bioc_xml, folder, entity)
    with pytest.raises(UnsafeInputError, match="deep"):
        read(bioc_json, folder, '{"passages":' + "[" * 5000)
    with pytest.raises(FormatError, match="no object with 'passages'"):
        read(bioc_json, folder, '{"a": [1, 2]}')


def test_relations_of_what_was_left_out_are_left_out(folder):
    note = {"id": "1", "infons": {"type": "Gene"}, "locations": [{"offset": 1, "length": 4}], "text": "Gout"}
    relation = {"id": "R1", "infons": {"type": "is"}, "nodes": [{"refid": "1", "role": "a"}]}
    source = {"id": "7", "passages": [{"offset": 0, "text": "Gout.", "annotations": [note]}], "relations": [relation]}
    (document,) = read(bioc_json, folder, json.dumps(source), report := Report())
    assert (document.entities, document.relations) == ((), ())
    assert report.total() == 2


def test_xml_refuses_control_characters_by_name():
    with pytest.raises(CannotHold, match="control characters in the text"):
        written(bioc_xml, [Document("7", "a\x00b")])
    entity = entity_at("ab", Span(0, 1), "X\x01", id="T1")
    with pytest.raises(CannotHold, match="control characters in an id, label or value"):
        written(bioc_xml, [Document("7", "ab", entities=(entity,))])


def test_relations_of_concepts_mentions_and_both_come_back(folder):
    entity = entity_at("ab", Span(0, 1), "Gene", id="T1")
    arguments = [
        (("drug", "MESH:D001241"), ("effect", "MESH:D006073")),
        (("Arg1", "T1"), ("Arg1", "T1")),
        (("Arg1", "T1"), ("Arg2", "MESH:D006073"), ("Arg3", "D006073")),
        (("type", "MESH:D001241"), ("x", "MESH:D006073")),
    ]
    relations = tuple(Relation(f"R{at}", "is", pairs) for at, pairs in enumerate(arguments))
    document = Document("a", "ab", entities=(entity,), relations=relations)
    for module in (bioc_xml, bioc_json):
        assert read(module, folder, written(module, [document])) == [document]
