"""Entity-level precision, recall and F1, by several rules of matching, per type, with intervals over documents.

    gold  (0, 4) Disease      predicted (0, 4) Disease      strict: right   exact: right   partial: right
    gold  (0, 4) Disease      predicted (0, 9) Disease      strict: wrong   exact: wrong   partial: right
    gold  (0, 4) Disease      predicted (0, 4) Symptom      strict: wrong   exact: right   partial: wrong

Strict wants the same type and exactly the same spans; exact the same spans, whatever the type; partial the same type
and a common character. Strict and exact are those of SemEval-2013 (task 9.1) and nervaluate; what they call ``type`` is
``partial`` here, and both names are understood. (Their own ``partial``, half a point for any overlap, is not here.)
Each gold and each predicted mention counts at most once; one that touches two of the other side is the like of both:
nothing is matched one to one. Intervals are percentiles over documents drawn again.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation._documents import pairs
from biogloss.evaluation.bootstrap import Name, estimates
from biogloss.evaluation.rates import MACRO, MICRO, rates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document, Entity, Span
    from biogloss.evaluation.bootstrap import Estimate, Measure

    Pairs = Sequence[tuple[Document, Document]]

ALL = "all"


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives among gold and among predicted mentions (equal when strict), and how many there are of each."""

    found: int = 0
    right: int = 0
    gold: int = 0
    predicted: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.found + other.found,
            self.right + other.right,
            self.gold + other.gold,
            self.predicted + other.predicted,
        )

    @property
    def precision(self) -> float:
        """Of the predicted mentions, the share that is right; 0 when there are none."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Of the gold mentions, the share that is found; 0 when there are none."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over all documents and the 95 % interval of F1, in [0, 1]."""

    counts: Counts
    low: float
    high: float


def scores(
    gold: Iterable[Document],
    predicted: Iterable[Document],
    *,
    labels: Sequence[str],
    match: str = "strict",
    samples: int = 1000,
    seed: int = 0,
) -> dict[str, Score]:
    """Score each label, and all together under ``"all"``, over documents paired by their order.

    Raises:
        ValueError: the two sides are not the same documents, or ``match`` is unknown.
    """
    rows = label_counts(pairs(gold, predicted), labels, match)
    found = estimates(rates(labels, rows, means=(MICRO,)), samples=samples, seed=seed)
    sums = rows.sum(axis=0)
    totals = {label: Counts(*own) for label, own in zip(labels, sums.astype(int).tolist(), strict=True)}
    totals[ALL] = sum(totals.values(), Counts())
    f1s = {label: found[Name(MICRO if label == ALL else label, "f1")] for label in totals}
    return {label: Score(totals[label], f1s[label].low, f1s[label].high) for label in totals}


def measure(
    gold: Iterable[Document], predicted: Iterable[Document], *, labels: Sequence[str], match: str = "strict"
) -> Measure:
    """Precision, recall and F1 of each label, micro and macro; arguments and errors as in :func:`scores`."""
    return rates(labels, label_counts(pairs(gold, predicted), labels, match))


def macro_f1(
    gold: Iterable[Document],
    predicted: Iterable[Document],
    *,
    labels: Sequence[str],
    match: str = "strict",
    samples: int = 1000,
    seed: int = 0,
) -> Estimate:
    """The mean F1 over the labels that occur on either side; arguments and errors as in :func:`scores`."""
    found = estimates(measure(gold, predicted, labels=labels, match=match), samples=samples, seed=seed)
    return found[Name(MACRO, "f1")]


def counts(
    gold: Iterable[Document], predicted: Iterable[Document], *, labels: Sequence[str], match: str = "strict"
) -> list[Counts]:
    """What counts in each document, all labels together; arguments and errors as in :func:`scores`."""
    rows = label_counts(pairs(gold, predicted), labels, match).sum(axis=1)
    return [Counts(*row) for row in rows.astype(int).tolist()]


def label_counts(both: Pairs, labels: Sequence[str], match: str) -> NDArray[np.float64]:
    """(documents, labels, 4): found, right, gold and predicted mentions.

    Raises:
        ValueError: ``match`` is unknown.
    """
    rows = np.zeros((len(both), len(labels), 4))
    for number, (gold, predicted) in enumerate(both):
        left, right = (mentions(document, labels) for document in (gold, predicted))
        for place, label in enumerate(labels):
            found = sum(hits(left[label], right, label, match))
            rows[number, place] = (
                found,
                sum(hits(right[label], left, label, match)),
                len(left[label]),
                len(right[label]),
            )
    return rows


def mentions(document: Document, labels: Sequence[str]) -> dict[str, list[Entity]]:
    """Mentions of each label; the same spans annotated twice count once."""
    found: dict[str, dict[tuple[Span, ...], Entity]] = {label: {} for label in labels}
    for entity in document.entities:
        if entity.label in found:
            found[entity.label][entity.spans] = entity
    return {label: list(own.values()) for label, own in found.items()}


def hits(these: Sequence[Entity], others: Mapping[str, Sequence[Entity]], label: str, match: str) -> list[bool]:
    """For each mention of one label whether the other side, label -> mentions, has its like.

    Raises:
        ValueError: ``match`` is unknown.
    """
    if match not in MATCHERS:
        msg = f"unknown match {match!r}; there are: {', '.join(MATCHERS)}"
        raise ValueError(msg)
    return MATCHERS[match](these, others, label)


def _strict(these: Sequence[Entity], others: Mapping[str, Sequence[Entity]], label: str) -> list[bool]:
    spans = {other.spans for other in others[label]}
    return [this.spans in spans for this in these]


def _partial(these: Sequence[Entity], others: Mapping[str, Sequence[Entity]], label: str) -> list[bool]:
    stretches = _union(span for other in others[label] for span in other.spans)
    ends = [end for _, end in stretches]

    def is_met(span: Span) -> bool:
        place = bisect_right(ends, span.start)
        return place < len(stretches) and stretches[place][0] < span.end

    return [any(map(is_met, this.spans)) for this in these]


def _union(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """The stretches of text that spans cover, in reading order, so that one is found without looking at all."""
    found: list[tuple[int, int]] = []
    for span in sorted(spans):
        if found and span.start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], span.end)
        else:
            found.append((span.start, span.end))
    return found


def _exact(these: Sequence[Entity], others: Mapping[str, Sequence[Entity]], label: str) -> list[bool]:  # noqa: ARG001
    spans = {other.spans for own in others.values() for other in own}
    return [this.spans in spans for this in these]


MATCHERS = {"strict": _strict, "partial": _partial, "exact": _exact, "type": _partial}
MATCHES = ("strict", "partial", "exact")
"""Those that differ from one another."""
