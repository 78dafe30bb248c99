"""Requests that are meant to do harm, or are none: refused, small, and the server stays well."""

import gzip
import json
import random
import socket
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from serving import SECONDS, running, until

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]><collection><document><id>1</id><passage><offset>0</offset><text>&j;</text></passage></document></collection>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><collection><document><id>1</id>'
    "<passage><offset>0</offset><text>&a;</text></passage></document></collection>"
)
NAMES = [
    "../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "a\r\nSet-Cookie: x=1",
    "\x00",
    "<script>alert(1)</script>",
    "é" * 500,
]


def post(client, content, kind="text/plain", route="/v1/annotate", **headers):
    return client.post(route, content=content, headers={"content-type": kind, **headers})


def raw(server, content):
    """What comes back for these bytes, to the end."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=SECONDS) as connection:
        connection.sendall(content)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def bomb(megabytes):
    """Gzip that unpacks to so many megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()


def test_a_bomb_of_zeros_is_not_unpacked(client, server):
    before = psutil.Process(server.process.pid).memory_info().rss
    for kind, headers in (("application/gzip", {}), ("text/plain", {"content-encoding": "gzip"})):
        response = post(client, bomb(1000), kind, **headers)
        assert (response.status_code, response.json()["type"]) == (413, "urn:biogloss:problem:too-large")
    assert post(client, gzip.compress(bomb(10)), "application/gzip").status_code == 422
    assert post(client, gzip.compress(b"Gout.")[:-5], "application/gzip").status_code == 422
    assert psutil.Process(server.process.pid).memory_info().rss - before < 200_000_000


def test_a_bomb_sent_as_a_job_fails_as_a_job(client):
    response = post(client, bomb(200), "application/jsonl", "/v1/jobs")
    assert response.status_code in (202, 422)
    if response.status_code == 202:
        job = until(lambda: (one := client.get(response.headers["location"]).json())["status"] == "failed" and one)
        assert job["done"] == 0


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE], ids=["entities", "outside"])
@pytest.mark.parametrize(
    "kind",
    ["application/xml", *(f"application/vnd.biogloss.{name}" for name in ("bioc-xml", "jats", "pubmed-xml"))],
)
def test_entities_are_not_expanded_nor_files_read(client, content, kind):
    response = post(client, content, kind)
    assert response.status_code in (200, 422)
    assert "root:" not in response.text
    assert "haha" not in response.text
    assert response.status_code == 422 or not response.json()["documents"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere_are_names(client, name):
    body = {"documents": [{"id": name, "text": "Gout hurts."}]}
    found = client.post("/v1/annotate", json=body)
    assert found.json()["documents"][0]["id"] == name
    assert "set-cookie" not in found.headers
    page = client.post("/v1/annotate", json=body, headers={"accept": "text/html"})
    assert "<script>alert" not in page.text
    assert page.headers["content-security-policy"].startswith("sandbox")
    assert page.headers["content-disposition"].startswith("attachment")
    sent = client.post("/v1/jobs", json=body)
    assert sent.status_code == 202
    place = sent.headers["location"]
    until(lambda: client.get(place).json()["status"] == "done")
    assert json.loads(client.get(f"{place}/result").text)["id"] == name


def test_paths_lead_nowhere_else(client):
    for path in (
        "/v1/jobs/../../etc/passwd",
        "/v1/jobs/%2e%2e%2f%2e%2e%2fetc",
        "/v1/models/..%2F..%2Fetc",
        "//etc/passwd",
    ):
        assert client.get(path).status_code in (404, 422)


def test_headers_cannot_be_slipped_in(client, server):
    evil = client.get("/healthz", headers={"x-request-id": "a b<c>"})
    assert evil.headers["x-request-id"] != "a b<c>"
    answer = raw(
        server,
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\rSet-Cookie: x\r\nConnection: close\r\n\r\n",
    )
    assert b"Set-Cookie" not in answer
    response = client.post("/v1/jobs", json={"text": "x"}, headers={"Idempotency-Key": "a:b c"})
    assert response.status_code == 422


def test_what_is_too_large_is_refused(client, server):
    limit = 8_000_000
    assert post(client, b"x" * (limit + 1)).status_code == 413
    assert post(client, (b"x" * 100_000 for _ in range(100))).status_code == 413  # in pieces, without a length
    many = client.post("/v1/annotate", json={"documents": [{"text": "x"}] * 101})
    assert (many.status_code, "/v1/jobs" in many.json()["detail"]) == (413, True)
    assert post(client, b"word " * 300_000).status_code == 413  # characters
    headers = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"
    assert raw(server, headers).partition(b"\r\n")[0].split()[1] in {b"400", b"431"}  # by where it is cut on its way
    assert post(client, "[" * 100_000, "application/json").status_code == 422
    assert post(client, '{"text": ' + "9" * 10_000 + "}", "application/json").status_code == 422


def test_texts_that_are_odd_are_annotated(client):
    odd = [
        "\u202egout\u202c",
        "\x00\x01gout",
        "gout " * 1_000,
        "😀" * 500,
        "a" * 100_000,
        "<b>gout</b>",
        "\u2028gout",
    ]
    for text in odd:
        (found,) = client.post("/v1/annotate", json={"text": text}).json()["documents"]
        assert found["text"] == text


def mutated(generator, content):
    """The bytes with a few of them changed, left out, doubled or put in."""
    content = bytearray(content)
    for _ in range(generator.randint(1, 8)):
        place = generator.randrange(len(content) + 1)
        match generator.randrange(4):
            case 0:
                content[place : place + 1] = bytes([generator.randrange(256)])
            case 1:
                del content[place : place + generator.randint(1, 20)]
            case 2:
                content[place:place] = content[place : place + 40]
            case _:
                content[place:place] = generator.choice(
                    [b"\xff", b"\x00", b"{", b'"', b"<", b"&#0;", b"\n\n", b"\\ud800", b"1e999"]
                )
    return bytes(content)


SEEDS = [
    ("application/json", json.dumps({"documents": [{"text": "Gout hurts.", "id": "1"}]}).encode()),
    (
        "application/json",
        json.dumps(
            {
                "biogloss": 1,
                "id": "1",
                "text": "Gout hurts.",
                "marks": [{"span": [0, 4], "kind": "title"}],
                "entities": [{"id": "T1", "spans": [[0, 4]], "label": "Disease", "text": "Gout", "score": 0.5}],
                "relations": [{"id": "R1", "label": "x", "arguments": [["a", "T1"]]}],
            }
        ).encode(),
    ),
    ("application/jsonl", b'{"biogloss":1,"id":"1","text":"Gout."}\n{"biogloss":1,"id":"2","text":"Aspirin."}\n'),
    ("application/xml", LAUGHS.replace("&j;", "Gout").encode()),
    ("application/vnd.biogloss.pubtator", b"7|t|Gout hurts.\n7|a|No.\n7\t0\t4\tGout\tDisease\tMESH:D006073\n\n"),
    ("application/vnd.biogloss.conll", b"Gout\tB-Disease\nhurts\tO\n.\tO\n\n"),
    ("application/vnd.biogloss.bioc-json", b'{"documents":[{"id":"1","passages":[{"offset":0,"text":"Gout."}]}]}'),
    ("text/csv", b'id,text\n1,"Gout, ""that"" hurts."\n'),
    ("application/gzip", gzip.compress(b"1|t|Gout.\n1|a|No.\n\n")),
    ("text/plain", "Gout é 痛风".encode()),
]
ROUTES = {
    "/v1/link": b'{"names":[{"text":"RA","type":"Disease"}],"top":2}',
    "/v1/embeddings": b'{"input":["gout"]}',
    "/web/annotate": SEEDS[0][1],
    "/web/show": SEEDS[1][1],
    "/web/compare": SEEDS[0][1],
    "/mcp": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"annotate","arguments":{"text":"Gout."}}}',
}
"""Routes that take JSON, and what fits each."""
TAKEN = "application/json, text/event-stream, text/html"


def fuzz(client, count, seed):
    generator = random.Random(seed)
    seen = set()
    for number in range(count):
        kind, content = generator.choice(SEEDS)
        route = "/v1/annotate" if number % 4 else generator.choice(["/v1/jobs", *ROUTES])
        if route in ROUTES:
            kind, content = "application/json", ROUTES[route]
        body = mutated(generator, content)
        response = post(client, body, kind, route, accept=TAKEN if route in ROUTES else "*/*")
        assert response.status_code < 500, (route, kind, body, response.text)
        seen.add(response.status_code)
    return seen


def test_spoilt_bodies_are_no_trouble_of_the_server(client):
    seen = fuzz(client, 300, 1)
    assert {200, 422} <= seen
    assert client.get("/readyz").status_code == 200


@pytest.mark.slow
def test_five_thousand_spoilt_bodies_are_not_either(client):
    fuzz(client, 5000, 2)
    assert client.get("/readyz").status_code == 200


def test_overload_is_answered_200_or_429_and_passes():
    with running("--no-link", "--workers", 1, "--wait", 0.3) as server:
        text = "Metformin lowers glucose in patients with type 2 diabetes and gout. " * 30
        with httpx.Client(
            base_url=server.url, timeout=SECONDS, trust_env=False, limits=httpx.Limits(max_connections=64)
        ) as client:
            with ThreadPoolExecutor(64) as pool:
                found = list(pool.map(lambda _: client.post("/v1/annotate", json={"text": text}), range(256)))
            statuses = [one.status_code for one in found]
            assert set(statuses) == {200, 429}
            refused = next(one for one in found if one.status_code == 429)
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.json()["type"] == "urn:biogloss:problem:busy"
            assert until(lambda: client.post("/v1/annotate", json={"text": text}).status_code == 200)


def test_the_work_of_one_who_leaves_is_not_done():
    with running("--no-link", "--workers", 1, "--batch", 1) as server:
        body = {"documents": [{"text": "Gout hurts. " * 300}] * 60}
        with server.client() as client:
            before = counted(client)
            with pytest.raises(httpx.ReadTimeout), server.client() as leaving:
                leaving.post("/v1/annotate", json=body, timeout=1.0)
            until(
                lambda: (
                    'biogloss_waiting_items{queue="annotate:' in client.get("/metrics").text and waiting(client) == 0
                )
            )
            assert client.post("/v1/annotate", json={"text": "Gout."}).status_code == 200
            assert counted(client) - before < 60


def figure(client, name):
    return next(
        float(line.rpartition(" ")[2]) for line in client.get("/metrics").text.splitlines() if line.startswith(name)
    )


def waiting(client):
    return figure(client, "biogloss_waiting_items")


def counted(client):
    return figure(client, "biogloss_batch_items_sum")


def test_told_to_stop_it_answers_what_it_was_asked():
    with running("--no-link", "--workers", 1) as server, server.client() as client:
        answers = []
        body = {"documents": [{"text": "Gout hurts patients. " * 40}] * 40}
        asking = threading.Thread(target=lambda: answers.append(client.post("/v1/annotate", json=body)))
        with server.client() as other:
            asking.start()
            until(lambda: waiting(other) > 0 or answers)
        assert server.stop() == 0
        asking.join()
        assert answers[0].status_code == 200
        assert len(answers[0].json()["documents"]) == 40
    with pytest.raises(httpx.ConnectError), server.client() as client:
        client.get("/healthz")
