"""What documents say, of whatever kind: compared by label and by what it is said of.

    said([("Disease", (Span(0, 4),), 0.98)])      {"Disease": {(Span(0, 4),): 0.98}}

Entities are said of spans, relations of their arguments, classes of the document, roles of sentences. F1 over what is
said is what a model under training is chosen by: for classes of which each item has one it is accuracy.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

Said = Mapping[str, Mapping[Hashable, float]]
"""Label -> what it is said of -> a score in [0, 1], 1 where the source gives none."""
GRID = (0.0, *(step / 20 for step in range(2, 20)))  # 0, 0.1, 0.15 ... 0.95
FEW = 20
"""A label that gold documents have fewer times has no threshold of its own: it would be the accident of these few."""


def said(found: Iterable[tuple[str, Hashable, float | None]]) -> Said:
    """From labels, what they are said of, and scores; of what is said twice the better score counts."""
    made: dict[str, dict[Hashable, float]] = defaultdict(dict)
    for label, what, score in found:
        made[label][what] = max(made[label].get(what, 0.0), 1.0 if score is None else score)
    return dict(made)


def f1(gold: Sequence[Said], predicted: Sequence[Said], labels: Collection[str] = ()) -> float:
    """Micro-averaged F1 in [0, 1] over documents in the same order; 0 where nothing is right.

    Args:
        gold: what is right.
        predicted: what a system said.
        labels: those that count; empty counts all.
    """
    right = wanted = given = 0
    for one, other in zip(gold, predicted, strict=True):
        for label in labels or {**one, **other}:
            these, those = one.get(label, {}).keys(), other.get(label, {}).keys()
            right += len(these & those)
            wanted += len(these)
            given += len(those)
    return 2 * right / (wanted + given) if right else 0.0


def above(predicted: Said, thresholds: Mapping[str, float]) -> Said:
    """What is said with a score of at least its label's threshold."""
    return {
        label: {what: score for what, score in own.items() if score >= thresholds.get(label, 0.0)}
        for label, own in predicted.items()
    }


def tuned(parts: Sequence[tuple[Sequence[Said], Sequence[Said], Collection[str]]]) -> Mapping[str, float]:
    """The threshold of each label with the best F1 over all parts that state it, counted together.

    Labels of fewer than ``FEW`` share one, the best of all of them together.

    Args:
        parts: gold, the same predicted without thresholds, and the labels that the gold states; a part for each corpus.

    Returns:
        Label -> score in [0, 1], from ``GRID``; the lowest of equally good ones. A label that never occurs has what
        rare ones share, or none where no rare label occurs.
    """
    found = {
        label: _outcomes([part for part in parts if label in part[2]], label)
        for label in dict.fromkeys(label for _, _, stated in parts for label in stated)
    }
    rare = [label for label, one in found.items() if one.wanted < FEW]
    shared = _together(found[label] for label in rare)
    thresholds = {label: _best(one) for label, one in found.items() if one.wanted >= FEW}
    return thresholds | (dict.fromkeys(rare, _best(shared)) if shared.wanted else {})


class _Outcomes(NamedTuple):
    """Scores of what was rightly and wrongly said, sorted, and how much is right."""

    right: list[float]
    wrong: list[float]
    wanted: int


def _outcomes(parts: Iterable[tuple[Sequence[Said], Sequence[Said], Collection[str]]], label: str) -> _Outcomes:
    right: list[float] = []
    wrong: list[float] = []
    wanted = 0
    for gold, predicted, _ in parts:
        for one, other in zip(gold, predicted, strict=True):
            stated = one.get(label, {})
            wanted += len(stated)
            for what, score in other.get(label, {}).items():
                (right if what in stated else wrong).append(score)
    return _Outcomes(sorted(right), sorted(wrong), wanted)


def _together(found: Iterable[_Outcomes]) -> _Outcomes:
    some = list(found)
    right, wrong = chain.from_iterable(one.right for one in some), chain.from_iterable(one.wrong for one in some)
    return _Outcomes(sorted(right), sorted(wrong), sum(one.wanted for one in some))


def _best(found: _Outcomes) -> float:
    return max(GRID, key=lambda least: (_f1(found, least), -least))


def _f1(found: _Outcomes, least: float) -> float:
    hits, misses = (len(scores) - bisect_left(scores, least) for scores in (found.right, found.wrong))
    return 2 * hits / (hits + misses + found.wanted) if hits else 0.0
