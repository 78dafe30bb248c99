"""Does a model say the same of everyone? Its predictions before and after patients become those of another group.

    check(Job("my-model", ("notes.jsonl",)))
    Row("sex", "female", "male", documents=41, outcomes={"same": 206, "appeared": 1, ...}, rate=0.028 (0.009-0.052))

What is said of the text as it is, carried over to the new one, is compared with what is said of the new one. Neither is
right or wrong by that: a change is a reason to look. Without torch, on the models that annotate.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.documents import Span, apply
from biogloss.documents.edits import undone
from biogloss.errors import Failure
from biogloss.evaluation.bootstrap import Measure, Name, estimates
from biogloss.explanation import predictions, swaps
from biogloss.explanation.predictions import CHANGES, SAME, Said
from biogloss.models import folder as folders
from biogloss.pipeline import arrays, gloss
from biogloss.pipeline.run import run
from biogloss.pipeline.steps import model as neural
from biogloss.pipeline.steps import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.documents import Document, Edit
    from biogloss.evaluation.bootstrap import Estimate
    from biogloss.explanation.swaps import Swaps
    from biogloss.pipeline.run import Step

    Floats = NDArray[np.float64]

DOCUMENTS_AT_ONCE = 32
MOST_EXAMPLES = 3
OUTCOMES = (SAME, *CHANGES)
RATE = Name("changed", "rate")


@dataclass(frozen=True)
class Job:
    """What to check.

    Args:
        model: an inference folder, or the name of the embedded model.
        inputs: files or folders of documents.
        read_as: their format, or ``auto``.
        attributes: names of attributes; all where it is empty.
        lists: a file of the user's own words, see ``explanation/lists/en.toml``.
        threshold: a score that changes by more than this is a change.
        workers: threads.
    """

    model: str
    inputs: tuple[str, ...]
    read_as: str = "auto"
    attributes: tuple[str, ...] = ()
    lists: Path | None = None
    threshold: float = 0.1
    workers: int = 1


@dataclass(frozen=True)
class Coverage:
    """How much of the documents an attribute's words reach.

    ``bound`` are documents that name what only one group has; like those without a word they are not swapped.
    """

    attribute: str
    swapped: int
    without: int
    bound: int
    sentences_with: int
    sentences_without: int


@dataclass(frozen=True)
class Row:
    """One swap: patients of ``group`` become those of ``instead``.

    Args:
        attribute: by which they differ.
        group: whose words stood in the documents.
        instead: whose words stand there now.
        documents: how many were swapped.
        outcomes: how many predictions are of each of OUTCOMES.
        rate: the share of predictions that changed, NaN without a prediction, with its 95 % interval over documents,
            NaN for a single one.
        swapped_words: how many of those that changed are said of the swapped words themselves.
        examples: changes in words, at most three.
    """

    attribute: str
    group: str
    instead: str
    documents: int
    outcomes: Mapping[str, int]
    rate: Estimate
    swapped_words: int
    examples: tuple[str, ...] = ()

    @property
    def predictions(self) -> int:
        """How many there are, before or after."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class Report:
    """What was found: of each attribute how much its words reach, of each swap what changed."""

    model: str
    threshold: float
    documents: int
    coverage: tuple[Coverage, ...]
    rows: tuple[Row, ...]
    failures: tuple[Failure, ...] = ()

    def above(self, rate: float) -> list[Row]:
        """The swaps that change a larger share of predictions."""
        return [row for row in self.rows if row.rate.value > rate]


def check(job: Job, *, seen: Callable[[int], None] | None = None) -> Report:
    """Annotate documents as they are and with patients of other groups, and compare.

    Args:
        job: what to check.
        seen: told how many documents are done.

    Raises:
        ModelError: the folder is not a whole inference model.
        InputError: an input document, or the user's list, cannot be read.
        ConfigError: no such attribute, or a list that cannot be.
    """
    known = swaps.load(job.lists)
    known.only(job.attributes)  # a wrong name is refused before a model is loaded
    folder = gloss.folder(job.model)
    step = neural.step(folder, workers=job.workers)
    said = Said.of(folders.settings(folder, verify=False))
    return compare(arrays.documents(job.inputs, job.read_as), step, said, known, job, seen)


def compare(
    documents: Iterable[Document],
    step: Step,
    said: Said,
    known: Swaps,
    job: Job,
    seen: Callable[[int], None] | None = None,
) -> Report:
    """As :func:`check`, for any step.

    Args:
        documents: as they are; sentences are marked where none are.
        step: that annotates.
        said: what the step speaks of.
        known: the words.
        job: which attributes, from which threshold, with how many threads; the name of the model.
        seen: told how many documents are done.

    Raises:
        ConfigError: no such attribute.
    """
    found = _Tally(said, job.threshold, known.only(job.attributes))
    marked = map(sentences.step(), documents)
    while group := list(islice(marked, DOCUMENTS_AT_ONCE)):
        found.add(group, known, step, job.workers)
        if seen:
            seen(found.documents)
    return found.report(job.model)


@dataclass(frozen=True)
class _Swapped:
    """A document of another group: ``origin`` is its place among the documents as they are."""

    origin: int
    attribute: str
    group: str
    instead: str
    document: Document
    edits: Sequence[Edit]


@dataclass
class _Swap:
    """Counts of one swap: of each document the outcomes, in the order of OUTCOMES."""

    counts: list[list[int]] = field(default_factory=list)
    swapped_words: int = 0
    examples: list[str] = field(default_factory=list)


class _Tally:
    """Counts over all documents."""

    def __init__(self, said: Said, threshold: float, attributes: Sequence[str]) -> None:
        self.documents = 0
        self._said = said
        self._threshold = threshold
        self._reached: dict[str, Counter[str]] = {name: Counter() for name in attributes}
        self._swaps: dict[tuple[str, str, str], _Swap] = {}
        self._failures: list[Failure] = []

    def add(self, documents: Sequence[Document], known: Swaps, step: Step, workers: int) -> None:
        """Annotate documents and what they are swapped to, and count what changes."""
        swapped = [one for place, document in enumerate(documents) for one in self._swapped(place, document, known)]
        results = list(run([*documents, *(one.document for one in swapped)], [step], workers=workers))
        self.documents += len(documents)
        self._failures += [result for result in results if isinstance(result, Failure)]
        for one, after in zip(swapped, results[len(documents) :], strict=True):
            before = results[one.origin]
            if not isinstance(before, Failure) and not isinstance(after, Failure):
                self._count(one, before, after)

    def _swapped(self, place: int, document: Document, known: Swaps) -> Iterator[_Swapped]:
        spans = [mark.span for mark in document.marked(sentences.KIND)]
        for attribute, reached in self._reached.items():
            hits = known.found(document.text, attribute)
            reached["with"] += (count := swaps.sentences_with(hits, spans))
            reached["without"] += len(spans) - count
            pairs = known.pairs(document.text, attribute)
            bound = bool(pairs) and known.is_bound(document.text, attribute)
            reached["bound" if bound else "swapped" if pairs else "nothing"] += 1
            for group, instead in () if bound else pairs:
                other, edits = known.swap(document, attribute, group, instead)
                yield _Swapped(place, attribute, group, instead, other, edits)

    def _count(self, one: _Swapped, before: Document, after: Document) -> None:
        own = self._swaps.setdefault((one.attribute, one.group, one.instead), _Swap())
        new = [Span(edit.start, edit.end) for edit in undone(before.text, one.edits)]
        found = predictions.compared(
            self._said.of_document(apply(before, one.edits).document),
            self._said.of_document(after),
            threshold=self._threshold,
        )
        own.counts.append([sum(1 for change in found if change.outcome == name) for name in OUTCOMES])
        room = MOST_EXAMPLES - len(own.examples)
        changed = [change for change in found if change.outcome != SAME]
        own.swapped_words += sum(any(change.place.touches(span) for span in new) for change in changed)
        own.examples += [f"{before.id}: {change.words(after.text)}" for change in changed[:room]]

    def report(self, model: str) -> Report:
        """What all counts come to; swaps in the order of the attributes and of their first document."""
        coverage = tuple(
            Coverage(name, own["swapped"], own["nothing"], own["bound"], own["with"], own["without"])
            for name, own in self._reached.items()
        )
        names = list(self._reached)
        ordered = sorted(self._swaps.items(), key=lambda pair: (names.index(pair[0][0]), pair[0][1:]))
        rows = tuple(_row(*key, own) for key, own in ordered)
        return Report(model, self._threshold, self.documents, coverage, rows, tuple(self._failures))


def _row(attribute: str, group: str, instead: str, own: _Swap) -> Row:
    counts = np.array(own.counts, dtype=np.float64)
    sums = dict(zip(OUTCOMES, counts.sum(axis=0).astype(int).tolist(), strict=True))
    rate = estimates(_measure(counts))[RATE]
    if len(counts) < 2:
        rate = replace(rate, low=np.nan, high=np.nan)
    return Row(attribute, group, instead, len(counts), sums, rate, own.swapped_words, tuple(own.examples))


def _measure(counts: Floats) -> Measure:
    """The share of changed predictions, of (documents, outcomes)."""

    def values(times: Floats) -> Floats:
        sums = times @ counts
        total = sums.sum(axis=1)
        changed = total - sums[:, 0]
        rate: Floats = np.divide(changed, total, out=np.full(len(times), np.nan), where=total > 0)
        return rate[:, None]

    return Measure((RATE,), len(counts), values)


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain values, for programs; rates are shares, None where nothing is predicted."""
    return {
        "model": report.model,
        "threshold": report.threshold,
        "documents": report.documents,
        "failed": len(report.failures),
        "coverage": [vars(one) for one in report.coverage],
        "swaps": [
            {
                "attribute": row.attribute,
                "group": row.group,
                "instead": row.instead,
                "documents": row.documents,
                "predictions": row.predictions,
                **{name: row.outcomes[name] for name in CHANGES},
                "of swapped words": row.swapped_words,
                **{name: _share(getattr(row.rate, key)) for name, key in _RATES},
                "examples": list(row.examples),
            }
            for row in report.rows
        ],
    }


_RATES = (("rate", "value"), ("low", "low"), ("high", "high"))


def _share(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
