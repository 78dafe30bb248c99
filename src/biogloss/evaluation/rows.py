"""An evaluation as rows of plain values, for programs: one list of flat objects, as a data frame takes it.

    {"task": "entities", "match": "strict", "type": "Disease", "precision": 90.0, "recall": 80.0, "f1": 84.71,
     "low": 82.1, "high": 87.0, "gold": 100, "predicted": 89}
    {"task": "classes", "match": "", "type": "review", "metric": "roc_auc", "value": 97.2, "low": 95.0, "high": 98.8}
    {"task": "classes", "match": "", "type": "all", "metric": "accuracy", "against": 81.0, "value": 84.0,
     "difference": 3.0, "low": -0.5, "high": 6.5, "verdict": "no measurable difference"}
    {"task": "classes", "match": "", "type": "all", "part": "fold-1", "documents": 120, "f1": 80.0, "macro_f1": 71.3}

Scores are in percent, with two decimals, but the Brier score, which is from 0 to 2, and the mean squared error; None
where one is not defined.
``low`` and ``high`` are the 95 % interval: of F1 in the first kind of rows, of the difference in the last. The type
``all`` is all labels together (micro).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.evaluation.bootstrap import Name
from biogloss.evaluation.overall import ENTITIES
from biogloss.evaluation.rates import MACRO, METRICS, MICRO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from biogloss.evaluation.overall import Compared, Evaluation, Scored
    from biogloss.evaluation.paired import Difference

ALL = "all"
LOWER_IS_BETTER = frozenset({"ece", "ece_equal_mass", "brier", "mse"})
NO_PERCENTS = frozenset({"brier", "mse"})
_SHARED = {"task": "shared with training", "match": ""}
NO_DIFFERENCE = "no measurable difference"

Row = dict[str, Any]


def rows(evaluation: Evaluation) -> list[Row]:
    """Scores, those of each part, comparisons, unseen recall and what is shared; ``task`` is in every row."""
    found = [row for one in evaluation.scored for row in (*_rates(one), *_others(one))]
    found += [row for one in evaluation.scored for row in _parts(one, evaluation.parts)]
    found += [row for one in evaluation.compared for row in _differences(one)]
    found += _unseen(evaluation)
    found += [
        {**_SHARED, "type": one.what, "count": one.count, "of": one.of, "share": percent(one.share)}
        | {"examples": list(one.examples)}
        for one in evaluation.shared
    ]
    return found


def json_rows(evaluation: Evaluation) -> str:
    """The rows as one JSON list, in one line."""
    return json.dumps(rows(evaluation), ensure_ascii=False, allow_nan=False)


def verdict(metric: str, difference: Difference) -> str:
    """``better``, ``worse`` or ``no measurable difference``, of the second system."""
    if not difference.is_measurable:
        return NO_DIFFERENCE
    return "better" if (difference.low > 0) != (metric in LOWER_IS_BETTER) else "worse"


def labels(one: Scored) -> list[str]:
    """What has precision, recall and F1: labels, then means."""
    return [name.label for name in one.estimates if name.metric == METRICS[0]]


def shown(label: str) -> str:
    """The label as tables show it: the micro mean is ``all``."""
    return ALL if label == MICRO else label


def _rates(one: Scored) -> Iterator[Row]:
    for label in labels(one):
        f1 = one.estimates[Name(label, "f1")]
        values = {metric: one.estimates[Name(label, metric)].value for metric in METRICS}
        gold, predicted = one.items.get(label, one.items[MICRO])
        percents = {name: percent(value) for name, value in (values | {"low": f1.low, "high": f1.high}).items()}
        yield {**_task(one), "type": shown(label), **percents, "gold": gold, "predicted": predicted}


def _others(one: Scored) -> Iterator[Row]:
    for name, estimate in one.estimates.items():
        if name.metric not in METRICS:
            values = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
            yield {**_task(one), **_name(name), **_shown(name.metric, values)}


def _parts(one: Scored, parts: Mapping[str, int]) -> Iterator[Row]:
    """Each part by itself: the same measure, in which the documents of the others count nothing."""
    means = [Name(mean, "f1") for mean in (MICRO, MACRO)]
    if not set(means) <= set(one.measure.names):
        return
    places = list(map(one.measure.names.index, means))
    first = 0
    for part, documents in parts.items():
        times = np.zeros((1, one.measure.documents))
        times[:, first : first + documents] = 1
        micro, macro = (percent(float(value)) for value in one.measure.values(times)[0, places])
        yield {**_task(one), "type": ALL, "part": part, "documents": documents, "f1": micro, "macro_f1": macro}
        first += documents


def _differences(one: Compared) -> Iterator[Row]:
    for name, found in one.differences.items():
        values = {"against": found.before, "value": found.after, "difference": found.after - found.before}
        values |= {"low": found.low, "high": found.high}
        yield {**_task(one), **_name(name), **_shown(name.metric, values), "verdict": verdict(name.metric, found)}
    if one.mcnemar:
        counts = {"only_against_right": one.mcnemar.only_before, "only_value_right": one.mcnemar.only_after}
        yield {**_task(one), "type": ALL, "metric": "mcnemar", **counts, "p_value": one.mcnemar.p_value}


def _unseen(evaluation: Evaluation) -> Iterator[Row]:
    for label, own in evaluation.unseen.items():
        values = {"value": own.recall.value, "low": own.recall.low, "high": own.recall.high}
        task = {"task": ENTITIES, "match": "strict", "type": label, "metric": "unseen recall"}
        yield {**task, **_shown("unseen recall", values), "gold": own.mentions}


def _task(one: Scored | Compared) -> Row:
    return {"task": one.kind, "match": one.rule}


def _name(name: Name) -> Row:
    return {"type": shown(name.label), "metric": name.metric}


def _shown(metric: str, values: Mapping[str, float]) -> Row:
    if metric in NO_PERCENTS:
        return {key: None if math.isnan(value) else round(value, 4) for key, value in values.items()}
    return {key: percent(value) for key, value in values.items()}


def percent(value: float) -> float | None:
    """With two decimals; None for NaN."""
    return None if math.isnan(value) else round(100 * value, 2)
