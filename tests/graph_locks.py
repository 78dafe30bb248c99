"""Another process that has a graph to itself."""

import subprocess
import sys
from contextlib import contextmanager


@contextmanager
def locked(path, *pragmas):
    """A graph that another process locks, by a transaction that is not finished when it is killed."""
    statements = [*pragmas, "BEGIN EXCLUSIVE", "DELETE FROM evidence"]
    program = "import sqlite3, sys; own = sqlite3.connect(sys.argv[1], isolation_level=None)"
    program += "; [own.execute(one) for one in sys.argv[2:]]; print('locked', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(path), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        yield
        process.kill()
