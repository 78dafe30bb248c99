"""Documents from a real Redis: each annotated once, whatever restarts or is killed; what cannot be is set aside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from biogloss.documents import Document, Span, entity_at
from biogloss.documents.jsonl import from_line, to_line
from biogloss.errors import BioglossError, ConfigError
from biogloss.pipeline.streams import Stream, follow, loop

redis = pytest.importorskip("redis")
PROGRAM = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed (Debian: redis-server)")
SECONDS = 10  # until a test gives up waiting


class Server:
    """A Redis of its own, which keeps everything on disk and can be killed and started again."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process = None
        self.start()

    def start(self):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        options += ["--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no"]
        self.process = subprocess.Popen([PROGRAM, *options], stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self):
        try:
            return self.client().ping()
        except redis.exceptions.ConnectionError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def client(self):
        return redis.Redis(port=self.port, decode_responses=True)

    def url(self, **query):
        asked = "&".join(f"{name}={value}" for name, value in ({"idle": "0.5"} | query).items())
        return f"redis://127.0.0.1:{self.port}/0?{asked}"

    def stream(self, **query):
        return Stream.parse(self.url(**query))


@pytest.fixture
def server(tmp_path):
    found = Server(tmp_path)
    yield found
    found.kill()


def until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what is waited for does not come"
        time.sleep(0.01)


def gout(document):
    if "broken" in document.text:
        raise ValueError("no such luck")
    return document.with_entities([entity_at(document.text, Span(0, 4), "Disease", id="T1")])


def send(client, count, start=0):
    for number in range(start, start + count):
        client.xadd("biogloss:in", {"id": str(number), "text": f"Gout {number}."})


def settled(client, total):
    """A condition: so many results and dead letters are there, and nothing is open."""

    def holds():
        done = client.hlen("biogloss:out") + client.xlen("biogloss:dead")
        return done >= total and client.xpending("biogloss:in", "biogloss")["pending"] == 0

    return holds


def followed(server, total, step=gout, workers=1):
    """Follow the stream in this process until so much is settled."""
    holds = settled(server.client(), total)
    deadline = time.monotonic() + SECONDS

    def goes_on():
        assert time.monotonic() < deadline
        try:
            return not holds()
        except redis.exceptions.ResponseError:  # no group yet
            return True

    return follow(server.stream(), [step], workers=workers, goes_on=goes_on)


def test_documents_are_annotated_under_their_ids(server):
    client = server.client()
    send(client, 50)
    client.xadd("biogloss:in", {"document": to_line(Document("ours", "Gout 痛风.", "zh"))})
    without = client.xadd("biogloss:in", {"text": "Gout without an id."})
    status = followed(server, 52)
    found = client.hgetall("biogloss:out")
    assert set(found) == {*map(str, range(50)), "ours", without}
    assert from_line(found["7"]) == gout(Document("7", "Gout 7."))
    assert from_line(found["ours"]).language == "zh"
    assert (status.documents, status.entities, status.dead, status.lag, status.open) == (52, 52, 0, 0, 0)


def test_the_same_document_twice_is_one_result(server):
    client = server.client()
    send(client, 5)
    send(client, 5)
    holds = lambda: client.exists("biogloss:out") and client.xinfo_groups("biogloss:in")[0]["lag"] == 0  # noqa: E731
    follow(server.stream(), [gout], goes_on=lambda: not holds())
    assert sorted(client.hgetall("biogloss:out")) == ["0", "1", "2", "3", "4"]


def test_what_cannot_be_annotated_goes_to_the_dead_letters_as_it_came(server):
    client = server.client()
    client.xadd("biogloss:in", {"id": "1", "text": "broken", "ward": "B"})
    client.xadd("biogloss:in", {"note": "no text"})
    client.xadd("biogloss:in", {"document": "{"})
    client.xadd("biogloss:in", {b"text": b"\xff"})
    send(client, 1)
    followed(server, 5)
    dead = [fields for _, fields in redis.Redis(port=server.port).xrange("biogloss:dead")]
    assert [one[b"biogloss:error"].decode().split(";")[0][:28] for one in dead] == [
        "no such luck",
        "neither a field 'text' nor a",
        "not JSON: Expecting property",
        "'utf-8' codec can't decode b",
    ]
    assert dead[0][b"text"] == b"broken"
    assert dead[0][b"ward"] == b"B"
    assert list(client.hgetall("biogloss:out")) == ["0"]


def test_annotating_waits_while_nobody_fetches_results(server):
    client = server.client()
    send(client, 300)
    most, seen = [], []

    def goes_on():
        waiting = client.hlen("biogloss:out")
        most.append(waiting)
        if waiting >= 40 and len(most) > 3 and most[-1] == most[-2]:  # a pause was made: fetch
            seen.extend(client.hkeys("biogloss:out"))
            client.delete("biogloss:out")
        return len(seen) + client.hlen("biogloss:out") < 300

    follow(server.stream(room=40), [gout], goes_on=goes_on)
    assert max(most) < 40 + loop.BATCH
    assert sorted([*seen, *client.hkeys("biogloss:out")], key=int) == [str(number) for number in range(300)]


def test_the_lag_is_told_here_and_in_redis(server):
    client = server.client()
    send(client, 100)
    told = []
    follow(server.stream(), [gout], goes_on=lambda: not told or told[-1].lag > 0, seen=told.append)
    assert [status.lag for status in told] == [68, 36, 4, 0]
    (kept,) = client.hgetall("biogloss:in:status").values()
    assert json.loads(kept)["documents"] == 100


def test_each_thread_has_its_share_of_what_was_taken(server):
    client = server.client()
    send(client, 2 * loop.BATCH)
    meeting = threading.Barrier(2)

    def meet(document):
        if document.id in {"0", str(loop.BATCH)}:
            meeting.wait(timeout=10)  # nobody comes where one thread has all of it
        return document

    status = followed(server, 2 * loop.BATCH, meet, workers=2)
    assert (status.documents, status.dead) == (2 * loop.BATCH, 0)


def test_an_entry_that_kills_is_set_aside_and_its_company_is_not(server):
    client = server.client()
    send(client, 3)
    client.xadd("biogloss:in", {"id": "deadly", "text": "deadly"})
    send(client, 3, start=3)
    program = f"""
import os
from biogloss.pipeline.streams import Stream, follow
def step(document):
    if document.text == "deadly":
        os._exit(9)
    return document
follow(Stream.parse({server.url()!r}), [step])
"""
    ends = []
    while client.xlen("biogloss:dead") == 0:
        process = subprocess.Popen([sys.executable, "-c", program])
        until(lambda: process.poll() is not None or settled(client, 7)())  # noqa: B023 - called at once
        if process.poll() is None:
            process.kill()
        ends.append(process.wait())
    assert ends == [9] * loop.DELIVERIES + [-signal.SIGKILL]
    assert sorted(client.hkeys("biogloss:out")) == [str(number) for number in range(6)]
    ((_, letter),) = client.xrange("biogloss:dead")
    assert letter["id"] == "deadly"
    assert "never finished" in letter["biogloss:error"]


def program(server, *more):
    """The real command on the stream."""
    arguments = ["annotate", "--stream", server.url(), "--types", "Variant", "--no-link", *more]
    return subprocess.Popen([sys.executable, "-m", "biogloss", *arguments], stderr=subprocess.PIPE, text=True)


def test_a_redis_killed_and_started_again_loses_nothing(server):
    """Killed while documents are annotated, twice; each entry ends as one result, ticked off."""
    process = program(server)
    for part in range(3):
        client = server.client()
        send(client, 400, start=400 * part)
        until(lambda: client.hlen("biogloss:out") > 400 * part + 50)  # noqa: B023 - called at once
        if part < 2:
            server.kill()
            server.start()
    client = server.client()
    until(settled(client, 1200))
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, told
    assert sorted(client.hkeys("biogloss:out"), key=int) == [str(number) for number in range(1200)]
    assert client.xinfo_groups("biogloss:in")[0]["entries-read"] == 1200
    assert client.xlen("biogloss:dead") == 0


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_a_killed_annotator_is_followed_by_another(server, kills):
    client = server.client()
    send(client, 1000)
    for number in range(kills):
        process = program(server)
        goal = client.hlen("biogloss:out") + 20
        until(lambda: client.hlen("biogloss:out") > goal or process.poll() is not None)  # noqa: B023 - called at once
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if number:
            send(client, 100, start=1000 + 100 * (number - 1))
    total = 1000 + 100 * (kills - 1)
    process = program(server)
    until(settled(client, total))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert sorted(client.hkeys("biogloss:out"), key=int) == [str(number) for number in range(total)]


def test_a_limit_of_dead_letters_ends_the_command_and_old_annotations_are_left_out(server):
    client = server.client()
    client.xadd("biogloss:in", {"document": to_line(gout(Document("1", "Gout V600E.")))})
    for _ in range(3):
        client.xadd("biogloss:in", {"note": "no text"})
    process = program(server, "--max-failures", "2")
    _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert "3 dead letters, more than --max-failures 2" in told
    (entity,) = from_line(client.hget("biogloss:out", "1")).entities
    assert entity.text == "V600E"


def test_a_server_that_stays_away_ends_the_run_with_words(server, monkeypatch):
    monkeypatch.setattr(loop, "PATIENCE_SECONDS", 0.1)
    server.kill()
    with pytest.raises(BioglossError, match="stayed away"):
        follow(server.stream(), [gout])


def test_patience_begins_when_the_server_is_first_missed(server, monkeypatch):
    """However long a batch was annotated before: here, on the clock of the loop, an hour."""
    client = server.client()
    send(client, 1)
    passed = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda now=time.monotonic: now() + passed[0])

    def slow(document):
        if not passed[0]:
            passed[0] = 3600.0
            server.kill()
        return document

    def goes_on():  # asked after the loop has missed the server, too
        if server.process.poll() is not None:
            server.start()
        return server.client().hlen("biogloss:out") < 1

    follow(server.stream(idle="0.1"), [slow], goes_on=goes_on)
    assert server.client().hgetall("biogloss:out").keys() == {"0"}


def test_a_full_server_is_waited_for(server):
    client = server.client()
    send(client, 10)
    client.config_set("maxmemory", "1")
    asked = []

    def goes_on():
        asked.append(client.hlen("biogloss:out"))
        if len(asked) == 3:
            client.config_set("maxmemory", "0")
        return asked[-1] < 10

    follow(server.stream(), [gout], goes_on=goes_on)
    assert asked[:3] == [0, 0, 0]
    assert client.hlen("biogloss:out") == 10


def test_a_key_that_is_in_use_for_another_thing_is_told(server):
    server.client().set("biogloss:in", "mine")
    with pytest.raises(ConfigError, match="in use for another thing"):
        follow(server.stream(), [gout])
    assert server.client().get("biogloss:in") == "mine"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("kafka://localhost/", r"no streams of the kind 'kafka'; there are: redis://"),
        ("redis://localhost/0?inn=x", "has no 'inn'"),
        ("redis://localhost/0?room=many", "room='many'"),
        ("redis://localhost/0?in=a&out=a", "three different names"),
    ],
)
def test_addresses_that_are_none(url, words):
    with pytest.raises(ConfigError, match=words):
        Stream.parse(url)


def test_a_password_is_never_shown():
    stream = Stream.parse("redis://me:secret@localhost:6379/0?in=notes")
    assert "secret" in stream.server
    assert "secret" not in repr(stream)
    assert stream.source == "notes"
    assert "secret" not in repr(Stream.parse("redis://localhost", "secret"))


def test_a_password_from_elsewhere_opens_the_server(server):
    server.client().config_set("requirepass", "secret")
    with pytest.raises(ConfigError, match="refuses the name or password"):
        follow(server.stream(), [gout])
    told = []
    follow(Stream.parse(server.url(), "secret"), [gout], goes_on=lambda: told.append(1) or len(told) < 3)
    assert redis.Redis(port=server.port, password="secret").exists("biogloss:in")
