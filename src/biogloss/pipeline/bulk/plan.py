"""What a bulk run is to do, in a form that reaches other processes and machines as JSON.

    Plan(Job(("a.xml.gz", "b.xml.gz"), "out"), Asked(types=("Chemical",)), 1000)
    units(...)      [Unit(input=0, part=0, parts=2), Unit(0, 1, 2), Unit(1, 0, 2), Unit(1, 1, 2)]

The documents of an input fall into blocks of equal number; each block becomes one shard, whoever makes it. A unit is
one of the tasks into which an input is cut: the blocks ``part``, ``part + parts``, ``part + 2 * parts`` ... of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from biogloss.knowledge import shipped
from biogloss.pipeline import files, gloss
from biogloss.pipeline.files import Job
from biogloss.pipeline.steps import linking
from biogloss.pipeline.steps._beside import all_beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.pipeline.run import Step
    from biogloss.pipeline.steps.linking import Linking

TASKS_A_WORKER = 4
"""As many tasks as this for each worker, so that none waits long for the last; more would read inputs more often."""


@dataclass(frozen=True)
class Asked:
    """The steps that are wanted, in words that every process can load them by; as ``gloss.load`` has them.

    ``link`` is whether entities get identifiers: of the vocabularies ``ids`` and the species ``taxa``, from ``index``
    or else the index that ships, where there is one.
    """

    models: tuple[str, ...] = (gloss.EMBEDDED,)
    types: tuple[str, ...] = ()
    threshold: float | None = None
    terms: str = ""
    rules: str = ""
    link: bool = True
    index: str = ""
    ids: tuple[str, ...] = ()
    taxa: tuple[str, ...] = ()

    def absolute(self) -> Asked:
        """The same from whatever folder it is loaded."""
        models = tuple(model if model == gloss.EMBEDDED else _absolute(model) for model in self.models)
        terms, rules, index = map(_absolute, (self.terms, self.rules, self.index))
        return replace(self, models=models, terms=terms, rules=rules, index=index)

    def linking(self) -> Linking | None:
        """The step that gives identifiers, where it is wanted and has an index.

        Raises:
            KnowledgeError, OutputError, ConfigError: as ``linking.step``.
        """
        if not self.link or not (self.index or shipped.is_there()):
            return None
        return linking.step(index=self.index, ids=self.ids, taxa=self.taxa)

    def load(self, workers: int = 1, *, keep: bool = False) -> Sequence[Step]:
        """The steps, for so many threads; ``keep`` lets what documents carry stay beside what models say.

        Raises:
            ModelError, ConfigError, KnowledgeError, OutputError: as ``gloss.load``.
        """
        loaded = gloss.load(
            self.models,
            types=self.types,
            threshold=self.threshold,
            terms=self.terms or None,
            rules=self.rules or None,
            workers=workers,
            link=self.linking() or False,
        )
        return all_beside(loaded.steps) if keep else loaded.steps

    def settings(self) -> dict[str, Any]:
        """What of it decides the annotations, to compare on resuming.

        Raises:
            ModelError, KnowledgeError, ConfigError: a model or an index is not there, or is none.
        """
        terms, rules = (Path(own) if own else None for own in (self.terms, self.rules))
        own = files.Own(terms, rules, self.linking())
        return files.identity(gloss.folders(self.models), self.types, self.threshold, own)


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


def _absolute(path: str) -> str:
    return str(Path(path).resolve()) if path else path


def units(inputs: Sequence[int], workers: int) -> list[Unit]:
    """The tasks of the inputs: a whole input each where there are many, parts of them where there are few."""
    if not inputs:
        return []
    parts = max(1, min(workers, -(-TASKS_A_WORKER * workers // len(inputs))))
    return [Unit(number, part, parts) for number in inputs for part in range(parts)]
