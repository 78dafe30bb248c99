"""A bulk run from its inputs to its manifest, whichever engine does the work."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss import formats, plugins
from biogloss.errors import BioglossError, ConfigError, Failure, InputError, OutputError
from biogloss.formats import _detect
from biogloss.formats._source import STANDARD
from biogloss.pipeline import files
from biogloss.pipeline.bulk import processes
from biogloss.pipeline.bulk.ledger import Ledger, Shard
from biogloss.pipeline.bulk.plan import Plan, Scale, units
from biogloss.pipeline.files import Job, Summary
from biogloss.pipeline.output import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from biogloss.pipeline.asked import Asked

ENGINES = ("local", "ray")


def annotate_shards(
    job: Job, asked: Asked, scale: Scale | None = None, progress: Callable[[Position], None] | None = None
) -> Summary:
    """Annotate every document of the inputs into shards of a folder; resumed, only what is not there yet.

    Args:
        job: files or folders to read; a folder to write to; ``workers`` is a number of processes.
        asked: the steps.
        scale: the engine and the size of shards.
        progress: told after each shard how far the run is.

    Raises:
        InputError, ConfigError, ModelError, KnowledgeError: before anything is written.
        OutputError: the folder cannot be written; what is finished is kept for resuming.
        TooManyFailures: more documents failed than the job allows; what is finished is kept.
        MissingExtra: the engine is not installed.
    """
    scale = Scale() if scale is None else scale
    plan = _plan(job, asked, scale)
    ledger = Ledger(Path(job.output))
    settings = {**files.settings(plan.job), **asked.settings(), "documents a shard": scale.documents}
    with ledger.held(force=job.force):
        if not ledger.begin(settings, resume=job.resume, force=job.force):
            return Summary(0, (), 0, 0, {}, was_complete=True)
        tally = _Tally(plan, ledger)
        resumed_at = tally.position.documents + tally.position.failures
        try:
            _work(tally, scale, job, progress)
        finally:
            noted = ledger.list_failures(map(str, plan.job.inputs), tally.ordered())
        ledger.finish(tally.manifest(settings))
        return replace(tally.summary(), resumed_at=resumed_at, noted_in=str(noted))


def _plan(job: Job, asked: Asked, scale: Scale) -> Plan:
    _detect.writer(job.write_as)
    if hasattr(plugins.load(formats, job.write_as), "write_folder"):
        raise ConfigError(f"{job.write_as} is a folder of its own, not shards; leave --engine and the final / away")
    if scale.engine and scale.engine not in ENGINES:
        raise ConfigError(f"no engine {scale.engine!r}; there are: {', '.join(ENGINES)}")
    inputs = tuple(_inputs(job))
    own = replace(job, inputs=inputs, output=str(Path(job.output).resolve()), max_failures=None)
    return Plan(own, asked.absolute(), scale.documents)


def _inputs(job: Job) -> Iterator[str]:
    """The files to read; a folder of texts or brat pairs is one input, as its reader has it."""
    for path in job.inputs:
        if str(path) == STANDARD:
            raise ConfigError("standard input cannot be read by several processes; name files, or leave --engine away")
        if not Path(path).exists():
            raise InputError("no such file", file=str(path), todo="Check the path")
        members = _detect.members(Path(path), job.read_as) if Path(path).is_dir() else []
        yield from (str(one.resolve()) for one in members or [Path(path)])


class _Tally:
    """What is done, counted."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self.plan = plan
        numbers = range(len(plan.job.inputs))
        self.shards = {number: ledger.finished(number) for number in numbers}
        self.items = {number: items for number in numbers if (items := ledger.items(number)) is not None}
        self.position = Position()
        for shard in self.ordered():
            self._count(shard)

    def ordered(self) -> Iterator[Shard]:
        """The finished shards in the order of the input."""
        for number in sorted(self.shards):
            own = self.shards[number]
            yield from (own[block] for block in sorted(own))

    def add(self, event: dict[str, Any]) -> Shard | None:
        """Take account of what an engine tells; the shard, where it tells of a new one."""
        kind, fields = event["event"], {name: value for name, value in event.items() if name != "event"}
        if kind == "end":
            self.items[fields["input"]] = fields["items"]
        if kind != "shard":
            return None
        shard = Shard.of(fields)
        if shard.block not in self.shards[shard.input]:
            self._count(shard)
        self.shards[shard.input][shard.block] = shard
        return shard

    def _count(self, shard: Shard) -> None:
        position = self.position
        self.position = Position(
            position.documents + shard.documents,
            position.failures + len(shard.failures),
            position.entities + shard.entities,
        )

    def missing(self) -> list[int]:
        """The inputs of which not every block is there."""
        return [number for number, own in self.shards.items() if not self._is_whole(number, own)]

    def _is_whole(self, number: int, own: Iterable[int]) -> bool:
        items = self.items.get(number)
        return items is not None and set(own) == set(range(-(-items // self.plan.documents)))

    def left_out(self) -> dict[str, int]:
        """What readers and writers did not take along, in all shards."""
        counts: Counter[str] = Counter()
        for shard in self.ordered():
            counts.update(shard.left_out)
        return dict(counts)

    def failures(self) -> Iterator[Failure]:
        """Those of all shards, as values."""
        for shard in self.ordered():
            yield from map(_failure, shard.failures)

    def summary(self) -> Summary:
        """Of the whole run, resumed parts included."""
        position = self.position
        shown = tuple(islice(self.failures(), files.KEPT_FAILURES))
        return Summary(position.documents, shown, position.failures, position.entities, self.left_out())

    def manifest(self, settings: dict[str, Any]) -> dict[str, Any]:
        """All that is known of the finished run."""
        counts = {name: getattr(self.position, name) for name in ("documents", "failures", "entities")}
        inputs = [
            {"path": str(path), "documents": self.items[number]} for number, path in enumerate(self.plan.job.inputs)
        ]
        shards = [{**vars(shard), "failures": len(shard.failures)} for shard in self.ordered()]
        return {
            "complete": True,
            "biogloss": version("biogloss"),
            **counts,
            "settings": settings,
            "left_out": self.left_out(),
            "inputs": inputs,
            "shards": shards,
        }


def _failure(noted: Mapping[str, str]) -> Failure:
    return Failure(noted["id"], noted["step"], BioglossError(noted["error"]))


def _work(tally: _Tally, scale: Scale, job: Job, progress: Callable[[Position], None] | None) -> None:
    missing = tally.missing()
    tasks = units(missing, job.workers)
    for event in _events(tally.plan, tasks, scale, job.workers):
        shard = tally.add(event)
        if shard is None:
            continue
        if progress:
            progress(tally.position)
        if shard.failures:
            files.check_failures(tally.position.failures, job.max_failures, _failure(shard.failures[-1]))
    if left := tally.missing():
        path = tally.plan.job.inputs[left[0]]
        raise OutputError(f"{len(left):,} inputs are not finished, {path} first; repeat with --resume")


def _events(plan: Plan, tasks: Sequence[Any], scale: Scale, workers: int) -> Iterator[dict[str, Any]]:
    if scale.engine != "ray":
        return processes.events(plan, tasks, workers)
    from biogloss.pipeline.bulk import cluster  # noqa: PLC0415 - Ray is an extra and takes seconds

    return cluster.events(plan, tasks, workers, scale.address)
