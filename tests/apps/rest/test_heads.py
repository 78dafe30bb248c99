"""`/v1/relations` and `/v1/classify`, for a model that has such heads."""

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from biogloss.apps.mcp.answers import Passages, Text
from biogloss.apps.mcp.bounds import MOST_CHARACTERS, bounded
from biogloss.apps.mcp.catalogue import TOOLS
from biogloss.apps.rest import factory, relating
from biogloss.apps.rest.annotators import Annotator, Annotators
from biogloss.apps.rest.batches import Batches
from biogloss.apps.rest.meters import Meters
from biogloss.apps.rest.service import Service
from biogloss.apps.rest.settings import Limits, Settings
from biogloss.documents import Link, Mark, Relation, Span, entity_at
from biogloss.errors import Failure, KnowledgeError
from biogloss.models.folder import Head

METFORMIN = "MESH:D008687"
TEXT = "Gout hurts. Metformin treats gout."
HEADS = (
    Head(name="r", task="relations", labels=("treats",)),
    Head(name="c", task="classification", labels=("review", "trial")),
)


def said(document):
    """What such a model says of the text."""
    entities = (
        entity_at(document.text, Span(12, 21), "Chemical", id="T1", links=(Link(METFORMIN),)),
        entity_at(document.text, Span(29, 33), "Disease", id="T2"),
    )
    return replace(
        document,
        marks=(Mark(Span(0, 11), "sentence"), Mark(Span(12, 34), "sentence")),
        entities=entities,
        relations=(
            Relation("R1", "treats", (("subject", "T1"), ("object", "T2"), ("in", "NCBITaxon:9606")), score=0.87654),
        ),
        labels=("review",),
        label_scores=(("review", 0.91234), ("trial", 0.1)),
    )


def of_concepts(document):
    """The same of concepts, one of which has a mention before the sentence that says it."""
    found = said(document)
    gout = (Link("MESH:D006073"),)
    first = entity_at(document.text, Span(0, 4), "Disease", id="T0", links=gout)
    entities = (first, *(replace(one, links=one.links or gout) for one in found.entities))
    arguments = (("subject", METFORMIN), ("object", "MESH:D006073"))
    return replace(found, entities=entities, relations=(Relation("R1", "treats", arguments, (Span(12, 34),)),))


def service_of(heads=HEADS, says=said):
    meters = Meters()
    batches = Batches("m", lambda some: list(map(says, some)), size=lambda _: 1, limits=Limits())
    return Service(Settings(), meters, Annotators([Annotator("m-1", Path(), "en", heads, batches, meters)]))


def ask(route, heads=HEADS, says=said):
    service = service_of(heads, says)

    async def scenario():
        transport = httpx.ASGITransport(app=factory.create(service))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(route, json={"text": TEXT, "id": "7"})

    return asyncio.run(asyncio.wait_for(scenario(), 60))


def test_relations_come_with_their_mentions_and_sentences():
    (document,) = ask("/v1/relations").json()["documents"]
    assert document == {
        "id": "7",
        "relations": [
            {
                "label": "treats",
                "score": 0.877,
                "arguments": [
                    {
                        "role": "subject",
                        "id": "T1",
                        "text": "Metformin",
                        "spans": [[12, 21]],
                        "concept": "MESH:D008687",
                    },
                    {"role": "object", "id": "T2", "text": "gout", "spans": [[29, 33]], "concept": ""},
                    {"role": "in", "id": "NCBITaxon:9606", "text": "", "spans": [], "concept": "NCBITaxon:9606"},
                ],
                "evidence": [{"start": 12, "text": "Metformin treats gout."}],
            }
        ],
    }


def test_relations_of_concepts_come_with_the_mentions_in_their_evidence():
    (document,) = ask("/v1/relations", says=of_concepts).json()["documents"]
    (relation,) = document["relations"]
    assert relation["evidence"] == [{"start": 12, "text": "Metformin treats gout."}]
    assert [(one["id"], one["text"], one["spans"]) for one in relation["arguments"]] == [
        (METFORMIN, "Metformin", [[12, 21]]),
        ("MESH:D006073", "gout", [[29, 33]]),
    ]


@pytest.mark.parametrize("says", [said, of_concepts])
def test_the_tool_gives_relations_that_can_be_cited(says):
    tool = TOOLS["annotate"]
    work = tool.call(service_of(says=says), Text(text=TEXT, id="7"))
    answer = asyncio.run(asyncio.wait_for(work, 60))
    (relation,) = answer.relations
    assert (relation.label, relation.document, relation.source) == ("treats", "7", "m-1")
    (sentence,) = relation.evidence
    for argument in relation.arguments[:2]:
        ((start, end),) = argument.spans
        assert sentence.text[start - sentence.start : end - sentence.start] == argument.text


def test_relations_and_sentences_share_the_room_of_an_answer():
    sentence = {"document": "7", "source": "m", "start": 0, "end": 9, "text": "x" * 900, "entities": []}
    said = {"start": 0, "text": "x" * 900}
    relation = {"document": "7", "source": "m", "label": "treats", "score": 1, "arguments": [], "evidence": [said]}
    many = Passages.model_validate({"sentences": [sentence] * 90, "relations": [relation] * 60})
    found = bounded(many, "relations", "sentences")
    assert len(json.dumps(found)) <= MOST_CHARACTERS
    assert len(found["relations"]) > 15
    assert len(found["sentences"]) > 15
    assert found["left_out"] == 150 - len(found["relations"]) - len(found["sentences"])
    few = bounded(many.model_copy(update={"relations": many.relations[:1]}), "relations", "sentences")
    assert len(few["relations"]) == 1
    assert len(few["sentences"]) > len(found["sentences"]) + 10


def damaged(document):
    """What becomes of a document when the index of terms is spoilt while the service runs."""
    return Failure(document.id, "linking", KnowledgeError("/srv/secret/my.terms: damaged (disk I/O error)"))


@pytest.mark.parametrize("route", ["/v1/relations", "/v1/annotate"])
def test_what_the_service_lacks_is_in_its_log_and_where_its_files_are_is_not_told(route, caplog):
    answer = ask(route, says=damaged)
    (failure,) = answer.json()["failures"]
    assert (failure["id"], failure["step"]) == ("7", "linking")
    assert "its log says more" in failure["error"]
    assert "secret" not in answer.text
    assert "/srv/secret/my.terms: damaged" in caplog.text


def test_nobody_waits_while_the_relations_of_long_texts_are_told(monkeypatch):
    """They are told only when somebody else has been answered meanwhile."""
    begun, answered = threading.Event(), threading.Event()
    relations = relating.relations

    def slow(document):
        begun.set()
        assert answered.wait(60), "nobody else is answered"
        return relations(document)

    async def scenario():
        monkeypatch.setattr(relating, "relations", slow)
        transport = httpx.ASGITransport(app=factory.create(service_of()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            asking = asyncio.create_task(client.post("/v1/relations", json={"text": TEXT + " Gout hurts." * 2_000}))
            await asyncio.to_thread(begun.wait, 60)
            alive = await client.get("/healthz")
            answered.set()
            return alive, await asking

    alive, told = asyncio.run(asyncio.wait_for(scenario(), 120))
    assert (alive.status_code, told.status_code) == (200, 200)
    assert [len(one["relations"]) for one in told.json()["documents"]] == [1]


def test_classes_come_with_the_probability_of_each():
    (document,) = ask("/v1/classify").json()["documents"]
    assert document == {"id": "7", "labels": ["review"], "scores": {"review": 0.912, "trial": 0.1}}


def test_a_model_that_has_one_of_them_is_asked_for_that_only():
    assert ask("/v1/classify", HEADS[1:]).status_code == 200
    refused = ask("/v1/relations", HEADS[1:])
    assert (refused.status_code, "m-1: classification" in refused.json()["detail"]) == (404, True)
