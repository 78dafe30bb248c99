"""`/v1/annotate`: documents in any format, annotated as the command does it, out in any format."""

import gzip
import json

import pytest
from serving import running

import biogloss
from biogloss.documents.jsonl import from_json

TEXT = "Gout is a disease. Metformin lowers glucose in type 2 diabetes, but Alpha-methyldopa did not."
PUBTATOR = "7|t|Gout is a disease.\n7|a|No more.\n\n"
BIOC = (
    '<?xml version="1.0"?><collection><source/><date/><key/><document><id>7</id><passage><offset>0</offset>'
    "<text>Gout is a disease.</text></passage></document></collection>"
)
CONTENTS = {
    "text/plain": TEXT,
    "application/json": json.dumps({"text": TEXT}),
    "application/jsonl": json.dumps({"biogloss": 1, "id": "7", "text": TEXT}),
    "application/vnd.biogloss.records": json.dumps({"text": TEXT}),
    "application/xml": BIOC,
    "application/vnd.biogloss.bioc-xml": BIOC,
    "application/vnd.biogloss.pubtator": PUBTATOR,
    "text/csv": "id,text\n7,Gout is a disease.\n",
    "text/tab-separated-values": "id\ttext\n7\tGout is a disease.\n",
    "application/octet-stream": PUBTATOR,
}


def annotate(client, content, kind="text/plain", accept="application/json", **asked):
    content = content.encode() if isinstance(content, str) else content
    return client.post("/v1/annotate", content=content, headers={"content-type": kind, "accept": accept}, params=asked)


def documents(response):
    assert response.status_code == 200, response.text
    return [from_json(one) for one in response.json()["documents"]]


def test_it_says_what_the_library_says(client, material):
    (found,) = documents(annotate(client, TEXT))
    expected = biogloss.load(link=material / "my.terms")(TEXT)
    assert [(e.spans, e.label, e.concept) for e in found.entities] == [
        (e.spans, e.label, e.concept) for e in expected.entities
    ]
    assert "MESH:D006073" in [entity.concept for entity in found.entities]


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_kind_of_body_is_read(client, kind):
    (found,) = documents(annotate(client, CONTENTS[kind], kind))
    assert "Gout" in [entity.text for entity in found.entities]


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        ("application/vnd.biogloss.pubtator", "text\t0\t4\tGout"),
        ("application/vnd.biogloss.bioc-xml", "<text>Gout</text>"),
        ("application/vnd.biogloss.bioc-json", '"Gout"'),
        ("application/jsonl", '"text":"Gout"'),
        ("text/csv", "Gout"),
        ("text/html;q=0.9, image/png", "<html"),
    ],
)
def test_it_is_written_as_accept_asks(client, accept, words):
    response = annotate(client, "Gout is a disease.", accept=accept)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].split(";")[0] == accept.split(";")[0]
    assert words in response.text


def test_documents_come_back_in_their_order_with_failures_in_their_places(client):
    body = {
        "documents": [
            {"text": "Gout is a disease.", "id": "a"},
            {"biogloss": 1, "id": "b", "text": "Short.", "marks": [{"span": [0, 99], "kind": "title"}]},
            {"text": "", "id": "c"},
        ]
    }
    response = client.post("/v1/annotate", json=body)
    assert [one.id for one in documents(response)] == ["a", "c"]
    (failure,) = response.json()["failures"]
    assert (failure["place"], failure["id"], "0-99" in failure["error"]) == (1, "b", True)


def test_a_failed_document_is_not_left_out_silently_of_other_formats(client):
    body = json.dumps({"documents": [{"text": "Gout."}, {"biogloss": 1, "id": "b", "text": "\ud800"}]})
    response = annotate(client, body, "application/json", accept="application/jsonl")
    assert (response.status_code, response.json()["errors"][0]["where"]) == (422, "b")


def test_types_are_chosen_and_unknown_ones_refused(client):
    (found,) = documents(annotate(client, TEXT, types="Chemical"))
    assert {entity.label for entity in found.entities} == {"Chemical"}
    response = annotate(client, TEXT, types="Chemicals")
    assert (response.status_code, "Chemical," in response.json()["detail"]) == (404, True)


def test_what_others_annotated_is_not_taken_for_the_models_own(client):
    mine = {"id": "T1", "spans": [[5, 10]], "label": "Verb", "text": "hurts"}
    body = json.dumps({"biogloss": 1, "id": "7", "text": "Gout hurts.", "entities": [mine]})
    (found,) = documents(annotate(client, body, "application/json"))
    assert "Verb" not in [entity.label for entity in found.entities]


def test_compressed_bodies_are_read(client):
    for kind, headers in (("application/gzip", {}), ("text/plain", {"content-encoding": "gzip"})):
        content = gzip.compress(TEXT.encode())
        response = client.post("/v1/annotate", content=content, headers={"content-type": kind, **headers})
        assert documents(response)[0].entities[0].text == "Gout"


def test_other_encodings_are_read(client):
    text = "二甲双胍 lowers glucose; Gout is a disease."
    (found,) = documents(annotate(client, text.encode("gb18030"), "text/plain; charset=GB18030"))
    assert found.text == text
    response = annotate(client, text.encode("gb18030"))
    assert (response.status_code, "not utf-8" in response.json()["detail"]) == (422, True)


def test_what_cannot_be_done_is_said(client):
    assert annotate(client, "x", "image/png").status_code == 415
    assert annotate(client, "x", "text/plain; charset=idna").status_code == 415
    assert annotate(client, "Gout.", accept="image/png").status_code == 406
    overlapping = annotate(client, "Chest pain and gout.", accept="application/vnd.biogloss.conll")
    assert (overlapping.status_code, "no place for overlapping" in overlapping.json()["detail"]) == (406, True)
    assert annotate(client, "Gout.", model="other").status_code == 404
    assert annotate(client, "").status_code == 422
    assert annotate(client, b"PAR1" + bytes(60), "application/octet-stream").status_code in (415, 422)
    assert annotate(client, "x", "application/vnd.biogloss.parquet").status_code == 415
    assert annotate(client, "%PDF-1.7", "application/octet-stream").status_code == 422
    assert annotate(client, "{", "application/json").json()["type"] == "urn:biogloss:problem:invalid"
    response = annotate(client, '{"biogloss": 1, "id": 7, "text": ""}', "application/json")
    assert (response.status_code, response.json()["errors"][0]["where"]) == (422, "body")


def test_relations_and_classes_need_a_model_that_knows_them(client):
    for route, task in (("relations", "relations"), ("classify", "classification")):
        response = client.post(f"/v1/{route}", json={"text": "Gout is a disease."})
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
        assert f"no model is loaded that has a head of {task}" in response.json()["detail"]
        assert ("--relations" in response.json()["detail"]) == (task == "relations")


def test_a_service_that_is_asked_for_relations_has_them():
    with running("--relations") as server, server.client() as asked:
        text = "BRCA1 mutations are associated with hereditary breast cancer."
        (document,) = asked.post("/v1/relations", json={"text": text}).json()["documents"]
        (said,) = document["relations"]
        assert (said["label"], said["evidence"]) == ("Association", [{"start": 0, "text": text}])
        assert {argument["concept"] for argument in said["arguments"]} == {"NCBIGene:672", "MESH:D001943"}
        (model,) = asked.get("/v1/models").json()["data"]
        assert [head["name"] for head in model["heads"]] == ["ner", "relations"]
