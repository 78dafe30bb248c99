"""How `biogloss serve` stands load, beside bulk annotation on the same machine.

    pip install -e '.[dev]'
    python benchmarks/load.py [--quick]

The load tool is locust with its C client (``FastHttpUser``): it is a process of its own, keeps a rate that does not
depend on the answers (which an overload needs, and closed-loop tools as ab or wrk do not do), and costs less time for a
request than annotating does, which counts where it shares two cores with the server. What it takes is measured with it.

levels      one abstract a request at 1, 8 and 64 clients, each asking again as soon as it has its answer: requests a
            second, and the 50th, 95th and 99th percentile of the time to the answer
bulk share  requests a second at 8 clients over documents a second of ``Gloss.pipe`` with two workers, same abstracts
batching    one sentence a request at 64 clients, over the same server with ``--batch 1``
overload    four times the requests a second at 8 clients, for a minute, at the server's default limits, by as many
            users as ask that much when each asks once in four seconds, so that slow answers do not slow the asking: how
            much was asked, which answers there are, the 99th percentile of those that were accepted, memory before, at
            most and after

Abstracts are those of ``annotate_speed.py``. Measure on a quiet machine: what others take of it before the start is
printed. The last line is one JSON object: ``bulk_share``, ``batching_gain``, ``p99_overload_s`` and ``errors`` (answers
that are neither 200 nor 429, of all phases).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psutil

import _machine
from _machine import ROOT
from biogloss.documents import Document
from biogloss.formats import pubmed_xml
from biogloss.pipeline import gloss
from biogloss.pipeline.steps.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OK, BUSY, BEGUN = "200", "429", "begun"
TEXTS = 2_000
LEVELS = (1, 8, 64)
USERS = 64
OVER = 4
EACH_SECONDS = 4.0
"""Between two requests of a user in the overload: longer than an accepted one may take."""
SETTLED_SECONDS = 30.0
ANSWER_SECONDS = 120
"""After its time the load tool waits so long for the answers to what it has asked: the slowest count too."""
ENDED_SECONDS = ANSWER_SECONDS + 60.0
"""Until it is given up after its time."""


@dataclass(frozen=True)
class Phase:
    """What came of a phase: seconds from the first user to the last answer, answers by status, sorted times of 200."""

    seconds: float
    answers: dict[str, int]
    times: list[float]

    @property
    def rate(self) -> float:
        """Documents annotated a second."""
        return self.answers.get(OK, 0) / self.seconds

    @property
    def errors(self) -> int:
        """Answers that should not be."""
        return sum(count for status, count in self.answers.items() if status not in (OK, BUSY))

    def percentile(self, share: float) -> float:
        """The time in seconds within which so many of the accepted were answered."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))] if self.times else float("nan")


@dataclass(frozen=True)
class Server:
    """A server that runs, and its process."""

    url: str
    process: psutil.Process

    def megabytes(self) -> float:
        """Its memory now."""
        return float(self.process.memory_info().rss) / 1e6


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """A server on a free port, stopped at the end."""
    command = [sys.executable, "-m", "biogloss", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise SystemExit("the server did not start; try it by hand: biogloss serve")
            yield Server(line.split()[-1], psutil.Process(process.pid))
        finally:
            process.terminate()


def load(server: Server, texts: Path, *, users: int, seconds: int, each_second: float = 0.0) -> Phase:
    """What comes of so many users for so long."""
    told = {"texts": str(texts), "each_second": each_second}
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(ROOT / "benchmarks" / "_load_users.py"),
        "--headless",
        "--json",
    ]
    spawned = users * each_second or users  # a second; they keep the distances at which they began
    command += ["--host", server.url, "--users", str(users), "--spawn-rate", str(spawned), "--run-time", f"{seconds}s"]
    command += ["--stop-timeout", str(ANSWER_SECONDS)]
    environment = {**os.environ, "BIOGLOSS_LOAD": json.dumps(told)}
    allowed = seconds + ENDED_SECONDS
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=allowed)
    found: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.find("[") :]) if "[" in done.stdout else []
    answers = {one["name"]: one["num_requests"] for one in found if one["name"] != BEGUN}
    if not answers:
        raise SystemExit(f"locust has no answers to tell of; pip install locust. It said:\n{done.stderr[-2000:]}")
    times = sorted(
        float(milliseconds) / 1000
        for one in found
        if one["name"] == OK
        for milliseconds, count in one["response_times"].items()
        for _ in range(count)
    )
    first = next(one["start_time"] for one in found if one["name"] == BEGUN)
    last = max(one["last_request_timestamp"] for one in found)
    return Phase(last - first, answers, times)


def bulk(texts: Sequence[str]) -> float:
    """Documents a second of ``Gloss.pipe`` with two workers, everything loaded."""
    loaded = gloss.load(workers=2)
    list(loaded.pipe(texts[:20], workers=2))
    started = time.monotonic()
    done = sum(1 for _ in loaded.pipe(texts, workers=2))
    return done / (time.monotonic() - started)


def abstracts() -> list[str]:
    """Titles with abstracts; without the data catalogue, those of the examples."""
    catalogue = _machine.data_folder() / "pubmed" / "pubmed21n1298.xml.gz"
    path = catalogue if catalogue.exists() else ROOT / "examples" / "pubmed_sample.xml"
    found = [one.text for one in pubmed_xml.read(path) if isinstance(one, Document) and one.marked("abstract")]
    return found[:: max(1, len(found) // TEXTS)][:TEXTS]


def levels(server: Server, texts: Path, seconds: int) -> dict[int, Phase]:
    """Each number of clients in turn, with a line for each."""
    print("clients  requests/s     p50     p95     p99")
    found = {}
    for users in LEVELS:
        found[users] = phase = load(server, texts, users=users, seconds=seconds)
        times = "  ".join(f"{phase.percentile(share):5.2f}s" for share in (0.5, 0.95, 0.99))
        print(f"{users:7}  {phase.rate:10.1f}  {times}")
    return found


def overload(texts: Path, rate: float, seconds: int) -> Phase:
    """More than can be done, at the limits that a server has by default."""
    with serving() as server:
        load(server, texts, users=USERS, seconds=seconds)  # so that caches and arenas have their size
        before = server.megabytes()
        users = round(OVER * rate * EACH_SECONDS)
        phase = load(server, texts, users=users, seconds=seconds, each_second=1 / EACH_SECONDS)
        most = server.megabytes()
        end = time.monotonic() + SETTLED_SECONDS
        while server.megabytes() > 1.1 * before and time.monotonic() < end:
            time.sleep(1)
        after = server.megabytes()
    asked = sum(phase.answers.values()) / phase.seconds
    print(f"overload at {OVER * rate:.0f} requests/s for {seconds} s: {asked:.0f} asked a second, {phase.answers}")
    print(
        f"memory: {before:.0f} MB before, {most:.0f} at its end, {after:.0f} when settled ({after / before - 1:+.1%})"
    )
    return phase


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: no figures to quote")
    seconds = 5 if parser.parse_args().quick else 60
    print(_machine.describe(("biogloss", "ctranslate2", "fastapi", "uvicorn", "locust")))
    print(f"before it began, others took {psutil.cpu_percent(3.0):.0f} % of the machine")
    texts = abstracts()
    short = [text[span.start : span.end] for text in texts[: TEXTS // 4] for span in sentences(text)]
    with TemporaryDirectory() as folder:
        long_file, short_file = Path(folder) / "abstracts.json", Path(folder) / "sentences.json"
        long_file.write_text(json.dumps(texts), encoding="utf-8")
        short_file.write_text(json.dumps(short), encoding="utf-8")
        documents = bulk(texts[: 20 * seconds])
        print(f"bulk: {documents:.1f} documents/s")
        with serving("--wait", "60") as server:
            found = levels(server, long_file, seconds)
            together = load(server, short_file, users=USERS, seconds=seconds)
        with serving("--wait", "60", "--batch", "1") as server:
            alone = load(server, short_file, users=USERS, seconds=seconds)
        print(f"sentences at {USERS} clients: {together.rate:.1f} requests/s, one at a time {alone.rate:.1f}")
        over = overload(long_file, found[8].rate, seconds)
    result = {
        "bulk_share": round(found[8].rate / documents, 3),
        "batching_gain": round(together.rate / alone.rate, 3),
        "p99_overload_s": round(over.percentile(0.99), 3),
        "errors": sum(one.errors for one in (*found.values(), together, alone, over)),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
