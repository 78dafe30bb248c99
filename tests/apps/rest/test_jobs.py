"""`/v1/jobs`: what was accepted is done, once, whatever happens to the server meanwhile."""

import asyncio
import json
import resource
import shutil
import subprocess
import sys
import threading
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from serving import running, until

from biogloss.apps.rest import factory
from biogloss.apps.rest.annotators import Annotator, Annotators
from biogloss.apps.rest.batches import Batches
from biogloss.apps.rest.jobs import Jobs
from biogloss.apps.rest.jobs.store import QUEUED, Job, Result, Store
from biogloss.apps.rest.meters import Meters
from biogloss.apps.rest.service import Service
from biogloss.apps.rest.settings import Limits, Settings
from biogloss.errors import ConfigError

SENTENCES = ("Gout hurts patient {}.", "Metformin lowers glucose in patient {} with type 2 diabetes.", "Aspirin {}.")


def lines(count, start=0):
    """So many short documents, as JSON lines."""
    texts = (SENTENCES[number % 3].format(number) for number in range(start, start + count))
    return "".join(
        json.dumps({"biogloss": 1, "id": f"d{n}", "text": text}) + "\n" for n, text in enumerate(texts, start)
    )


def send(client, content, kind="application/jsonl", **headers):
    response = client.post("/v1/jobs", content=content, headers={"content-type": kind, **headers})
    assert response.status_code == 202, response.text
    return response.headers["location"]


def state(client, place):
    return client.get(place).json()


def finished(client, place):
    return until(lambda: (job := state(client, place))["status"] in ("done", "failed", "cancelled") and job)


def result(client, place):
    response = client.get(f"{place}/result")
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def test_a_job_gives_what_a_request_gives(client):
    place = send(client, lines(40))
    assert finished(client, place)["done"] == 40
    asked = [json.loads(line) for line in lines(40).splitlines()]
    assert result(client, place) == client.post("/v1/annotate", json={"documents": asked}).json()["documents"]
    fetched = client.get(f"{place}/result", headers={"accept": "application/vnd.biogloss.pubtator"})
    assert "d7|t|" in fetched.text
    assert place.rpartition("/")[2] in [job["id"] for job in client.get("/v1/jobs").json()["jobs"]]


def test_failures_are_counted_and_listed_without_where_the_server_keeps_things(client):
    bad = '{"biogloss": 1, "id": 7}\n'
    place = send(client, lines(2) + bad + lines(1, 2))
    job = finished(client, place)
    assert (job["status"], job["done"], job["failed"]) == ("done", 4, 1)
    assert [one["id"] for one in result(client, place)] == ["d0", "d1", "d2"]
    (failure,) = map(json.loads, client.get(f"{place}/failures").text.splitlines())
    assert failure["id"] == "line 3"
    assert "uploads" not in failure["error"]


def test_progress_is_told_until_the_end(client):
    place = send(client, lines(60))
    with client.stream("GET", f"{place}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert told[-1]["status"] == "done"
    assert [one["done"] for one in told] == sorted(one["done"] for one in told)
    assert told[-1]["done"] == 60


def test_the_same_job_sent_twice_is_one(client):
    name = {"Idempotency-Key": "monday"}
    assert send(client, lines(3), **name) == send(client, lines(3), **name)
    other = client.post("/v1/jobs", content=lines(4), headers={"content-type": "application/jsonl", **name})
    assert (other.status_code, other.json()["type"]) == (409, "urn:biogloss:problem:another-job")
    as_text = client.post("/v1/jobs", content=lines(3), headers={"content-type": "text/plain", **name})
    assert as_text.status_code == 409


def test_a_job_is_stopped_and_forgotten(client):
    place = send(client, lines(3000))
    early = client.get(f"{place}/result")
    assert (early.status_code, early.json()["type"]) == (409, "urn:biogloss:problem:not-finished")
    job = client.post(f"{place}/cancel").json()
    assert job["status"] == "cancelled"
    assert job["done"] < 3000
    assert len(result(client, place)) == state(client, place)["done"] == job["done"]
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404
    assert client.delete(place).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("", "text/plain", 422),
        ("{", "application/json", 422),
        ('{"documents": [{"txt": 1}]}', "application/json", 422),
        ("PK\x03\x04", "application/octet-stream", 422),
        ("x", "image/png", 415),
    ],
)
def test_what_is_no_job_is_refused_while_its_sender_listens(client, content, kind, status):
    response = client.post("/v1/jobs", content=content, headers={"content-type": kind})
    assert response.status_code == status
    assert "uploads" not in response.text


def test_killed_in_the_middle_nothing_is_lost_and_nothing_done_twice(tmp_path):
    arguments = ("--no-link", "--workers", 1, "--state", tmp_path)
    content = lines(400)
    with running(*arguments) as first, first.client() as client:
        place = send(client, content)
        waiting = send(client, lines(20, 1000))
        until(lambda: state(client, place)["done"] >= 32)
        first.kill()
    with running(*arguments) as second, second.client() as client:
        assert state(client, place)["done"] >= 32  # kept: not begun again
        job = finished(client, place)
        assert (job["status"], job["done"], job["failed"]) == ("done", 400, 0)
        found = result(client, place)
        assert [one["id"] for one in found] == [f"d{number}" for number in range(400)]
        sent = [json.loads(line) for line in content.splitlines()]
        assert [one["text"] for one in found] == [one["text"] for one in sent]
        assert finished(client, waiting)["done"] == 20
        assert not list((tmp_path / "uploads").iterdir())


def test_told_to_stop_it_keeps_what_is_done_and_goes_on_later(tmp_path):
    arguments = ("--no-link", "--workers", 1, "--state", tmp_path)
    with running(*arguments) as first, first.client() as client:
        place = send(client, lines(400))
        until(lambda: state(client, place)["done"] >= 16)
        events = []
        follow = threading.Thread(target=lambda: events.extend(client.get(f"{place}/events").text.splitlines()))
        follow.start()
        assert first.stop() == 0  # one who follows a job keeps nobody waiting
        follow.join()
        assert any(line.startswith("data: ") for line in events)
    with running(*arguments) as second, second.client() as client:
        assert state(client, place)["done"] >= 16
        finished(client, place)
        assert [one["id"] for one in result(client, place)] == [f"d{number}" for number in range(400)]


@pytest.mark.skipif(sys.platform != "linux", reason="a process's limits are changed from outside on Linux only")
def test_on_a_full_disk_uploads_are_refused_and_jobs_wait(tmp_path):
    with running("--no-link", "--state", tmp_path) as server, server.client() as client:
        place = send(client, lines(300))
        until(lambda: state(client, place)["done"] >= 16)
        used = max(path.stat().st_size for path in tmp_path.glob("jobs.sqlite*"))
        pid, (_, most) = server.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (used, most))  # no file of the server may grow beyond that
        refused = client.post("/v1/jobs", content=b"x" * (used + 1000), headers={"content-type": "text/plain"})
        assert (refused.status_code, refused.json()["type"]) == (507, "urn:biogloss:problem:no-space")
        until(lambda: client.get("/readyz").status_code == 503 or state(client, place)["status"] == "done")
        assert client.post("/v1/annotate", json={"text": "Gout."}).status_code == 200
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        assert finished(client, place)["status"] == "done"
        assert [one["id"] for one in result(client, place)] == [f"d{number}" for number in range(300)]
        assert until(lambda: client.get("/readyz").status_code == 200)


MOUNT = "mount -t tmpfs -o size=2m none '{}' && exec \"$@\""
"""A disk of two megabytes that only the program sees which is started after that."""


def can_mount(place):
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT.format(place), "sh", "true"]
    return shutil.which("unshare") and subprocess.run(command, capture_output=True, check=False).returncode == 0


def fill(path):
    """A file that takes all the room there is."""
    with path.open("wb", buffering=0) as ballast, suppress(OSError):
        while ballast.write(b"x" * 512):
            pass


def test_on_a_disk_that_is_full_indeed_jobs_wait_and_lose_nothing(tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("no disk of one's own may be mounted here")
    start = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT.format(tmp_path), "sh")
    with running("--no-link", "--state", tmp_path, start=start) as server, server.client() as client:
        seen = Path(f"/proc/{server.process.pid}/root{tmp_path}")  # the disk as the server sees it
        assert (seen / "jobs.sqlite").exists()
        assert not list(tmp_path.iterdir())
        place = send(client, lines(300))
        until(lambda: state(client, place)["done"] >= 16)
        fill(seen / "ballast")
        refused = client.post("/v1/jobs", content=b"x" * 100_000, headers={"content-type": "text/plain"})
        assert (refused.status_code, refused.json()["type"]) == (507, "urn:biogloss:problem:no-space")
        until(lambda: client.get("/readyz").status_code == 503 or state(client, place)["status"] == "done")
        assert client.post("/v1/annotate", json={"text": "Gout."}).status_code == 200
        (seen / "ballast").unlink()
        assert finished(client, place)["status"] == "done"
        assert [one["id"] for one in result(client, place)] == [f"d{number}" for number in range(300)]
        assert until(lambda: client.get("/readyz").status_code == 200)


@asynccontextmanager
async def asked(folder, **limits):
    """A client of a service in this process, whose model says nothing, and its jobs."""
    own, meters = Limits(**limits), Meters()
    batches = Batches("m", list, size=lambda _: 1, limits=own)
    annotators = Annotators([Annotator("m-1", Path(), "en", (), batches, meters)])
    service = Service(Settings(limits=own), meters, annotators)
    service.jobs = Jobs(folder, annotators, own)
    transport = httpx.ASGITransport(app=factory.create(service))
    headers = {"content-type": "text/plain"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client, service.jobs
    await service.stop()
    service.close()


def test_uploads_that_are_still_coming_count_among_the_jobs_of_a_key(tmp_path):
    gate = threading.Event()

    async def slowly():
        yield b"Gout "
        await asyncio.to_thread(gate.wait, 60)
        yield b"hurts."

    async def scenario():
        async with asked(tmp_path, jobs=2) as (client, jobs):
            coming = [asyncio.create_task(client.post("/v1/jobs", content=slowly())) for _ in range(2)]
            await asyncio.to_thread(until, lambda: len(list(jobs.store.uploads.iterdir())) == 2)
            async with jobs.arriving("0", "another key") as others:
                assert others == 0
            refused = await client.post("/v1/jobs", content=b"Gout.")
            assert (refused.status_code, refused.json()["type"]) == (429, "urn:biogloss:problem:too-many-jobs")
            assert refused.headers["retry-after"] == "30"
            gate.set()
            assert [one.status_code for one in await asyncio.gather(*coming)] == [202, 202]
            await asyncio.to_thread(until, lambda: not jobs.store.unfinished())
            for content, status in ((b"", 422), (b"", 422), (b"Gout.", 202)):  # a refused one gives its place back
                assert (await client.post("/v1/jobs", content=content)).status_code == status

    asyncio.run(asyncio.wait_for(scenario(), 120))


def test_an_upload_beyond_the_limit_is_refused_and_nothing_of_it_kept(tmp_path):
    async def endless():
        while True:
            yield b"Gout. " * 1_000

    async def scenario():
        async with asked(tmp_path, upload_bytes=100_000) as (client, jobs):
            refused = await client.post("/v1/jobs", content=endless())
            assert (refused.status_code, refused.json()["type"]) == (413, "urn:biogloss:problem:too-large")
            assert not list(jobs.store.uploads.iterdir())
            assert (await client.get("/v1/jobs")).json() == {"jobs": []}

    asyncio.run(asyncio.wait_for(scenario(), 120))


def test_two_servers_do_not_share_a_folder(run, tmp_path):
    store = Store(tmp_path)
    code, _, err = run("serve", "--no-link", "--port", 0, "--state", tmp_path)
    assert (code, "another service" in err) == (2, True)
    store.close()
    Store(tmp_path).close()


def job(identifier="j"):
    return Job(identifier, "", None, 1.0, 1.0, QUEUED, "m", "", "jsonl", "utf-8")


def test_a_part_is_kept_whole_or_not_at_all_and_never_twice(tmp_path):
    store = Store(tmp_path)
    store.add(job())
    store.begin("j")
    part = [Result(is_failure=False, line="{}"), Result(is_failure=True, line="[]")]
    store.commit("j", 0, part)
    for place in (0, 1, 3):
        with pytest.raises(ValueError, match="does not stand"):
            store.commit("j", place, part)
    store.commit("j", 2, part)
    found = store.find("j")
    assert (found.done, found.failed, list(store.results("j", failures=False))) == (4, 2, ["{}", "{}"])
    store.finish("j", "cancelled")
    with pytest.raises(ValueError, match="does not stand"):
        store.commit("j", 4, part)
    store.tidy(before=0.0)
    assert store.find("j") is not None
    store.tidy(before=1e12)
    assert (store.find("j"), list(store.results("j", failures=True))) == (None, [])
    store.close()


def test_a_folder_of_a_later_version_is_left_alone(tmp_path):
    store = Store(tmp_path)
    store._connection.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(ConfigError, match="update Biogloss"):
        Store(tmp_path)
