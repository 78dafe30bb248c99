"""Who may ask: keys, scopes, rates, addresses, names, origins, TLS."""

import json
import ssl

import httpx
import pytest
import trustme
from serving import running, until

from biogloss.apps.rest import keys as stored
from biogloss.apps.rest.rates import Rates
from biogloss.apps.web.views import annotate, corpus, explore, models

TEXT = {"text": "Gout hurts."}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with keys, as one has it that others reach; with its file of keys."""
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    stored.add(file, "first")
    arguments = ("--host", "0.0.0.0", "--keys", file, "--no-link", "--origin", "https://lab.example", "--per-minute", 0)
    with running(*arguments, "--state", file.parent / "state") as started:
        started.url = started.url.replace("0.0.0.0", "127.0.0.1")
        yield started, file


def test_without_a_key_nothing_is_told(guarded):
    server, _ = guarded
    for key in ("", "x", "bgl_", "bgl_00000000_secret", "Bearer", "é", "bgl_" + "0" * 9000):
        headers = {"Authorization": f"Bearer {key}".encode()} if key else {}
        with server.client() as client:
            response = client.post("/v1/annotate", json=TEXT, headers=headers)
        assert (response.status_code, response.headers.get("www-authenticate")) == (401, "Bearer")
        assert "documents" not in response.json()


OPEN = {"/healthz", "/readyz"}
"""What anybody may ask; pages hold nothing but what everybody has, and what they ask for is under ``/web``."""


def protected(client):
    """Every method of every route that needs a key: those of the description, of the pages and of the tools."""
    described = client.get("/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, own in described.items() for method in own if path not in OPEN}
    for module in (annotate, corpus, explore, models):
        found |= {(method, one.path) for one in module.router.routes for method in one.methods if "/web/" in one.path}
    return sorted((method, path.replace("{identifier}", "0" * 32)) for method, path in found | {("POST", "/mcp")})


def test_no_route_answers_without_a_key_or_with_one_for_another_thing(guarded):
    server, file = guarded
    with server.client() as client:
        routes = protected(client)
        assert {("POST", "/v1/annotate"), ("DELETE", f"/v1/jobs/{'0' * 32}"), ("GET", "/web/job")} < set(routes)
        for method, path in routes:
            assert client.request(method, path).status_code == 401, (method, path)
    for scope, own in (("metrics", "/metrics"), ("link", "/v1/link")):
        with server.client(stored.add(file, scope, [scope])) as client:
            for method, path in routes:
                if path not in {own, "/mcp"}:  # whose tools ask for their scopes one by one
                    assert client.request(method, path).status_code == 403, (method, path)


def test_a_key_is_for_its_scopes_only(guarded):
    server, file = guarded
    key = stored.add(file, "linker", ["link"])
    with server.client(key) as client:
        assert client.post("/v1/annotate", json=TEXT).status_code == 403
        assert client.get("/metrics").status_code == 403
        assert client.post("/v1/jobs", json=TEXT).status_code == 403
        assert client.post("/v1/link", json={"names": [{"text": "gout"}]}).status_code == 404  # let in; no index there


def test_keys_change_while_the_server_runs(guarded):
    server, file = guarded
    key = stored.add(file, "new", ["annotate"])
    with server.client(key) as client:
        assert client.post("/v1/annotate", json=TEXT).status_code == 200
        stored.remove(file, key.split("_")[1])
        assert client.post("/v1/annotate", json=TEXT).status_code == 401
        whole = file.read_text()
        good = stored.add(file, "good", ["annotate"])
        file.write_text("{")  # half written by hand: the keys stay as they were
    with server.client(good) as client:
        assert client.post("/v1/annotate", json=TEXT).status_code == 401  # it was never seen
        file.write_text(whole)


def test_a_key_has_its_rate_and_is_told_when_to_come_back(guarded):
    server, file = guarded
    key = stored.add(file, "slow", ["annotate"], per_minute=2)
    with server.client(key) as client:
        found = [client.post("/v1/annotate", json=TEXT) for _ in range(4)]
    assert [one.status_code for one in found] == [200, 200, 429, 429]
    assert 1 <= int(found[-1].headers["retry-after"]) <= 30


def test_an_expired_key_is_none(guarded):
    server, file = guarded
    key = stored.add(file, "old", ["annotate"], expires="2020-01-01")
    with server.client(key) as client:
        assert client.get("/v1/models").status_code == 401


def test_a_job_is_its_senders_own(guarded):
    server, file = guarded
    one, other = (stored.add(file, name, ["jobs"]) for name in ("one", "other"))
    with server.client(one) as client:
        sent = client.post("/v1/jobs", json=TEXT)
        assert sent.status_code == 202
        assert client.get(sent.headers["location"]).status_code == 200
    with server.client(other) as client:
        for route in ("", "/result", "/events", "/failures"):
            assert client.get(sent.headers["location"] + route).status_code == 404
        assert client.delete(sent.headers["location"]).status_code == 404
        assert client.get("/v1/jobs").json() == {"jobs": []}


def test_browsers_may_ask_from_the_named_origin_only(guarded):
    server, file = guarded
    with server.client(stored.add(file, "page", ["annotate"])) as client:
        asked = client.post("/v1/annotate", json=TEXT, headers={"Origin": "https://lab.example"})
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, "https://lab.example")
        assert client.post("/v1/annotate", json=TEXT, headers={"Origin": "https://evil.example"}).status_code == 403
        read = client.get("/v1/models", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in read.headers


def test_neither_texts_nor_keys_are_in_the_log(guarded):
    server, file = guarded
    key = stored.add(file, "logged", ["annotate", "graph"])
    with server.client(key) as client:
        client.post("/v1/annotate", json={"text": "Mrs Qwertz has podagra."})
        client.post(
            "/v1/annotate", content=b'{"text": "Mrs Qwertz has podagra."', headers={"content-type": "application/json"}
        )
        client.get("/v1/graph/search", params={"q": "Qwertz"})
        last = client.get("/healthz", headers={"x-request-id": "the-last-one"})
        assert last.headers["x-request-id"] == "the-last-one"
    until(lambda: any("the-last-one" in line for line in server.log if line))
    log = "".join(filter(None, server.log))
    assert "/v1/graph/search 404" in log
    assert "Qwertz" not in log
    assert "podagra" not in log
    assert key.split("_")[2] not in log


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_where_others_reach_it_it_does_not_start_without_keys(run, host):
    code, _, err = run("serve", "--host", host, "--port", 0)
    assert (code, "--keys" in err, "--without-keys" in err) == (2, True, True)


def test_what_else_it_does_not_start_with(run, tmp_path):
    for arguments, words in (
        (["--tls-certificate", tmp_path / "c.pem"], "both"),
        (["--origin", "*"], "origins"),
        (["--keys", tmp_path / "none.json"], "biogloss keys add"),
        (["--model", tmp_path / "none"], "no such model folder"),
        (["--graph", tmp_path / "none", "--no-link"], "no such graph"),
    ):
        code, _, err = run("serve", "--port", 0, *arguments)
        assert (code, words in err) == (2, True), err


def test_a_slip_in_the_name_of_a_model_is_told_before_the_index_is_unpacked(run, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_CACHE", str(tmp_path / "cache"))
    code, _, err = run("serve", "--port", 0, "--model", tmp_path / "none")
    assert (code, "no such model folder" in err) == (2, True), err
    assert not (tmp_path / "cache").exists()


def test_a_port_that_is_taken_is_said(run, server):
    code, _, err = run("serve", "--port", server.url.rpartition(":")[2])
    assert (code, "nothing can listen there" in err) == (2, True)


def test_on_this_machine_only_its_names_are_answered(client):
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/healthz", headers={"Host": "localhost"}).status_code == 200
    response = client.post("/v1/annotate", content=b"Gout.", headers={"Origin": "https://evil.example"})
    assert (response.status_code, response.json()["type"]) == (403, "urn:biogloss:problem:foreign-origin")


def test_tls(tmp_path):
    authority = trustme.CA()
    own = authority.issue_cert("localhost", "127.0.0.1")
    own.private_key_pem.write_to_path(tmp_path / "key.pem")
    own.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    files = ("--tls-certificate", tmp_path / "certificate.pem", "--tls-key", tmp_path / "key.pem")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    with running("--no-link", *files) as started:
        assert started.url.startswith("https://")
        response = httpx.get(started.url + "/healthz", verify=trusted, trust_env=False)
        assert response.json() == {"status": "ok"}
        assert "max-age" in response.headers["strict-transport-security"]


def test_the_file_of_keys_holds_no_key_and_only_its_owner_reads_it(run, tmp_path):
    file = tmp_path / "keys.json"
    code, out, _ = run("keys", "add", "ward 7", "--keys", file, "--scopes", "annotate,link")
    assert code == 0
    prefix, identifier, secret = out.strip().split("_", 2)
    assert prefix == "bgl"
    assert secret not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_text())["keys"][0]["scopes"] == ["annotate", "link"]
    assert "ward 7  annotate,link" in run("keys", "list", "--keys", file)[1]
    assert run("keys", "remove", identifier, "--keys", file)[0] == 0
    assert stored.read(file) == []
    code, _, err = run("keys", "remove", identifier, "--keys", file)
    assert (code, "no key" in err) == (2, True)
    code, _, err = run("keys", "add", "x", "--keys", file, "--scopes", "everything")
    assert (code, "annotate, link" in err) == (2, True)
    assert run("keys", "add", "x", "--keys", file, "--expires", "soon")[0] == 2


def test_a_bucket_fills_up_again():
    now = [0.0]
    rates = Rates(lambda: now[0])
    assert [rates.take("a", 2) for _ in range(3)] == [0.0, 0.0, 30.0]
    assert rates.take("b", 2) == 0.0
    now[0] = 30.0
    assert [rates.take("a", 2) for _ in range(2)] == [0.0, 30.0]
    assert rates.take("a", 0) == 0.0
