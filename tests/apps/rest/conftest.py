"""A real server: the command in a process of its own, on a free port, asked over HTTP."""

import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import pytest

SECONDS = 240
INDEX = "id,name,synonyms\nMESH:D006073,gout,podagra\nMESH:D001172,rheumatoid arthritis,\nMESH:D003924,diabetes,\n"
GRAPH = """\
1|t|Metformin and lactic acidosis.
1|a|Metformin causes lactic acidosis. Lactic acidosis was not seen with placebo.
1\t0\t9\tMetformin\tChemical\tMESH:D008687
1\t14\t29\tlactic acidosis\tDisease\tMESH:D000140
1\t31\t40\tMetformin\tChemical\tMESH:D008687
1\t48\t63\tlactic acidosis\tDisease\tMESH:D000140
1\tCID\tMESH:D008687\tMESH:D000140

2|t|Lactate in lactic acidosis.
2|a|High.
2\t0\t7\tLactate\tChemical\tMESH:D019344
2\t11\t26\tlactic acidosis\tDisease\tMESH:D000140

"""


class Running:
    """A server's process, where it listens, and what it said on standard error."""

    def __init__(self, *arguments, env=None, **how):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "biogloss", "serve", "--port", "0", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            **how,
        )
        self.log = []
        self._lines = queue.Queue()
        for stream, keep in ((self.process.stdout, self._lines.put), (self.process.stderr, self.log.append)):
            threading.Thread(target=self._drain, args=(stream, keep), daemon=True).start()
        self.url = self._address()

    def _drain(self, stream, keep):
        for line in stream:
            keep(line)
        keep(None)

    def _address(self):
        try:
            line = self._lines.get(timeout=SECONDS)
        except queue.Empty:
            line = None
        if line is None:
            self.kill()
            raise AssertionError(f"the server did not start: {''.join(filter(None, self.log))}")
        return line.split()[-1]

    def client(self, key="", **how):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=SECONDS, trust_env=False, **how)

    def stop(self):
        """Ask it to stop; returns its exit code."""
        self.process.terminate()
        return self.process.wait(SECONDS)

    def kill(self):
        """End it at once, without a word."""
        self.process.kill()
        self.process.wait(SECONDS)


@contextmanager
def running(*arguments, **how):
    server = Running(*arguments, **how)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def until(found, seconds=SECONDS):
    """What ``found`` gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError("it did not come to that in time")


@pytest.fixture(scope="session")
def material(tmp_path_factory):
    """A small index of terms and a small graph."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "terms.csv").write_text(INDEX, encoding="utf-8")
    (folder / "in.pubtator").write_text(GRAPH, encoding="utf-8")
    commands = (
        ["terms", "build", folder / "terms.csv", "-o", folder / "my.terms", "--type", "Disease"],
        ["graph", "build", folder / "in.pubtator", "-o", folder / "my.graph", "--source", "lab"],
    )
    for command in commands:
        subprocess.run([sys.executable, "-m", "biogloss", *map(str, command)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def server(material, tmp_path_factory):
    """One with everything, for the tests that only ask."""
    arguments = ("--index", material / "my.terms", "--graph", material / "my.graph", "--embeddings", "biogloss-en")
    with running(*arguments, "--state", tmp_path_factory.mktemp("state")) as started:
        yield started
        assert started.stop() == 0, "".join(filter(None, started.log))


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened
