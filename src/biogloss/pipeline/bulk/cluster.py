"""The engine for several machines: Ray Data maps the tasks of a bulk run over processes of a cluster.

    for event in events(plan, units, workers=64, address="ray://head:10001"): ...

Inputs, model and output folder must be reachable under the same paths from every machine. Ray replaces a process or a
machine that is lost and gives its task to another, which makes only what is not finished. Tasks tell what they did when
they end; until then their finished shards are on the disk, which is all that a resumed run needs.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss.errors import BioglossError, ConfigError, MissingExtra
from biogloss.pipeline.bulk import processes, shards
from biogloss.pipeline.bulk.ledger import Ledger
from biogloss.pipeline.bulk.plan import Plan, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OBJECT_STORE_BYTES = 200_000_000
"""Enough for a local run: no document travels through Ray, only what tasks are and what became of them."""


class Annotator:
    """A process of the cluster: loads the steps once, then carries out tasks."""

    def __init__(self, plan: str) -> None:
        self.plan = Plan.from_json(plan)
        self.steps = self.plan.asked.load(keep=self.plan.job.keep)

    def __call__(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """What became of a task: its events, each as JSON; of a task that was begun before, those of then too."""
        unit, told = Unit(*json.loads(row["unit"])), list[dict[str, Any]]()
        try:
            shards.annotate(self.plan, unit, self.steps, told.append)
            finished = Ledger(Path(self.plan.job.output)).finished(unit.input).values()
            own = [{"event": "shard", **vars(shard)} for shard in finished if shard.block % unit.parts == unit.part]
            told = [*own, *(event for event in told if event["event"] == "end")]
        except BioglossError as error:
            told = [{"event": "error", "kind": type(error).__name__, "words": str(error)}]
        return [{"event": json.dumps(event)} for event in told]


def events(plan: Plan, units: Sequence[Unit], workers: int, address: str = "") -> Iterator[dict[str, Any]]:
    """Carry out the tasks; what became of each, when it ends.

    Raises:
        MissingExtra: Ray is not installed.
        ConfigError: there is no cluster at the address.
        BioglossError: what a process could not do: write, load the model.
    """
    _prepare(address)
    try:
        import ray  # noqa: PLC0415 - an extra, which takes seconds
        from ray import data  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("ray", "scale", "--engine ray") from error
    if not units:
        return
    try:
        _start(ray, workers, address)
        yield from _mapped(data, plan, units, workers)
    except ray.exceptions.RayError as error:
        what = " ".join(str(error).split())[-300:]
        msg = f"Ray gave up ({what}); what is finished is kept: repeat with --resume, or without --engine"
        raise BioglossError(msg) from error
    finally:
        ray.shutdown()


def _prepare(address: str) -> None:
    """What Ray must know before it is imported: nothing is told to its makers, and nobody else may use our processes.

    Ray listens on every interface of the machine, and who may talk to it may run anything; so what is started here
    has a token of its own. A cluster that is joined has its own rules. Ray reads the token once in a process, so that
    of a first run serves a second one.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what it warns of is how Ray Data itself is made
    if not address:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _mapped(data: Any, plan: Plan, units: Sequence[Unit], workers: int) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """What became of the tasks, through ``ray.data``."""
    data.DataContext.get_current().enable_progress_bars = False
    rows = data.from_items([{"unit": json.dumps(unit)} for unit in units], override_num_blocks=len(units))
    pool = data.ActorPoolStrategy(size=min(workers, len(units)), max_tasks_in_flight_per_actor=1)
    mapped = rows.flat_map(Annotator, fn_constructor_args=(plan.to_json(),), compute=pool, num_cpus=1)
    for row in mapped.iter_rows():
        event = json.loads(row["event"])
        if event["event"] == "error":
            raise processes.error_of(event)
        yield event


def _start(ray: Any, workers: int, address: str) -> None:  # noqa: ANN401 - the module, which may not be installed
    """Join the cluster, or start one on this machine."""
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    if not address:
        settings |= {"include_dashboard": False, "num_cpus": workers + 1, "object_store_memory": OBJECT_STORE_BYTES}
    try:
        ray.init(address=address or "local", **settings)  # without "local" any cluster that is found
    except Exception as error:  # Ray raises bare ones too, as when it takes too long on a busy machine
        what, todo = "Ray does not start on this machine", "do without it: --engine local"
        if address:
            what, todo = f"no Ray cluster at {address}", "check it; if it wants a token, set RAY_AUTH_MODE=token"
        raise ConfigError(f"{what} ({' '.join(str(error).split())[:300]}); {todo}") from error
