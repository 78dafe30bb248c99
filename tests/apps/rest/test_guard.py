"""What stands before every route, on an application of two lines."""

import asyncio
import logging
from dataclasses import replace

import httpx
import pytest

from biogloss.apps.rest.guard import Guard
from biogloss.apps.rest.meters import Meters
from biogloss.apps.rest.settings import Access, Limits, Settings


def guarded(app, **limits):
    return Guard(app, Settings(limits=replace(Limits(), **limits)), Meters())


def ask(app, method="GET", path="/", **how):
    async def scenario():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **how)

    return asyncio.run(scenario())


async def broken(*_):
    raise RuntimeError("Mrs Qwertz has gout")


def test_what_nobody_foresaw_is_a_problem_and_its_words_stay_inside(caplog):
    caplog.set_level(logging.INFO)
    response = ask(guarded(broken), headers={"x-request-id": "r-1"})
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "r-1" in response.json()["detail"]
    assert "Qwertz" not in response.text + caplog.text
    assert "RuntimeError at test_guard.py" in caplog.text


def test_too_many_requests_at_once_are_refused():
    async def scenario():
        gate = asyncio.Event()

        async def slow(_, __, send):
            await gate.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        transport = httpx.ASGITransport(app=guarded(slow, in_flight=2))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            held = [asyncio.create_task(client.get("/")) for _ in range(2)]
            await asyncio.sleep(0)
            refused = await client.get("/")
            gate.set()
            return refused, [one.status_code for one in await asyncio.gather(*held)]

    refused, others = asyncio.run(asyncio.wait_for(scenario(), 60))
    assert (refused.status_code, refused.headers["retry-after"], others) == (429, "1", [204, 204])


def test_a_body_that_does_not_come_is_not_waited_for():
    async def read(_, receive, __):
        await receive()

    async def scenario():
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"host", b"localhost")]}
        await guarded(read, idle_seconds=0.01)(scope, receive, send)
        return sent[0]["status"]

    assert asyncio.run(asyncio.wait_for(scenario(), 60)) == 408


@pytest.mark.parametrize(
    ("host", "is_local"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_which_addresses_only_this_machine_reaches(host, is_local):
    assert Access(host, is_open=True).is_local is is_local
