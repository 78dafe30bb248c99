"""Entity-level precision, recall and F1, strict and partial, per type, with bootstrap intervals over documents.

    gold  (0, 4) Disease      predicted (0, 4) Disease      strict: right     partial: right
    gold  (0, 4) Disease      predicted (0, 9) Disease      strict: wrong     partial: right

Strict wants the same type and exactly the same spans; partial wants the same type and a common character, each gold and
each predicted mention counting at most once. Intervals are percentiles over documents drawn with replacement
(Efron and Tibshirani 1993).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from biogloss.documents import Document, Entity

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
    rows = [_counts(one, other, labels, match) for one, other in _pairs(gold, predicted)]
    return {label: _score([row[label] for row in rows], samples, seed) for label in (*labels, ALL)}


def counts(
    gold: Iterable[Document], predicted: Iterable[Document], *, labels: Sequence[str], match: str = "strict"
) -> list[Counts]:
    """What counts in each document, all labels together; arguments and errors as in :func:`scores`."""
    return [_counts(one, other, labels, match)[ALL] for one, other in _pairs(gold, predicted)]


def _pairs(gold: Iterable[Document], predicted: Iterable[Document]) -> list[tuple[Document, Document]]:
    left, right = list(gold), list(predicted)
    if len(left) != len(right):
        msg = f"{len(left)} gold documents but {len(right)} predicted ones: same documents in the same order expected"
        raise ValueError(msg)
    pairs = list(zip(left, right, strict=True))
    for one, other in pairs:
        if one.id != other.id or one.text != other.text:
            msg = (
                f"gold document {one.id} stands beside predicted {other.id}: same documents in the same order expected"
            )
            raise ValueError(msg)
    return pairs


def _counts(gold: Document, predicted: Document, labels: Sequence[str], match: str) -> Mapping[str, Counts]:
    if match not in MATCHERS:
        msg = f"unknown match {match!r}; there are: {', '.join(MATCHERS)}"
        raise ValueError(msg)
    rows = {}
    for label in labels:
        one = _of(gold, label)
        other = _of(predicted, label)
        found, right = MATCHERS[match](one, other)
        rows[label] = Counts(found, right, len(one), len(other))
    rows[ALL] = sum(rows.values(), Counts())
    return rows


def _of(document: Document, label: str) -> list[Entity]:
    """Mentions of one label; the same spans annotated twice count once."""
    distinct = {entity.spans: entity for entity in document.entities if entity.label == label}
    return list(distinct.values())


def _strict(gold: Sequence[Entity], predicted: Sequence[Entity]) -> tuple[int, int]:
    common = {entity.spans for entity in gold} & {entity.spans for entity in predicted}
    return len(common), len(common)


def _partial(gold: Sequence[Entity], predicted: Sequence[Entity]) -> tuple[int, int]:
    return _touched(gold, predicted), _touched(predicted, gold)


def _touched(these: Sequence[Entity], others: Sequence[Entity]) -> int:
    spans = [span for other in others for span in other.spans]
    return sum(any(span.overlaps(one) for span in spans for one in this.spans) for this in these)


MATCHERS = {"strict": _strict, "partial": _partial}


def _score(rows: Sequence[Counts], samples: int, seed: int) -> Score:
    total = sum(rows, Counts())
    if not samples or not rows:
        return Score(total, total.f1, total.f1)
    rng = random.Random(seed)  # noqa: S311 - a bootstrap, not a secret
    drawn = sorted(_resampled(rows, rng) for _ in range(samples))
    return Score(total, drawn[int(0.025 * samples)], drawn[min(samples - 1, int(0.975 * samples))])


def _resampled(rows: Sequence[Counts], rng: random.Random) -> float:
    times = Counter(rng.choices(range(len(rows)), k=len(rows)))
    found = right = gold = predicted = 0
    for index, count in times.items():
        row = rows[index]
        found += row.found * count
        right += row.right * count
        gold += row.gold * count
        predicted += row.predicted * count
    return Counts(found, right, gold, predicted).f1
