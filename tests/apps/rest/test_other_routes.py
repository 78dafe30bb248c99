"""Names, vectors, the graph, models and the service's own state."""

import base64
import shutil

import numpy as np
import pytest

from biogloss.pipeline import embed, gloss
from graph_locks import locked


def test_names_get_identifiers(client):
    asked = {"names": [{"text": "podagra", "type": "Disease"}, {"text": "qwxz-17"}], "types": ["Disease"]}
    known, unknown = client.post("/v1/link", json=asked).json()["names"]
    assert (known["text"], known["ids"][0]["id"], "podagra" in known["ids"][0]["why"]) == (
        "podagra",
        "MESH:D006073",
        True,
    )
    assert unknown["ids"] == []


@pytest.mark.parametrize(("top", "status"), [(1, 200), (2.0, 200), (1.5, 422), ("1", 422), (True, 422)])
def test_a_whole_number_is_one_however_it_is_written(client, top, status):
    asked = {"names": [{"text": "podagra"}], "top": top}
    assert client.post("/v1/link", json=asked).status_code == status


def test_context_tells_what_a_short_name_is(client):
    name = {"text": "RA", "type": "Disease", "context": "Rheumatoid arthritis (RA) hurts."}
    (linked,) = client.post("/v1/link", json={"names": [name]}).json()["names"]
    assert linked["ids"][0]["id"] == "MESH:D001172"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"names": []}, 422),
        ({"names": [{"text": ""}]}, 422),
        ({"names": [{"text": "gout"}], "top": 0}, 422),
        ({"names": [{"text": "gout"}], "other": 1}, 422),
        ({"names": [{"text": "gout"}], "types": ["Nothing"]}, 404),
    ],
)
def test_what_cannot_be_linked_is_refused(client, asked, status):
    response = client.post("/v1/link", json=asked)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_vectors_are_those_of_the_library_in_either_form(client):
    texts = ["Gout hurts.", "Metformin lowers glucose."]
    expected = embed.embed(texts, gloss.folder("biogloss-en"))
    response = client.post("/v1/embeddings", json={"input": texts}).json()
    assert [one["index"] for one in response["data"]] == [0, 1]
    np.testing.assert_allclose([one["embedding"] for one in response["data"]], expected, atol=1e-6)
    assert response["usage"]["prompt_tokens"] == response["usage"]["total_tokens"] > 0
    one = client.post("/v1/embeddings", json={"input": texts[0], "encoding_format": "base64"}).json()["data"][0]
    np.testing.assert_allclose(np.frombuffer(base64.b64decode(one["embedding"]), "<f4"), expected[0], atol=1e-6)


def test_the_graph_is_searched(client):
    (found,) = client.get("/v1/graph/search", params={"q": "metf"}).json()["concepts"]
    assert (found["id"], found["category"]) == ("MESH:D008687", "biolink:ChemicalEntity")
    assert client.get("/v1/graph/search", params={"q": "qwxz"}).json()["concepts"] == []


def test_neighbours_come_with_the_characters_that_say_so(client):
    asked = {"concept": "metformin", "categories": "Disease", "evidence": 5}
    (statement,) = client.get("/v1/graph/neighbours", params=asked).json()["statements"]
    assert (statement["subject"]["id"], statement["object"]["id"]) == ("MESH:D008687", "MESH:D000140")
    for piece in statement["evidence"]:
        for side, words in (("subject", "Metformin"), ("object", "lactic acidosis")):
            (start, end), sentence = piece[side]["spans"][0], piece["sentences"][0]
            assert piece[side]["text"] == words
            assert sentence["text"][start - sentence["start"] : end - sentence["start"]] == words
    assert client.get("/v1/graph/neighbours", params={**asked, "belief": 1}).json()["statements"] == []


def test_paths_and_evidence_between_two(client):
    asked = {"start": "metformin", "end": "lactate"}
    (path,) = client.get("/v1/graph/paths", params=asked).json()["paths"]
    assert [one["name"] for one in path["concepts"]] == ["Metformin", "lactic acidosis", "Lactate"]
    assert all(statement["evidence"] for statement in path["statements"])
    asked = {"subject": "lactic acidosis", "object": "metformin"}
    (statement,) = client.get("/v1/graph/evidence", params=asked).json()["statements"]
    assert statement["evidence"][0]["document"] == "1"


def test_the_graph_answers_while_another_process_writes_to_it_and_is_killed(client, material):
    asked = {"q": "metformin"}
    before = client.get("/v1/graph/search", params=asked).json()
    assert before["concepts"]
    with locked(material / "my.graph"):
        assert client.get("/v1/graph/search", params=asked).json() == before
    assert client.get("/v1/graph/search", params=asked).json() == before


def test_with_a_graph_that_another_process_keeps_to_itself_it_does_not_start(run, material, tmp_path):
    path = shutil.copy(material / "my.graph", tmp_path)
    with locked(path, "PRAGMA locking_mode = EXCLUSIVE"):
        code, _, err = run("serve", "--no-link", "--port", 0, "--graph", path)
    assert (code, "locked" in err) == (2, True), err


def test_only_so_much_is_shown_of_what_joins_two_concepts(client):
    def found(**more):
        asked = {"subject": "aspirin", "object": "gout", **more}
        return client.get("/v1/graph/evidence", params=asked).json()["statements"]

    both = found()
    assert [one["belief"] for one in both] == sorted((one["belief"] for one in both), reverse=True)
    assert len(both) == 2
    assert found(limit=1) == both[:1]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("neighbours?concept=qwxz", 404),
        ("evidence?subject=aspirin&object=gout&limit=201", 422),
        ("neighbours", 422),
        ("neighbours?concept=metformin&years=x", 422),
        ("paths?start=metformin&end=metformin", 404),
        ("paths?start=metformin&end=lactate&longest=9", 422),
        ("search?q=%00", 200),
    ],
)
def test_questions_that_have_no_answer(client, asked, status):
    assert client.get(f"/v1/graph/{asked}").status_code == status


def test_where_the_graph_is_on_the_server_is_not_told(client, material):
    detail = client.get("/v1/graph/neighbours?concept=metf").json()["detail"]
    assert "Metformin (MESH:D008687)" in detail
    assert str(material) not in detail
    assert "my.graph" not in detail


def test_models_are_listed_with_what_they_say(client):
    (model,) = client.get("/v1/models").json()["data"]
    assert model["embeddings"] is True
    assert {"Chemical", "Disease"} <= set(model["heads"][0]["labels"])
    assert "licence" in client.get(f"/v1/models/{model['id']}").json()["card"].lower()
    assert client.get("/v1/models/other").status_code == 404


def test_the_service_says_how_it_is(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    client.get("/nothing/of/the/kind")
    counted = client.get("/metrics").text
    assert 'biogloss_requests_total{method="GET",route="/healthz",status="200"}' in counted
    assert 'route="unknown",status="404"' in counted
    assert "\nprocess_resident_memory_bytes " in counted
    assert "nothing/of" not in counted


def test_errors_are_problems_also_where_no_route_is(client):
    for response in (client.get("/v1/other"), client.put("/v1/annotate"), client.get("/v1/jobs/..%2f..%2fetc")):
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["status"] == response.status_code
        assert problem["type"].startswith("urn:biogloss:problem:")
        assert problem["detail"]


def test_a_wrong_method_is_told_the_right_ones(client):
    for path, allowed in (("/v1/jobs", "GET, POST"), (f"/v1/jobs/{'0' * 32}", "DELETE, GET"), ("/openapi.json", "GET")):
        response = client.patch(path)
        assert (response.status_code, response.headers["allow"]) == (405, allowed)


def test_every_response_carries_the_headers_of_safety(client):
    for response in (client.get("/healthz"), client.get("/nothing"), client.post("/v1/annotate", content=b"x")):
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in response.headers
        assert "server" not in response.headers
