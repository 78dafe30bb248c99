"""From files to a file: read, run the steps, write; resumable, exactly one record a document.

annotate_files(Job(("pubmed21n1298.xml.gz",), Path("out.jsonl")), steps)    Summary(documents=20788, ...)
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from biogloss import formats, plugins
from biogloss.errors import CannotHold, ConfigError, Failure, OutputError, TooManyFailures
from biogloss.formats import _detect
from biogloss.formats._source import STANDARD, Report
from biogloss.pipeline.output import Output, Position, alone_beside
from biogloss.pipeline.run import run
from biogloss.pipeline.steps import abbreviations, assertions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from biogloss.documents import Document
    from biogloss.pipeline.asked import Asked
    from biogloss.pipeline.run import Step

SECONDS_BETWEEN_COMMITS = 0.5
KEPT_FAILURES = 100
"""So many are in a summary; all are in the file that lists them."""
Progress = Callable[[Position], None]


@dataclass(frozen=True)
class Job:
    """What to read and where to write.

    Args:
        inputs: files, folders, or ``-``.
        output: a file, a folder for formats that are one (brat), or ``-``.
        read_as: a format, or ``auto``.
        write_as: a format.
        encoding: of text inputs.
        columns: options of a table, such as ``text_column``, as its reader takes them.
        keep: keep the annotations that the input carries, beside the new ones.
        resume: go on with an interrupted run.
        force: write over what is there.
        workers: threads, or processes where the output is shards.
        max_failures: how many documents may fail before the run stops; None for any number.
        settings: what else decides the output's bytes (model, types, thresholds), to compare on resuming.
    """

    inputs: tuple[Path | str, ...]
    output: Path | str
    read_as: str = "auto"
    write_as: str = "jsonl"
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    resume: bool = False
    force: bool = False
    workers: int = 1
    max_failures: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """How a run ended. ``left_out`` counts, in words, what readers and writers did not take along.

    ``noted_in`` is the file that lists all failures, where it is not the output's own name with ``.failures.jsonl``.
    """

    documents: int
    failures: tuple[Failure, ...]
    failed: int
    entities: int
    left_out: Mapping[str, int]
    resumed_at: int = 0
    was_complete: bool = False
    started_again: bool = False
    noted_in: str = ""


def annotate_files(job: Job, steps: Sequence[Step], progress: Progress | None = None) -> Summary:
    """Apply the steps to every document of the inputs and write the results in their order.

    Raises:
        InputError, OutputError, ConfigError: before anything is written, or with what is finished kept for resuming.
        TooManyFailures: more documents failed than the job allows; what is finished is kept.
    """
    _detect.writer(job.write_as)  # refuses a format that is only read
    writer = plugins.load(formats, job.write_as)
    report = Report()
    documents = _begun(_documents(job, report))
    if str(job.output) == STANDARD:
        return _to_stream(job, steps, writer, documents, report)
    with alone_beside(Path(job.output)):
        if hasattr(writer, "write_folder"):
            return _to_folder(job, steps, writer, documents, report)
        return _to_file(documents, Work(job, steps, writer, report, progress))


def annotate_with(job: Job, asked: Asked, progress: Progress | None = None) -> Summary:
    """As :func:`annotate_files` with the steps that are asked for; a resumed run must ask for the same.

    Raises:
        ModelError, ConfigError, KnowledgeError, OutputError: a step cannot be loaded; nothing is written.
    """
    steps = asked.load(job.workers, keep=job.keep)
    return annotate_files(replace(job, settings=asked.settings()), steps, progress)


def _documents(job: Job, report: Report) -> Iterator[Document | Failure]:
    for path in job.inputs:
        yield from documents_of(job, path, report)


def documents_of(job: Job, path: Path | str, report: Report) -> Iterator[Document | Failure]:
    """The documents of one input, without annotations of others unless the job keeps them.

    Raises:
        InputError, ConfigError: as ``formats._detect.open_documents``.
    """
    for document in _detect.open_documents(
        path, format=job.read_as, encoding=job.encoding, report=report, **job.columns
    ):
        yield document if isinstance(document, Failure) or job.keep else bare(document)


def _begun(documents: Iterator[Document | Failure]) -> Iterator[Document | Failure]:
    """The same with the first one read: an input that cannot be is refused before a table has its header."""
    return chain(list(islice(documents, 1)), documents)


_MADE = frozenset({abbreviations.KIND, assertions.KIND})
"""Marks that steps make for entities: the abbreviations they go by, the cues that say what is asserted of them."""


def bare(document: Document) -> Document:
    """Without annotations of others: what a run writes is what its steps found."""
    marks = tuple(mark for mark in document.marks if mark.kind not in _MADE)
    return replace(document, entities=(), relations=(), marks=marks)


def settings(job: Job) -> dict[str, Any]:
    """What decides the bytes of the output, to compare on resuming."""
    files = [[str(path), *_identity(Path(path))] for path in job.inputs if str(path) != STANDARD]
    return {
        "inputs": files,
        "from": job.read_as,
        "to": job.write_as,
        "encoding": job.encoding,
        "columns": dict(job.columns),
        "keep": job.keep,
        **job.settings,
    }


def _identity(path: Path) -> tuple[int, int]:
    """Size and time of change; of a folder, those of all its files together."""
    if not path.exists():
        return 0, 0
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    states = [file.stat() for file in files]
    return sum(state.st_size for state in states), max((state.st_mtime_ns for state in states), default=0)


class Work:
    """Counts what goes by and writes it."""

    def __init__(
        self, job: Job, steps: Sequence[Step], writer: ModuleType, report: Report, progress: Progress | None
    ) -> None:
        self.job = job
        self.steps = steps
        self.writer = writer
        self.report = report
        self.progress = progress
        self.position = Position()
        self.failed: list[Failure] = []

    def records(self, rest: Iterable[Document | Failure], output: Output, stream: IO[str], failures: IO[str]) -> None:
        """Write one record after another, with a commit each second."""
        self.position = output.position
        committed = monotonic()
        for result in run(rest, self.steps, workers=self.job.workers):
            self.one(result, stream, failures)
            if monotonic() - committed > SECONDS_BETWEEN_COMMITS:
                output.commit(stream, failures, self.position)
                committed = monotonic()
                if self.progress:
                    self.progress(self.position)
        output.commit(stream, failures, self.position)

    def whole(self, rest: Iterable[Document | Failure], output: Output, stream: IO[str], failures: IO[str]) -> None:
        """Write a file that is one piece."""
        results = run(rest, self.steps, workers=self.job.workers)
        self.writer.write(self.documents(results, failures), stream, self.report)
        output.commit(stream, failures, self.position)

    def documents(self, results: Iterable[Document | Failure], failures: IO[str] | None) -> Iterator[Document]:
        """The documents among the results; failures are counted and noted."""
        for result in results:
            if isinstance(result, Failure):
                self._failure(result, failures)
            else:
                self._count(result)
                yield result
            if self.progress:
                self.progress(self.position)

    def one(self, result: Document | Failure, stream: IO[str], failures: IO[str]) -> None:
        """Write one record; a document that the format has no place for is a failure."""
        if isinstance(result, Failure):
            self._failure(result, failures)
            return
        try:
            self.writer.write([result], stream, self.report)
        except CannotHold as error:
            self._failure(Failure(result.id, f"write {self.job.write_as}", error), failures)
        else:
            self._count(result)

    def _count(self, document: Document) -> None:
        position = self.position
        self.position = replace(
            position, documents=position.documents + 1, entities=position.entities + len(document.entities)
        )

    def _failure(self, failure: Failure, failures: IO[str] | None) -> None:
        self.position = replace(self.position, failures=self.position.failures + 1)
        if len(self.failed) < KEPT_FAILURES:
            self.failed.append(failure)
        if failures is not None:
            record = {"id": failure.document_id, "step": failure.step, "error": str(failure.error)}
            failures.write(json.dumps(record, ensure_ascii=False) + "\n")
        check_failures(self.position.failures, self.job.max_failures, failure)

    def summary(self, position: Position) -> Summary:
        """Of the whole run, resumed parts included."""
        return Summary(position.documents, tuple(self.failed), position.failures, position.entities, dict(self.report))


def _to_stream(
    job: Job, steps: Sequence[Step], writer: ModuleType, documents: Iterator[Document | Failure], report: Report
) -> Summary:
    work = Work(job, steps, writer, report, None)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    results = run(documents, steps, workers=job.workers)
    try:
        writer.write(work.documents(results, None), sys.stdout, report)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has had enough: no error, and nothing more to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        what = f"standard output cannot be written ({error.strerror or error}); write to a file with -o"
        raise OutputError(what) from error
    return work.summary(work.position)


def _to_file(documents: Iterator[Document | Failure], work: Work) -> Summary:
    job, writer = work.job, work.writer
    output = Output(Path(job.output), settings(job))
    again = job.resume and not writer.RECORDS and output.part.exists()
    if not output.prepare(resume=job.resume and not again, force=job.force or again):
        return Summary(0, (), 0, 0, {}, was_complete=True)
    if job.resume and STANDARD in map(str, job.inputs):
        raise ConfigError("standard input cannot be read again: --resume needs files")
    skipped = output.position.documents + output.position.failures
    with output.open() as (stream, failures):
        rest = islice(documents, skipped, None)
        (work.records if writer.RECORDS else work.whole)(rest, output, stream, failures)
    output.finish()
    return replace(work.summary(output.position), resumed_at=skipped, started_again=again)


def _to_folder(
    job: Job, steps: Sequence[Step], writer: ModuleType, documents: Iterator[Document | Failure], report: Report
) -> Summary:
    folder = Path(job.output)
    if folder.exists() and any(folder.iterdir()) and not (job.force or job.resume):
        raise OutputError(f"{folder} is not empty; --force writes into it, or name another folder with -o")
    work = Work(job, steps, writer, report, None)
    results = run(documents, steps, workers=job.workers)
    writer.write_folder(work.documents(results, None), folder, report, overwrite=job.force or job.resume)
    return work.summary(work.position)


def check_failures(failed: int, most: int | None, last: Failure) -> None:
    """Stop where more documents failed than may.

    Raises:
        TooManyFailures: with the last of them.
    """
    if most is not None and failed > most:
        raise TooManyFailures(
            f"{failed:,} documents failed, more than --max-failures {most:,} allows; the last: {last}. "
            "What is finished is kept: repeat with --resume once the cause is gone, or with a higher limit"
        )


def format_names() -> list[str]:
    """The formats there are, as the command line names them."""
    return [name.replace("_", "-") for name in plugins.names(formats)]
