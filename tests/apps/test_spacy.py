"""Biogloss in a pipeline of spaCy."""

import pytest

import biogloss
from biogloss.documents import span_text
from biogloss.errors import ConfigError

spacy = pytest.importorskip("spacy")

TEXTS = [
    "No evidence of gout; metformin lowers glucose in type 2 diabetes.",
    "\U0001f480 Selegiline-induced postural hypotension in Parkinson's disease.",
    "",
]


@pytest.fixture(scope="module")
def nlp():
    found = spacy.blank("en")
    found.add_pipe("biogloss", config={"relations": True})
    return found


def test_spans_are_the_entities_widened_to_tokens(nlp):
    gloss = biogloss.load()
    for text in TEXTS:
        doc, document = nlp(text), gloss(text)
        assert doc.text == text
        said = [(span.label_, span.kb_id_ or None) for span in doc.spans["biogloss"]]
        assert said == [(entity.label, entity.concept) for entity in document.entities]
        for span, entity in zip(doc.spans["biogloss"], document.entities, strict=True):
            assert entity.text in span.text
            assert span._.biogloss_score == entity.score
            assert span._.biogloss_attributes == dict(entity.attributes)
        assert {span.text for span in doc.ents} <= {span.text for span in doc.spans["biogloss"]}


def test_what_is_asserted_of_an_entity_is_on_its_span(nlp):
    gout = next(span for span in nlp(TEXTS[0]).ents if span.text == "gout")
    assert gout._.biogloss_attributes["negation"] == "negated"


def test_relations_are_said_on_request(nlp):
    doc = nlp("Haloperidol causes catalepsy. " * 2)
    bare = spacy.blank("en")
    bare.add_pipe("biogloss", config={"link": True})
    assert not bare(doc.text)._.biogloss_relations
    concepts = {span.kb_id_ for span in doc.spans["biogloss"]}
    for relation in doc._.biogloss_relations:
        assert {reference for _, reference in relation.arguments} <= concepts
        assert all(span_text(doc.text, [span]) for span in relation.evidence)
    assert doc._.biogloss_relations


def test_many_are_annotated_as_each_alone(nlp):
    alone = [[(span.start_char, span.end_char, span.label_) for span in nlp(text).ents] for text in TEXTS]
    assert [[(span.start_char, span.end_char, span.label_) for span in doc.ents] for doc in nlp.pipe(TEXTS)] == alone


def test_an_unknown_type_is_refused():
    with pytest.raises(ConfigError, match="Drug"):
        spacy.blank("en").add_pipe("biogloss", config={"types": ["Drug"]})


def test_a_pipeline_is_written_and_read_again(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert [span.label_ for span in again(TEXTS[0]).ents] == [span.label_ for span in nlp(TEXTS[0]).ents]
