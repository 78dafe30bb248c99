"""A real server: the command in a process of its own, on a free port, asked over HTTP."""

import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx

SECONDS = 240
PROGRAM = (sys.executable, "-m", "biogloss")


class Running:
    """A server's process, where it listens, and what it said on standard error; ``start`` stands before the command."""

    def __init__(self, *arguments, program=PROGRAM, env=None, start=(), **how):
        self.process = subprocess.Popen(
            [*start, *program, "serve", "--port", "0", *map(str, arguments)],
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
