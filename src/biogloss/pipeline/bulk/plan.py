"""What a bulk run is to do, in a form that reaches other processes and machines as JSON.

    Plan(Job(("a.xml.gz", "b.xml.gz"), "out"), Asked(types=("Chemical",)), 1000)
    units(...)      [Unit(input=0, part=0, parts=2), Unit(0, 1, 2), Unit(1, 0, 2), Unit(1, 1, 2)]

The documents of an input fall into blocks of equal number; each block becomes one shard, whoever makes it. A unit is
one of the tasks into which an input is cut: the blocks ``part``, ``part + parts``, ``part + 2 * parts`` ... of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from biogloss.pipeline.asked import Asked
from biogloss.pipeline.files import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

TASKS_A_WORKER = 4
"""As many tasks as this for each worker, so that none waits long for the last; more would read inputs more often."""


@dataclass(frozen=True)
class Scale:
    """How a bulk run is carried out; none of it changes what is written, but for ``documents``.

    Args:
        engine: ``local`` or nothing, processes of this machine; or ``ray``.
        address: of a Ray cluster; empty starts Ray on this machine.
        documents: how many make a shard.
    """

    engine: str = ""
    address: str = ""
    documents: int = 1000


class Unit(NamedTuple):
    """A task: the blocks of an input whose number leaves ``part`` when divided by ``parts``."""

    input: int
    part: int
    parts: int


@dataclass(frozen=True)
class Plan:
    """The inputs and the output of a job, the steps, and how many documents make a shard."""

    job: Job
    asked: Asked
    documents: int

    def to_json(self) -> str:
        """One line, for a process to read."""
        job = asdict(self.job) | {"inputs": [str(path) for path in self.job.inputs], "output": str(self.job.output)}
        return json.dumps({"job": job, "asked": asdict(self.asked), "documents": self.documents})

    @classmethod
    def from_json(cls, line: str) -> Plan:
        """The plan in such a line."""
        parts = json.loads(line)
        job = parts["job"] | {"inputs": tuple(parts["job"]["inputs"])}
        asked: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in parts["asked"].items()
        }
        return cls(Job(**job), Asked(**asked), parts["documents"])


def units(inputs: Sequence[int], workers: int) -> list[Unit]:
    """The tasks of the inputs: a whole input each where there are many, parts of them where there are few."""
    if not inputs:
        return []
    parts = max(1, min(workers, -(-TASKS_A_WORKER * workers // len(inputs))))
    return [Unit(number, part, parts) for number in inputs for part in range(parts)]
