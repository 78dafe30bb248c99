"""How good a model under training is on the development parts of its corpora, at the thresholds that suit it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biogloss.evaluation.entities import scores
from biogloss.evaluation.thresholds import tuned
from biogloss.training import predict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biogloss.documents import Document
    from biogloss.models.encoder import TokenModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.tasks.ner import Ner
    from biogloss.training.material import Source


@dataclass(frozen=True, slots=True)
class Development:
    """``f1``: ``corpus/label`` -> strict F1 in [0, 1]; ``thresholds``: label -> the least score that F1 is of."""

    f1: Mapping[str, float]
    thresholds: Mapping[str, float]


def development(
    found: Sequence[Source], model: TokenModel, task: Ner, tokenizer: Tokenizer, given: Mapping[str, float]
) -> Development:
    """Score each corpus on the labels of which it marks every mention; empty where nothing is held out.

    Args:
        found: the corpora.
        model: as it is now.
        task: the labels.
        tokenizer: the model's.
        given: thresholds that are not tuned.
    """
    parts = []
    for source in found:
        labels = [label for label in task.labels if label in source.coverage.exhaustive]
        parts.append((source.dev, predict.annotate(source.dev, model, task, tokenizer), labels))
    thresholds = {**tuned(parts), **given}
    rows: dict[str, float] = {}
    for source, (gold, predicted, labels) in zip(found, parts, strict=True):
        score = scores(gold, [_above(document, thresholds) for document in predicted], labels=labels, samples=0)
        rows |= {f"{source.name}/{label}": score[label].counts.f1 for label in labels if score[label].counts.gold}
    return Development(rows, thresholds)


def _above(document: Document, thresholds: Mapping[str, float]) -> Document:
    kept = (e for e in document.entities if (e.score or 0.0) >= thresholds.get(e.label, 0.0))
    return replace(document, entities=tuple(kept))
