"""What the pages cost the service: their work waits in its queues, and a corpus is read once."""

import asyncio
import threading
from pathlib import Path

import httpx
import pytest

from biogloss.apps.rest import factory
from biogloss.apps.rest.annotators import Annotator, Annotators
from biogloss.apps.rest.batches import Batches
from biogloss.apps.rest.jobs import Jobs
from biogloss.apps.rest.meters import Meters
from biogloss.apps.rest.service import Service
from biogloss.apps.rest.settings import Limits, Settings
from biogloss.apps.web import facets, views
from biogloss.documents import Span, entity_at

LIMITS = Limits(waiting_documents=1)
TEXT = {"text": "Gout hurts."}


def said(document):
    return document.with_entities([entity_at(document.text, Span(0, 4), "Disease", id="T1")])


def service_of(folder=None):
    """A service that finds a disease at the start of each text."""
    meters = Meters()
    batches = Batches("m", lambda some: list(map(said, some)), size=lambda _: 1, limits=LIMITS)
    annotators = Annotators([Annotator("m-1", Path(), "en", (), batches, meters)])
    service = Service(Settings(workers=1, limits=LIMITS), meters, annotators)
    if folder is not None:
        service.jobs = Jobs(folder, annotators, LIMITS)
    return service


def run(service, scenario):
    async def whole():
        transport = httpx.ASGITransport(app=views.add(factory.create(service)))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await scenario(client)

    try:
        return asyncio.run(asyncio.wait_for(whole(), 60))
    finally:
        service.close()


async def finished(client, texts):
    """The id of a job that is done."""
    sent = await client.post("/v1/jobs", json={"documents": [{"text": text} for text in texts]})
    place = sent.headers["location"]
    told = await client.get(f"{place}/events")
    assert '"status":"done"' in told.text
    return place.rpartition("/")[2]


@pytest.mark.parametrize("queue", ["drawing", "browsing", "writing"])
def test_pages_that_would_wait_too_long_are_refused(tmp_path, queue):
    service, begun, gate = service_of(tmp_path), threading.Event(), threading.Event()

    async def scenario(client):
        job = await finished(client, ["Gout hurts."])
        ask = {
            "drawing": [lambda: client.post("/web/annotate", json=TEXT), lambda: client.post("/web/show", json=TEXT)],
            "writing": [lambda: client.get(f"/v1/jobs/{job}/result", headers={"accept": "text/csv"})],
            "browsing": [lambda: client.get(f"/web/job?job={job}")],
        }[queue]
        calls = getattr(service, queue)
        held = [asyncio.create_task(calls.of(lambda: begun.set() or gate.wait(60)))]
        await asyncio.to_thread(begun.wait, 60)
        held.append(asyncio.create_task(calls.of(gate.wait)))
        await asyncio.sleep(0)
        try:
            refused = [await one() for one in ask]
        finally:
            gate.set()
        await asyncio.gather(*held)
        return refused, [await one() for one in ask]

    refused, answered = run(service, scenario)
    assert {one.status_code for one in refused} == {429}
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
    assert {one.status_code for one in answered} == {200}


def test_a_corpus_is_read_once_and_forgotten_with_its_job(tmp_path, monkeypatch):
    service, reads = service_of(tmp_path), []
    read = facets.read
    monkeypatch.setattr(facets, "read", lambda lines: reads.append(1) or read(lines))

    async def scenario(client):
        job = await finished(client, [f"Gout hurts {number}." for number in range(25)])
        pages = [await client.get(f"/web/job?job={job}&key=Disease%7Cgout&page={page}") for page in (1, 2, 3)]
        is_kept = job in service.jobs.digests
        await client.delete(f"/v1/jobs/{job}")
        gone = await client.get(f"/web/job?job={job}")
        return pages, is_kept, job in service.jobs.digests, gone.status_code

    pages, is_kept, is_kept_after, gone = run(service, scenario)
    assert [page.text.count("<article") for page in pages] == [10, 10, 5]
    assert "hurts 20." in pages[2].text
    assert (len(reads), is_kept, is_kept_after, gone) == (1, True, False, 404)


def test_a_corpus_that_is_removed_while_it_is_read_is_not_kept(tmp_path):
    service = service_of(tmp_path)
    assert service.jobs.digests.of("removed meanwhile", lambda: 7) == 7
    assert "removed meanwhile" not in service.jobs.digests
    service.close()
