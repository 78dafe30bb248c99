"""Tasks of Label Studio as it exports them, and what it is given."""

import io
import json

import pytest

from biogloss.documents import Document, Link, Relation, Span, entity_at
from biogloss.errors import Failure
from biogloss.formats import brat, label_studio
from biogloss.formats._detect import detect, open_documents
from biogloss.formats._source import Report

TEXT = "\U0001f480 Gout\r\nhurts; metformin helps."


def region(name, start, end, label, /, **more):
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label], **more}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value, "origin": "manual"}


def exported(*result, data=None, **more):
    """A task in the shape of Label Studio's export."""
    annotation = {"id": 3, "completed_by": 1, "result": list(result), "was_cancelled": False, "lead_time": 2.5}
    return {"id": 5, "annotations": [annotation], "predictions": [], "data": data or {"text": TEXT}, **more}


def of_concepts():
    """Two mentions with identifiers, and a relation between these; another of which the text has one."""
    gout = entity_at(TEXT, Span(2, 6), "Disease", id="T1", links=(Link("MESH:D006073"),))
    metformin = entity_at(TEXT, Span(15, 24), "Chemical", id="T2", links=(Link("MESH:D008687"),))
    treats = Relation("R1", "treats", (("Arg1", "MESH:D008687"), ("Arg2", "MESH:D006073")), (Span(0, 31),))
    other = Relation("R2", "treats", (("Arg1", "MESH:D008687"), ("Arg2", "MESH:D1")))
    return Document("7", TEXT, entities=(gout, metformin), relations=(treats, other))


def read(folder, *tasks, report=None):
    path = folder / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    assert detect(path) == "label_studio"
    return list(open_documents(path, report=report))


def test_an_export_is_read_with_offsets_in_code_points(tmp_path):
    arrow = {"from_id": "b", "to_id": "a", "type": "relation", "direction": "left", "labels": ["treats"]}
    (found,) = read(tmp_path, exported(region("a", 2, 6, "Disease"), region("b", 15, 24, "Chemical"), arrow))
    assert (found.id, [(one.text, one.label) for one in found.entities]) == (
        "5",
        [("Gout", "Disease"), ("metformin", "Chemical")],
    )
    assert [(one.label, one.arguments) for one in found.relations] == [("treats", (("Arg1", "a"), ("Arg2", "b")))]


def test_what_is_left_out_is_counted(tmp_path):
    choice = {"type": "choices", "value": {"choices": ["good"]}}
    arrow = {"from_id": "b", "to_id": "x", "type": "relation"}
    task = exported(region("a", 2, 6, "Disease", text="pout"), region("b", 0, 90, "Disease"), choice, arrow)
    task["annotations"] = [{"result": [], "was_cancelled": True}, *task["annotations"], {"result": []}]
    report = Report()
    (found,) = read(tmp_path, task, report=report)
    assert not found.entities
    assert sorted(report.values()) == [1, 1, 1, 2]


def test_predictions_are_read_where_nobody_annotated(tmp_path):
    task = exported(data={"id": "n7", "text": TEXT})
    task["predictions"], task["annotations"] = [{"result": [region("a", 2, 6, "Disease")]}], []
    (found,) = read(tmp_path, task)
    assert (found.id, found.entities[0].text) == ("n7", "Gout")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (exported(data={"body": TEXT}), "there are: body"),
        (exported({"type": "labels", "value": {"start": 0, "end": 4}}), "no labels"),
        (exported(region("a", 2, 6, 7)), "no labels"),
        (exported(region("a", 2, 6, "Disease", start="2")), "no start and end"),
        (exported(region("a", 2, 6, "Disease"), region("a", 2, 6, "Gene")), "two regions"),
        (exported(annotations=7), "not a list"),
    ],
)
def test_a_damaged_task_is_a_failure_that_says_what_and_the_next_is_read(tmp_path, task, said):
    failure, found = read(tmp_path, task, exported())
    assert isinstance(failure, Failure)
    assert said in str(failure)
    assert found.text == TEXT


def test_guesses_of_a_model_are_predictions_and_what_is_certain_is_annotations():
    for score, key in ((0.5, "predictions"), (None, "annotations")):
        entities = (
            entity_at(TEXT, Span(2, 6), "Disease", id="T1", score=score),
            entity_at(TEXT, Span(15, 24), "Chemical", id="T2"),
        )
        relation = Relation("R1", "treats", (("Arg1", "T2"), ("Arg2", "T1")))
        stream = io.StringIO()
        label_studio.write([Document("7", TEXT, entities=entities, relations=(relation,))], stream)
        (task,) = json.loads(stream.getvalue())
        assert task["data"] == {"id": "7", "text": TEXT}
        gout, metformin, arrow = task[key][0]["result"]
        assert gout["value"] == {"start": 2, "end": 6, "text": "Gout", "labels": ["Disease"]}
        assert (gout["from_name"], gout["to_name"], gout["type"]) == ("label", "text", "labels")
        assert (arrow["from_id"], arrow["to_id"], arrow["labels"]) == (metformin["id"], gout["id"], ["treats"])


def test_relations_of_concepts_are_drawn_between_mentions_and_counted(tmp_path):
    stream, report = io.StringIO(), Report()
    label_studio.write([of_concepts()], stream, report)
    (task,) = json.loads(stream.getvalue())
    (arrow,) = (one for one in task["annotations"][0]["result"] if one["type"] == "relation")
    assert (arrow["from_id"], arrow["to_id"], arrow["labels"]) == ("1-T2", "1-T1", ["treats"])
    said = {what.partition(":")[0] for what in report}
    assert said >= {"relations between concepts", "a relation without two mentions in the text"}
    brat.write_folder([of_concepts()], tmp_path)
    rows = (tmp_path / "7.ann").read_text().splitlines()
    assert [row for row in rows if row.startswith("R")] == ["R1\ttreats Arg1:T2 Arg2:T1"]
