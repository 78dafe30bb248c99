"""From files of annotated documents to a graph: read, put in, say what came of it.

fill(Path("my.graph"), Job(("out.jsonl",), new=True))    Summary(changes=Changes(added=20783, ...), ...)

Documents are put in some hundreds at a time, each time as one transaction; what the graph has already in the same form
is not read again. So a run that was killed goes on when it is repeated, and the same file twice adds nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError, Failure
from biogloss.formats import _detect
from biogloss.formats._source import Report
from biogloss.knowledge import inputs as terms_inputs
from biogloss.knowledge.graph import layers
from biogloss.knowledge.graph.build import Reading, digest, record
from biogloss.knowledge.graph.store import Changes, Store

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from biogloss.documents import Document
    from biogloss.knowledge import Terms
    from biogloss.knowledge.graph.statement import Record

MOST_DOCUMENTS = 256
MOST_CHARACTERS = 1_000_000
_KEPT_FAILURES = 100


@dataclass(frozen=True)
class Job:
    """What to read into a graph, and how.

    Args:
        inputs: files, folders, or ``-``.
        layers: names of curated layers.
        wheels: the folder with the files that layers are read from.
        reading: how documents are read.
        index: an index of terms that names the nodes (``shipped``, or a file); nothing for the mentions alone.
        read_as, encoding: as :class:`biogloss.pipeline.files.Job` has them.
        new: make the graph; else it must be there.
        force: make it anew where it is there.
    """

    inputs: tuple[Path | str, ...] = ()
    layers: tuple[str, ...] = ()
    wheels: Path = Path()
    reading: Reading = field(default_factory=Reading)
    index: str = ""
    read_as: str = "auto"
    encoding: str = "utf-8"
    new: bool = False
    force: bool = False


@dataclass(frozen=True)
class Summary:
    """How a run ended. ``left_out`` counts, in words, what was not taken along."""

    changes: Changes
    layers: tuple[str, ...]
    failures: tuple[Failure, ...]
    failed: int
    left_out: Mapping[str, int]


def fill(target: Path, job: Job, seen: Callable[[Changes], None] | None = None) -> Summary:
    """Put documents and layers into a graph; ``seen`` is told how far it is.

    Raises:
        InputError, ConfigError: before anything is written, or with what is finished kept.
        KnowledgeError: the graph exists though it should be new, or is not there, or is damaged.
        OutputError: it cannot be written; what was put in before is kept.
    """
    if not job.inputs and not job.layers:
        raise ConfigError("nothing to read: name documents, or a curated layer with --layer")
    report = Report()
    opened = [
        _detect.open_documents(one, format=job.read_as, encoding=job.encoding, report=report) for one in job.inputs
    ]
    records = [layers.record(name, job.wheels, report) for name in job.layers]
    with ExitStack() as stack:
        terms = stack.enter_context(terms_inputs.opened(job.index)) if job.index else None
        store = Store.create(target, force=job.force) if job.new else Store.open(target)
        stack.enter_context(store)
        new = tuple(one.id for one in records if store.put([one]).unchanged == 0)
        work = _Work(store, replace(job.reading, index=_version(terms)), report, _naming(terms))
        for part in work.parts(chain.from_iterable(opened)):
            work.changes += store.put(part)
            if seen is not None:
                seen(work.changes)
        store.optimise()
    return Summary(work.changes, new, tuple(work.failures), work.failed, dict(report))


class _Work:
    """Documents on their way into a graph."""

    def __init__(self, store: Store, reading: Reading, report: Counter[str], name: Callable[[str], str] | None) -> None:
        self._store, self._reading, self._report, self._name = store, reading, report, name
        self.changes = Changes()
        self.failures: list[Failure] = []
        self.failed = 0

    def parts(self, documents: Iterable[Document | Failure]) -> Iterator[Sequence[Record]]:
        """What is new among the documents, some hundreds at a time.

        Of a document that comes several times the last counts; an earlier form of it is not put in before that of the
        graph has come by, so that a file with such documents adds nothing either when it is read again.
        """
        waiting: dict[str, tuple[Document, str]] = {}
        characters = 0
        for document in documents:
            if isinstance(document, Failure):
                self._failure(document)
                continue
            checksum = digest(document, self._reading)
            if self._store.digest(document.id) == checksum:
                waiting.pop(document.id, None)
                self.changes += Changes(unchanged=1)
                continue
            waiting[document.id] = (document, checksum)
            characters += len(document.text)
            if len(waiting) >= MOST_DOCUMENTS or characters >= MOST_CHARACTERS:
                yield self._records(waiting)
                waiting, characters = {}, 0
        yield self._records(waiting)

    def _records(self, waiting: Mapping[str, tuple[Document, str]]) -> list[Record]:
        return [
            record(document, self._reading, self._report, digest_of=checksum, name=self._name)
            for document, checksum in waiting.values()
        ]

    def _failure(self, failure: Failure) -> None:
        self.failed += 1
        if len(self.failures) < _KEPT_FAILURES:
            self.failures.append(failure)


def _version(terms: Terms | None) -> str:
    """What an index holds, in a word; part of what a document is read by."""
    return "" if terms is None else " ".join(source.content[:12] for source in terms.sources())


def _naming(terms: Terms | None) -> Callable[[str], str] | None:
    """The preferred name of a concept in an index, or nothing."""
    if terms is None:
        return None

    @lru_cache(maxsize=100_000)
    def name(identifier: str) -> str:
        found = terms.concept(identifier)
        return found.spoken if found else ""

    return name
