"""The least score of each type that does best on development data.

tuned([(gold, predicted)], ["Disease"])    {"Disease": 0.7}
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from biogloss.evaluation.entities import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from biogloss.documents import Document

GRID = (0.0, *(step / 20 for step in range(8, 20)))  # 0, 0.4, 0.45 ... 0.95


def tuned(
    parts: Sequence[tuple[Sequence[Document], Sequence[Document], Sequence[str]]],
) -> Mapping[str, float]:
    """The threshold of each type with the best strict F1 over all parts that mark it, their mentions counted together.

    Args:
        parts: gold documents, the same predicted without thresholds, and the types of which the gold ones mark every
            mention; a part for each corpus.

    Returns:
        Type -> score in [0, 1], from ``GRID``; the lowest of equally good ones. Types without gold mentions are absent.
    """
    labels = dict.fromkeys(label for _, _, marked in parts for label in marked)
    found = {}
    for label in labels:
        of_label = [(gold, predicted) for gold, predicted, marked in parts if label in marked]
        right, wrong, mentions = _outcomes(of_label, label)
        if mentions:
            found[label] = max(GRID, key=lambda least: (_f1(right, wrong, mentions, least), -least))
    return found


def _outcomes(
    parts: Iterable[tuple[Sequence[Document], Sequence[Document]]], label: str
) -> tuple[list[float], list[float], int]:
    """Scores of the right and of the wrong predictions, sorted, and the number of gold mentions."""
    right: list[float] = []
    wrong: list[float] = []
    mentions = 0
    for gold, predicted in parts:
        for one, other in zip(gold, predicted, strict=True):
            wanted = {entity.spans for entity in one.entities if entity.label == label}
            mentions += len(wanted)
            for entity in other.entities:
                if entity.label == label:
                    (right if entity.spans in wanted else wrong).append(entity.score or 0.0)
    return sorted(right), sorted(wrong), mentions


def _f1(right: Sequence[float], wrong: Sequence[float], mentions: int, least: float) -> float:
    hits, misses = (len(scores) - bisect_left(scores, least) for scores in (right, wrong))
    return Counts(found=hits, right=hits, gold=mentions, predicted=hits + misses).f1
