"""The JSON form: nothing is lost, equal documents give equal bytes, the schema says what the reader accepts."""

import json
from importlib.resources import files

import jsonschema
import pytest
from document_strategies import documents
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Citation, Document, OffsetError, Span, entity_at
from biogloss.documents.jsonl import from_json, from_line, to_json, to_line

SCHEMA = json.loads(files("biogloss.documents").joinpath("schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOUT = Document("7", "Gout is painful.", entities=(entity_at("Gout is painful.", Span(0, 4), "Disease", id="T1"),))


def gout(**changes):
    return {"biogloss": 1, "id": "7", "text": "Gout is painful.", **changes}


def entity(**changes):
    return gout(entities=[{"id": "T1", "spans": [[0, 4]], "label": "Disease", "text": "Gout", **changes}])


@given(documents())
def test_a_line_reads_back_to_the_document_and_validates(document):
    line = to_line(document)
    assert "\n" not in line
    assert from_line(line) == document
    assert to_line(from_line(line)) == line
    VALIDATOR.validate(json.loads(line))
    assert json.loads(line) == to_json(document)


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_bytes_of_a_document():
    assert to_line(GOUT) == (
        '{"biogloss":1,"id":"7","text":"Gout is painful.","language":"en",'
        '"entities":[{"id":"T1","spans":[[0,4]],"label":"Disease","text":"Gout"}]}'
    )


def test_text_of_any_script_is_written_as_it_is():
    assert '"text":"痛风 α😀"' in to_line(Document("1", "痛风 α😀"))


@pytest.mark.parametrize(("score", "written"), [(0.98765, "0.988"), (1, "1.0"), (0, "0.0"), (-0.0, "0.0")])
def test_scores_have_three_decimals(score, written):
    scored = entity_at("Gout", Span(0, 4), "Disease", id="T1", score=score)
    assert to_line(Document("7", "Gout", entities=(scored,))).endswith(f'"score":{written}}}]}}')


@pytest.mark.parametrize("score", [1.5, -0.1, float("nan"), float("inf")])
def test_a_score_outside_its_range_is_not_written(score):
    scored = entity_at("Gout", Span(0, 4), "Disease", id="T1", score=score)
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        to_line(Document("7", "Gout", entities=(scored,)))


def test_an_empty_citation_is_not_no_citation():
    assert from_line(to_line(Document("7", "x", citation=Citation()))).citation == Citation()
    assert from_line(to_line(Document("7", "x"))).citation is None


def test_probabilities_of_classes_are_pairs_and_old_files_have_none():
    document = Document("7", "x", labels=("review",), label_scores=(("review", 0.93), ("trial", 0.07)))
    assert to_line(document).endswith('"labels":["review"],"label_scores":[["review",0.93],["trial",0.07]]}')
    assert from_json(gout(labels=["review"])).label_scores == ()


def test_language_is_english_where_it_is_absent():
    assert from_json(gout()).language == "en"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ([], "expected a JSON object, found list"),
        ({"id": "7", "text": "x"}, 'no format version; expected "biogloss": 1'),
        (gout(biogloss=True), "no format version"),
        (gout(biogloss=2), "format version 2 is newer than this Biogloss.*upgrade"),
        ({"biogloss": 1, "text": "x"}, "the key 'id' is missing"),
        (gout(text=3), "document.text: expected a string; found 3"),
        (gout(title="Gout"), "unknown key 'title'; the keys are biogloss, id, text"),
        (gout(entities={}), "document.entities: expected a list; found an object of 0"),
        (gout(entities=["Gout"]), r"entities\[0\]: expected an object"),
        (entity(start=0), r"entities\[0\]: unknown key 'start'; the keys are id, spans"),
        (entity(spans=[[0, 4, 5]]), r"entities\[0\].spans: expected \[start, end\].*found \[0, 4, 5\]"),
        (entity(spans=[[False, 4]]), "two whole numbers"),
        (entity(spans=[["0", 4]]), "two whole numbers"),
        (entity(spans=[[0, 4.5]]), "two whole numbers"),
        (entity(spans=[[0, float("inf")]]), "two whole numbers"),
        (entity(spans=[[-1, 4]]), "negative"),
        (entity(spans=[]), "has no span"),
        (entity(label=None), r"entities\[0\].label: expected a string; found None"),
        (entity(score=2), "expected a number from 0 to 1; found 2"),
        (entity(score=True), "expected a number from 0 to 1"),
        (entity(score="high"), "expected a number from 0 to 1"),
        (entity(links=[{"score": 0.5}]), r"entities\[0\].links\[0\]: the key 'id' is missing"),
        (entity(attributes=[["negation"]]), "expected pairs of two strings"),
        (gout(relations=[{"id": "R1", "label": "CID"}]), "the key 'arguments' is missing"),
        (gout(labels=[1]), "document.labels: expected a string"),
        (gout(label_scores={"review": 0.9}), "document.label_scores: expected a list; found an object of 1"),
        (gout(label_scores=[["review"]]), "document.label_scores: expected pairs of a string and a number"),
        (gout(label_scores=[["review", 1.1]]), "document.label_scores: expected a number from 0 to 1; found 1.1"),
        (gout(label_scores=[["review", True]]), "document.label_scores: expected a number from 0 to 1"),
        (gout(label_scores=[[1, 0.5]]), "document.label_scores: expected a string"),
        (gout(citation={"retracted": 1}), "citation.retracted: expected true or false"),
        (gout(citation={"mesh": [{"id": "D1"}]}), r"citation.mesh\[0\]: the key 'name' is missing"),
        (gout(marks=[{"kind": "title"}]), r"marks\[0\]: the key 'span' is missing"),
    ],
)
def test_reader_and_schema_refuse_the_same(mapping, words):
    with pytest.raises(ValueError, match=words):
        from_json(mapping)
    assert not VALIDATOR.is_valid(mapping)


def test_what_only_the_reader_can_check():
    with pytest.raises(OffsetError, match=r"characters 0-4.*'Gouty'.*'Gout'"):
        from_json(entity(text="Gouty"))
    with pytest.raises(OffsetError, match="ends after the text"):
        from_json(gout(marks=[{"span": [3, 99], "kind": "title"}]))
    with pytest.raises(ValueError, match="reversed"):
        from_json(entity(spans=[[4, 0]]))
    with pytest.raises(ValueError, match="two entities have the id 'T1'"):
        from_json(gout(entities=entity()["entities"] * 2))
    with pytest.raises(ValueError, match=r"document 7: scores of the classes 'trial' then 'review'.*sorted by name"):
        from_json(gout(label_scores=[["trial", 0.1], ["review", 0.9]]))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "not JSON: Expecting value at character 0"),
        ('{"biogloss":1,', "not JSON"),
        ('{"biogloss":1,"id":"7","id":"8","text":"x"}', "the key 'id' is given twice"),
        ('{"biogloss":1,"id":"7","text":"x","labels":NaN}', "NaN is not a number of JSON"),
        ('{"biogloss":1,"id":"7","text":"\\ud83d"}', "document.text: lone surrogate at character 0"),
        ('{"biogloss":1,"id":"\\ud83d","text":"x"}', "document.id: lone surrogate"),
        ("[" * 200_000, "nested too deeply"),
        ('{"biogloss":' + "9" * 5000 + "}", "."),
    ],
)
def test_a_bad_line_is_one_clear_error(line, words):
    with pytest.raises(ValueError, match=words):
        from_line(line)


def test_half_a_surrogate_pair_is_not_written():
    with pytest.raises(ValueError, match="lone surrogate"):
        to_line(Document("7", "Gout", labels=("\ud83d",)))


def test_a_long_value_is_not_spelt_out():
    with pytest.raises(ValueError, match="spans") as caught:
        from_json(entity(spans=["patient " * 1000]))
    assert len(str(caught.value)) < 160


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from([*SCHEMA["properties"], "span", "spans", "kind", "label", "score", "arguments", "name"])


@given(st.dictionaries(_KEYS, _JSON | st.lists(st.dictionaries(_KEYS, _JSON, max_size=4), max_size=2), max_size=6))
def test_any_object_is_read_or_refused_with_a_value_error(mapping):
    try:
        document = from_json({"biogloss": 1, "id": "7", "text": "Gout is painful.", **mapping})
    except ValueError:
        return
    assert isinstance(document, Document)
