"""Users of ``load.py``, as locust runs them: each asks ``/v1/annotate`` for one text after another.

    BIOGLOSS_LOAD='{"texts": "texts.json", "each_second": 0}' locust -f _load_users.py --headless --users 8 ...

``each_second`` 0 is a closed loop: a user asks again as soon as it has its answer. Otherwise each user keeps to that
rate whatever the answers are, which is how an overload comes about. Answers are counted under their status, and users
that begin under "begun": locust's own times begin with the first answer.
"""

from __future__ import annotations

import itertools
import json
import os
import random
from pathlib import Path

from locust import FastHttpUser, constant_throughput, task

_TOLD = json.loads(os.environ["BIOGLOSS_LOAD"])
_TEXTS = [text.encode() for text in json.loads(Path(_TOLD["texts"]).read_text(encoding="utf-8"))]
_HEADERS = {"Content-Type": "text/plain"}


class Asking(FastHttpUser):  # type: ignore[misc]  # locust has no types
    """One user."""

    connection_timeout = network_timeout = 120.0
    if _TOLD["each_second"]:
        wait_time = constant_throughput(_TOLD["each_second"])

    def on_start(self) -> None:
        """Begin somewhere, so that users do not ask the same at the same time."""
        start = random.randrange(len(_TEXTS))
        self.texts = itertools.cycle(_TEXTS[start:] + _TEXTS[:start])
        self.environment.events.request.fire(request_type="", name="begun", response_time=0, response_length=0)

    @task  # type: ignore[untyped-decorator]
    def annotate(self) -> None:
        """Ask once."""
        with self.client.post("/v1/annotate", data=next(self.texts), headers=_HEADERS, catch_response=True) as answer:
            answer.request_meta["name"] = str(answer.status_code)
            answer.success()
