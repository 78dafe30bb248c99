"""The tools for language models, called by a real client: of a process it starts, and of a server over HTTP."""

import json
import subprocess
import sys

import httpx
import pytest
from calling import over_http, over_pipes
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError
from serving import SECONDS, running, until

from biogloss.apps.mcp.bounds import MOST_CHARACTERS
from biogloss.apps.rest import keys as stored

GRAPH_TOOLS = {"graph_search", "graph_neighbours", "graph_paths", "graph_evidence"}
TEXT = "The weather is fine. Mrs Qwertz has rheumatoid arthritis and takes metformin. She has no fever."


@pytest.fixture(scope="module")
def errors(tmp_path_factory):
    """What the process that is asked over pipes says on standard error."""
    return tmp_path_factory.mktemp("errors") / "log"


@pytest.fixture(scope="module")
def pipes(material, errors):
    with (
        errors.open("w") as file,
        over_pipes("--index", material / "my.terms", "--graph", material / "my.graph", errors=file) as called,
    ):
        yield called


@pytest.fixture(scope="module")
def http(server):
    with over_http(server.url) as called:
        yield called


@pytest.fixture(params=["pipes", "http"])
def tools(request):
    return request.getfixturevalue(request.param)


def test_each_tool_says_what_it_takes_and_gives(tools):
    found = tools.tools()
    assert set(found) == {"annotate", "link", *GRAPH_TOOLS}
    for tool in found.values():
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
        assert tool.description
        assert tool.annotations.read_only_hint


def test_annotate_gives_sentences_that_can_be_cited(tools):
    found = tools.answer("annotate", text=TEXT, id="PMID:1")
    entities = [(entity["text"], entity) for sentence in found["sentences"] for entity in sentence["entities"]]
    for sentence in found["sentences"]:
        assert sentence["document"] == "PMID:1"
        assert sentence["source"].startswith("biogloss-en")
        assert TEXT[sentence["start"] : sentence["end"]] == sentence["text"]
    for words, entity in entities:
        assert " ".join(TEXT[start:end] for start, end in entity["spans"]) == words
    arthritis = dict(entities)["rheumatoid arthritis"]
    assert (arthritis["type"], arthritis["ids"][0]["id"]) == ("Disease", "MESH:D001172")
    assert "weather" not in json.dumps(found["sentences"])
    assert (found["left_out"], found["is_shortened"]) == (0, False)


def test_annotate_takes_types(tools):
    found = tools.answer("annotate", text=TEXT, types=["Chemical"])
    assert {entity["type"] for sentence in found["sentences"] for entity in sentence["entities"]} == {"Chemical"}


def test_offsets_are_characters_also_beyond_the_first_plane(tools):
    text = "\U0001f600 Patients have rheumatoid arthritis."
    (sentence,) = tools.answer("annotate", text=text, types=["Disease"])["sentences"]
    ((start, end),) = sentence["entities"][0]["spans"]
    assert text[start:end] == "rheumatoid arthritis"


def test_link_gives_identifiers_their_vocabulary_and_the_reason(tools):
    names = [{"text": "podagra"}, {"text": "xyzzy"}]
    first, second = tools.answer("link", names=names)["names"]
    assert (first["text"], first["ids"][0]["id"]) == ("podagra", "MESH:D006073")
    assert first["ids"][0]["why"]
    assert second["ids"] == []


def test_search_cites_what_is_known_of_a_concept(tools):
    (found,) = tools.answer("graph_search", query="metformin")["concepts"]
    assert found["id"] == "MESH:D008687"
    assert (found["evidence"][0]["document"], found["evidence"][0]["source"]) == ("1", "lab")
    assert tools.answer("graph_search", query="nothing of the kind")["concepts"] == []


def cited(statement):
    """The mentions of each piece of evidence, read from its sentences at their offsets."""
    for piece in statement["evidence"]:
        assert piece["document"]
        assert piece["source"]
        for mention in (piece["subject"], piece["object"]):
            ((start, end),) = mention["spans"]
            words = [one["text"][start - one["start"] : end - one["start"]] for one in piece["sentences"]]
            assert mention["text"] in words
            yield mention["text"].lower()


def test_neighbours_carry_the_sentences_that_say_so(tools):
    found = tools.answer("graph_neighbours", concept="MESH:D008687", evidence=3)["statements"]
    assert {"metformin", "lactic acidosis"} == set(cited(found[0]))
    assert tools.answer("graph_neighbours", concept="metformin", predicates="treats")["statements"] == []


def test_evidence_joins_two_concepts_in_either_direction(tools):
    one = tools.answer("graph_evidence", subject="metformin", object="lactic acidosis")["statements"]
    other = tools.answer("graph_evidence", subject="lactic acidosis", object="metformin")["statements"]
    assert one == other
    assert len(tools.answer("graph_evidence", subject="aspirin", object="gout")["statements"]) == 2
    assert len(tools.answer("graph_evidence", subject="aspirin", object="gout", limit=1)["statements"]) == 1
    assert set(cited(one[0])) == {"metformin", "lactic acidosis"}


def test_a_path_has_a_sentence_for_each_step(tools):
    (path, *_) = tools.answer("graph_paths", start="metformin", end="Lactate")["paths"]
    assert [one["name"].lower() for one in path["concepts"]] == ["metformin", "lactic acidosis", "lactate"]
    assert all(list(cited(statement)) for statement in path["statements"])


def test_the_text_of_a_result_is_its_structure(tools):
    result = tools.raw("graph_search", {"query": "metformin"})
    assert json.loads(result.content[0].text) == result.structured_content


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("annotate", {}, "text: Field required"),
        ("annotate", {"text": ""}, "text: String should have at least 1 character"),
        ("annotate", {"text": "x" * 100_001}, "text: String should have at most 100000 characters"),
        ("annotate", {"text": ["gout"]}, "text: Input should be a valid string"),
        ("annotate", {"text": "Gout.", "types": ["Planet"]}, "knows: "),
        ("annotate", {"text": "Gout.", "model": "../../etc/passwd"}, "there are: biogloss-en"),
        ("annotate", {"text": "Gout.", "shell": "rm"}, "shell: Extra inputs are not permitted"),
        ("link", {"names": []}, "names: List should have at least 1 item"),
        ("link", {"names": [{"text": "gout"}] * 51}, "names: List should have at most 50 items"),
        ("link", {"names": [{"text": "gout", "type": "Planet"}], "types": ["Planet"]}, "it has: Disease"),
        ("graph_search", {"query": "x" * 301}, "query: String should have at most 300 characters"),
        ("graph_search", {"query": "gout", "limit": 10**30}, "limit: Input should be less than or equal to 50"),
        ("graph_neighbours", {"concept": "metf"}, "names that begin so: "),
        ("graph_neighbours", {"concept": "metformin", "years": "soon"}, "years: String should match pattern"),
        ("graph_paths", {"start": "metformin", "end": "gout", "longest": 9}, "longest: Input should be less"),
        ("graph_evidence", {"subject": "metformin", "object": "'; DROP TABLE edges; --"}, "no concept"),
        ("graph_evidence", {"subject": "metformin"}, "object: Field required"),
    ],
)
def test_wrong_arguments_are_told_what_is_expected(tools, name, arguments, said):
    assert said in tools.refusal(name, **arguments)


def test_where_the_graph_is_on_the_server_is_not_told(tools, material):
    said = tools.refusal("graph_neighbours", concept="metf")
    assert "Metformin (MESH:D008687)" in said
    assert str(material) not in said
    assert "my.graph" not in said


def test_an_unknown_tool_is_told_which_there_are(tools):
    with pytest.raises(MCPError, match="there are: annotate, link, graph_search"):
        tools.raw("graph_delete", {})


@pytest.mark.parametrize("text", ["\x00\x01\x1b[2J", "\u202egout\u202c", "<script>alert(1)</script>", "a" * 20_000])
def test_hostile_text_harms_nothing(tools, text):
    assert isinstance(tools.answer("annotate", text=text)["sentences"], list)


def test_a_long_answer_is_cut_and_says_so(tools):
    text = "\n\n".join(f"Patient {number} has rheumatoid arthritis, gout and diabetes." for number in range(150))
    result = tools.raw("annotate", {"text": text})
    found = result.structured_content
    assert len(result.content[0].text) <= MOST_CHARACTERS
    assert found["left_out"] > 0
    assert len(found["sentences"]) + found["left_out"] >= 140


def test_one_endless_sentence_is_cut_at_its_end(tools):
    text = "Metformin helps in diabetes and gout and " * 200
    result = tools.raw("annotate", {"text": text})
    found = result.structured_content
    assert len(result.content[0].text) <= MOST_CHARACTERS
    assert found["is_shortened"]
    first = found["sentences"][0]
    assert text[first["start"] :].startswith(first["text"].removesuffix(" [...]"))


def test_no_words_of_a_text_are_in_the_log(pipes, errors, http, server):
    for called in (pipes, http):
        called.answer("annotate", text="Mrs Qwertz has gout.")
        called.refusal("graph_neighbours", concept="Qwertz")
        called.refusal("annotate", text="Qwertz", types="Qwertz")
        with pytest.raises(MCPError):
            called.raw("Qwertz")
    log = until(lambda: (text := errors.read_text()).count("tool graph_neighbours unknown-name") and text)
    assert "tool annotate ok" in log
    assert "Qwertz" not in log
    log = "".join(filter(None, server.log))
    assert "tool annotate ok" in log
    assert "/mcp 200" in log
    assert "Qwertz" not in log


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A server with keys and nothing but a model, and its file of keys."""
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    stored.add(file, "first")
    with running("--keys", file, "--no-link", "--per-minute", 0) as started:
        yield started, file


def test_without_a_graph_there_are_no_tools_for_one(bare):
    server, file = bare
    for mode in ("auto", "legacy"):
        with over_http(server.url, stored.add(file, "all", stored.SCOPES), mode) as called:
            assert set(called.tools()) == {"annotate"}
            assert "start the service with --graph FILE" in called.refusal("graph_search", query="gout")
            assert "--index" in called.refusal("link", names=[{"text": "gout"}])


def test_a_wrong_key_is_refused_before_the_protocol(bare):
    server, _ = bare
    ask = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for key in ("", "bgl_00000000_wrong"):
        with server.client(key) as client:
            response = client.post("/mcp", json=ask, headers={"Accept": "application/json, text/event-stream"})
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        assert "annotate" not in response.text
        with pytest.raises(ExceptionGroup) as raised, over_http(server.url, key):
            pass
        assert raised.group_contains(MCPError)


def test_a_key_is_for_the_tools_of_its_scopes(bare):
    server, file = bare
    with over_http(server.url, stored.add(file, "asks", ["graph"])) as called:
        assert "is not for annotate; it is for graph" in called.refusal("annotate", text="Gout.")


def test_a_key_that_asks_too_often_waits(bare):
    server, file = bare
    key = stored.add(file, "slow", ["annotate"], per_minute=1)
    with server.client(key) as client:
        codes = [client.post("/mcp", json={}).status_code for _ in range(2)]
    assert codes[0] != 429
    assert codes[1] == 429


def test_other_requests_to_the_address_are_refused(bare):
    server, file = bare
    with server.client(stored.add(file, "other")) as client:
        for method in ("GET", "DELETE"):
            response = client.request(method, "/mcp")
            assert (response.status_code, response.headers["allow"]) == (405, "POST")
        foreign = client.post("/mcp", json={}, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        for body in (b"{", b"[" * 100_000, b"\xff", b'{"jsonrpc": "2.0"}', b"[]"):
            assert 400 <= client.post("/mcp", content=body, headers=headers).status_code < 500
        large = client.post("/mcp", content=iter([b" " * 1_000_000] * 5), headers=headers)
        assert large.status_code == 413


def test_work_for_a_caller_who_has_left_is_dropped(bare):
    server, file = bare
    arguments = {"text": "Metformin helps in diabetes and gout. " * 1_000}
    ask = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "annotate", "arguments": arguments}}
    headers = {"Accept": "application/json, text/event-stream"}
    with server.client(stored.add(file, "leaves", ["annotate"])) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/mcp", json=ask, headers=headers, timeout=httpx.Timeout(SECONDS, read=0.05))
    until(lambda: any("tool annotate left" in line for line in server.log if line))


def test_older_clients_are_answered_over_pipes_without_a_graph():
    with over_pipes("--no-link", mode="legacy") as called:
        assert set(called.tools()) == {"annotate"}
        assert called.answer("annotate", text=TEXT)["sentences"]
        assert "--graph FILE" in called.refusal("graph_evidence", subject="a", object="b")


def messages(*bodies, arguments=("--no-link",), **how):
    """The process with these lines as its whole input."""
    return subprocess.run(
        [sys.executable, "-m", "biogloss", "serve", "--mcp", *map(str, arguments)],
        input=b"".join(body + b"\n" for body in bodies),
        capture_output=True,
        check=False,
        timeout=SECONDS,
        **how,
    )


def test_standard_output_has_the_protocol_alone():
    process = subprocess.Popen(
        [sys.executable, "-m", "biogloss", "serve", "--mcp", "--no-link"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    ask = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "annotate", "arguments": {"text": TEXT}},
        },
    ]
    try:
        process.stdin.write(b"not the protocol\n" + b"".join(json.dumps(one).encode() + b"\n" for one in ask))
        process.stdin.flush()
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        rest, _ = process.communicate(timeout=SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
    assert [line["id"] for line in lines] == [1, 2]
    assert lines[1]["result"]["structuredContent"]["sentences"]
    assert rest == b""
    assert process.returncode == 0


def test_a_message_without_end_ends_the_process_with_a_reason():
    ended = messages(b'{"jsonrpc": "2.0", "id": 1, "method": "' + b"x" * 8_000_001)
    assert ended.returncode == 2
    assert b"a message of more than 8,000,000 bytes" in ended.stderr
    assert ended.stdout == b""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--no-link", "--graph", "nowhere.graph"), b"nowhere.graph"),
        (("--no-link", "--state", "jobs"), b"--state: of the service over HTTP; leave it out with --mcp"),
        (("--host", "0.0.0.0"), b"--host: of the service over HTTP"),
        (("--port", "8000"), b"--port: of the service over HTTP"),  # said is said, also where it is the default
        (("--tls-key", "k.pem", "--name", "a", "--without-keys"), b"--without-keys, --name, --tls-key: of the service"),
        (("--keys", "k", "--origin", "https://a", "--per-minute", "9"), b"--keys, --per-minute, --origin: of the"),
        (("--embeddings", "biogloss-en"), b"--embeddings: of the service over HTTP"),
    ],
)
def test_what_cannot_be_served_is_said_on_standard_error(tmp_path, arguments, said):
    ended = messages(arguments=arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == b""
    assert list(tmp_path.iterdir()) == []
