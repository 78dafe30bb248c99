"""A process of the local engine: ``python -m biogloss.pipeline.bulk.worker``, a line of JSON in for each task.

    in   the plan, then {"unit": [0, 0, 1], "blocks": [], "fatal": []} ...
    out  {"event": "ready"}, the events of ``shards.annotate``, {"event": "idle"} after each task,
         or {"event": "error", "kind": "OutputError", "words": "..."}

It ends as soon as nobody holds the other end of its standard input, whatever it is at: the process that started it may
have been killed, and another one may be at work on the same folder.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from queue import SimpleQueue
from threading import Thread
from typing import Any

from biogloss.errors import BioglossError
from biogloss.pipeline.bulk import shards
from biogloss.pipeline.bulk.plan import Plan, Unit


def main() -> None:
    """Work until the standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it decides; Ctrl-C reaches the whole group
    tell = _own_output()
    tasks: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(tasks,), daemon=True).start()
    try:
        plan = Plan.from_json(tasks.get())
        steps = plan.asked.load(keep=plan.job.keep)
        tell({"event": "ready"})
        while True:
            task = json.loads(tasks.get())
            care = shards.Care(frozenset(task["blocks"]), frozenset((block, index) for block, index in task["fatal"]))
            shards.annotate(plan, Unit(*task["unit"]), steps, tell, care)
            tell({"event": "idle"})
    except BioglossError as error:
        tell({"event": "error", "kind": type(error).__name__, "words": str(error)})


def _listen(tasks: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        tasks.put(line)
    os._exit(0)


def _own_output() -> shards.Tell:
    """What writes events; whatever else prints to standard output is turned to standard error."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(event: dict[str, Any]) -> None:
        stream.write(json.dumps(event) + "\n")
        stream.flush()

    return tell


if __name__ == "__main__":
    main()
