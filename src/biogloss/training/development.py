"""How good a model under training is on the development parts of its corpora, at the thresholds that suit it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any

from biogloss.evaluation import agreement
from biogloss.training import predict
from biogloss.training.material import NER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from biogloss.evaluation.agreement import Said
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.training.lesson import Lesson
    from biogloss.training.material import Source

    Part = tuple[Sequence[Said], Sequence[Said], Sequence[str]]  # gold, predicted, labels that count

ALL = "all"


@dataclass(frozen=True, slots=True)
class Development:
    """``f1``: ``corpus/label`` -> F1 in [0, 1]; ``thresholds``: label -> the least score that F1 is of."""

    f1: Mapping[str, float]
    thresholds: Mapping[str, float]


def development(lesson: Lesson, model: HeadedModel, tokenizer: Tokenizer) -> Development:
    """Score a task on each of its corpora, entities by label; empty where nothing is held out.

    Thresholds that the recipe does not give are tuned.
    """
    raw = _without_thresholds(lesson.task)
    parts: list[Part] = []
    for source in lesson.sources:
        predicted = predict.annotate(source.dev, model, raw, tokenizer, head=lesson.name)
        said = [raw.said(document) for document in source.dev], [raw.said(document) for document in predicted]
        parts.append((*said, _stated(lesson, source)))
    tuned = {} if raw is lesson.task else _tuned(lesson, parts)
    thresholds = {**tuned, **lesson.learned.thresholds}
    rows: dict[str, float] = {}
    for source, (gold, predicted_said, labels) in zip(lesson.sources, parts, strict=True):
        kept = [agreement.above(one, thresholds) for one in predicted_said]
        rows |= {f"{source.name}/{name}": value for name, value in _scores(lesson, gold, kept, labels)}
    return Development(rows, thresholds)


def _without_thresholds(task: Any) -> Any:  # noqa: ANN401 - any task
    """The task as it says everything, where it has thresholds at all."""
    if not getattr(task, "several", True) or not hasattr(task, "thresholds"):
        return task
    return replace(task, thresholds=dict.fromkeys(task.labels, agreement.GRID[0]))


def _tuned(lesson: Lesson, parts: Sequence[Part]) -> Mapping[str, float]:
    """The thresholds of the labels that the task can say; the others have no part in what labels share."""
    sayable = set(lesson.task.labels)
    return agreement.tuned([(gold, said, [one for one in stated if one in sayable]) for gold, said, stated in parts])


def _stated(lesson: Lesson, source: Source) -> Sequence[str]:
    """The labels that count: of entities those of which a corpus marks everything.

    Else what the recipe names, or all that is said: a label that training never has is missed.
    """
    if lesson.learned.task != NER:
        said = {label for document in source.dev for label in lesson.task.said(document)}
        return lesson.learned.labels or tuple(sorted(said.union(lesson.task.labels)))
    return [label for label in lesson.task.labels if label in source.coverage.exhaustive]


def _scores(
    lesson: Lesson, gold: Sequence[Said], predicted: Sequence[Said], labels: Sequence[str]
) -> Iterator[tuple[str, float]]:
    if lesson.learned.scale:
        if any(gold):
            yield ALL, _closeness(gold, predicted)
        return
    for name, own in [(label, [label]) for label in labels] if lesson.learned.task == NER else [(ALL, labels)]:
        if any(one.get(label) for one in gold for label in own):
            yield name, agreement.f1(gold, predicted, own)


def _closeness(gold: Sequence[Said], predicted: Sequence[Said]) -> float:
    """1 minus the root of the mean squared error of numbers on a scale of 1."""
    missed = [
        (score - other[label][what]) ** 2
        for one, other in zip(gold, predicted, strict=True)
        for label, own in one.items()
        for what, score in own.items()
    ]
    return 1.0 - sqrt(sum(missed) / len(missed))
