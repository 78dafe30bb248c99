"""What documents carry stays as it is; what is said besides finds free ids and is said once."""

from dataclasses import replace

import biogloss
from biogloss.documents import Document, Relation, Span, entity_at
from biogloss.pipeline.steps._beside import united

TEXT = "Metformin treats diabetes."


def entity(start, end, label, name, source="me"):
    return entity_at(TEXT, Span(start, end), label, id=name, source=source)


GIVEN = Document(
    "1",
    TEXT,
    entities=(entity(0, 9, "Chemical", "T1"), entity(10, 16, "Verb", "T2")),
    relations=(Relation("R2", "treats", (("a", "T1"), ("b", "T2"))),),
    labels=("kept",),
    label_scores=(("kept", 0.2),),
)


def test_nothing_that_is_given_changes_and_what_is_new_has_free_ids():
    said = replace(
        GIVEN,
        entities=(entity(0, 9, "Chemical", "T1", "model"), entity(17, 25, "Disease", "T2", "model")),
        relations=(
            Relation("R1", "treats", (("a", "T1"), ("b", "T2")), source="model"),
            Relation("R2", "causes", (("a", "T1"), ("b", "T2")), source="model"),
            Relation("R3", "causes", (("a", "T2"), ("b", "T1")), source="model"),
        ),
        labels=("new", "kept"),
        label_scores=(("kept", 0.9), ("new", 0.8)),
    )
    both = united(GIVEN, said)
    assert both.entities == (*GIVEN.entities, entity(17, 25, "Disease", "T3", "model"))
    assert [(one.id, one.label) for one in both.relations] == [("R2", "treats"), ("R1", "causes"), ("R3", "causes")]
    assert both.relations[0] == GIVEN.relations[0]
    assert both.labels == ("kept", "new")
    assert both.label_scores == (("kept", 0.2), ("new", 0.8))


def test_a_model_loaded_to_keep_adds_to_a_document():
    bare = replace(GIVEN, relations=(), labels=(), label_scores=())
    added = biogloss.load(link=False, keep=True)(bare)
    assert [(one.id, one.label, one.source) for one in added.entities][:2] == [
        ("T1", "Chemical", "me"),
        ("T2", "Verb", "me"),
    ]
    assert [one.label for one in added.entities] == ["Chemical", "Verb", "Disease"]
    replaced = biogloss.load(link=False)(bare)
    assert [one.label for one in replaced.entities] == ["Chemical", "Disease"]
