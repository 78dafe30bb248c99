"""The learning curve of a recipe: how a score grows with the documents that a model learns from, as rows, table, page.

    points = [Point(0.25, 120, evaluation), Point(1.0, 480, other)]
    table(points)       documents 120: F1 61.2 (57.9-64.4); 480: 70.3 (67.4-73.1), 9.1 more (6.0 to 12.2)

Every point is scored on the same documents, so that two of them can be compared by the paired bootstrap.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any

from biogloss.evaluation import figures, paired
from biogloss.evaluation.bootstrap import Name
from biogloss.evaluation.overall import ANSWERS, CLASSES, ENTITIES, NUMBERS, RELATIONS, ROLES
from biogloss.evaluation.rates import MICRO
from biogloss.evaluation.report import html_figure, html_table, style
from biogloss.evaluation.rows import ALL, percent, verdict
from biogloss.evaluation.tables import METRICS, VERDICT, Table
from biogloss.markup import head, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.evaluation.bootstrap import Estimate
    from biogloss.evaluation.overall import Evaluation, Scored
    from biogloss.evaluation.paired import Difference

    Row = dict[str, Any]

_SCORES = {
    ENTITIES: (Name(MICRO, "f1"),),
    RELATIONS: (Name(MICRO, "f1"),),
    CLASSES: (Name(ALL, "accuracy"), Name(MICRO, "f1")),
    ROLES: (Name(ALL, "accuracy"),),
    ANSWERS: (Name(ALL, "exact_match"),),
    NUMBERS: (Name(ALL, "spearman"),),
}
"""The score of each kind that the curve is of: the first that there is."""


@dataclass(frozen=True)
class Point:
    """``evaluation`` of what was learned from a ``share`` of the training documents: ``documents``, on average."""

    share: float
    documents: int
    evaluation: Evaluation


def rows(points: Sequence[Point]) -> list[Row]:
    """A row a point, for programs: share, documents, the score with its interval, the difference to the point before.

    Scores are in percent; None where one is not defined, and then without a difference.
    """
    found = [_row(point) for point in points]
    for row, (before, after) in zip(found[1:], pairwise(points), strict=True):
        own = _difference(before, after)
        if own is None:
            continue
        values = {"difference": own.after - own.before, "difference_low": own.low, "difference_high": own.high}
        row |= {key: percent(value) for key, value in values.items()}
        row |= {VERDICT: verdict(row["metric"], own)}
    return found


def json_rows(points: Sequence[Point]) -> str:
    """The rows as one JSON list, in one line."""
    return json.dumps(rows(points), ensure_ascii=False, allow_nan=False)


def table(points: Sequence[Point]) -> Table:
    """The rows, for people."""
    found = rows(points)
    header = ("documents", "share", _words(found[0]), "95 %", "more than before", "95 % of that", VERDICT)
    return Table(f"learning curve, {_scored(points[0]).title}, in percent", header, tuple(map(_cells, found)))


def page(points: Sequence[Point]) -> str:
    """The curve and its table as one page that stands alone; see ``evaluation.report``."""
    name = points[0].evaluation.names["predicted"]
    every = [(point.documents, _estimate(point)) for point in points]
    found = [(documents, own) for documents, own in every if not isnan(own.value)]
    words = f"{_words(rows(points)[0])} over the number of documents that were learned from, with its 95 % interval"
    return f"""{head(f"Learning curve of {name}", style())}\
<main>
<h1>Learning curve of <code>{safe(name)}</code></h1>
<p>On {len(points[0].evaluation.gold):,} documents, each scored by models that have not seen it.</p>
{html_figure(words, figures.growth("growth", words, found, up=_words(rows(points)[0])))}
{html_table(table(points))}
<p class="quiet">{_HOW}</p>
</main>
</body>
</html>
"""


_HOW = (
    "A smaller share is part of a larger one. Where the score still rises measurably at the end, more annotated "
    "documents will help; where it does not, look at the mistakes instead."
)


def _row(point: Point) -> Row:
    one, own = _scored(point), _estimate(point)
    values = {"value": own.value, "low": own.low, "high": own.high}
    said = {"task": one.kind, "match": one.rule, "metric": _name(one).metric}
    return {"share": point.share, "documents": point.documents, **said} | {k: percent(v) for k, v in values.items()}


def _cells(row: Row) -> tuple[str, ...]:
    is_defined = row["value"] is not None
    scores = (f"{row['value']:.1f}", f"{row['low']:.1f}-{row['high']:.1f}") if is_defined else ("-", "")
    found = (f"{row['documents']:,}", f"{row['share']:.0%}", *scores)
    if VERDICT not in row:
        return (*found, "", "", "")
    of_more = f"{row['difference_low']:+.1f} to {row['difference_high']:+.1f}"
    return (*found, f"{row['difference']:+.1f}", of_more, row[VERDICT])


def _difference(before: Point, after: Point) -> Difference | None:
    one, other = _scored(before), _scored(after)
    return paired.differences(one.measure, other.measure).get(_name(other))


def _estimate(point: Point) -> Estimate:
    one = _scored(point)
    return one.estimates[_name(one)]


def _scored(point: Point) -> Scored:
    return point.evaluation.scored[0]


def _name(one: Scored) -> Name:
    return next(name for name in _SCORES[one.kind] if name in one.estimates)


def _words(row: Row) -> str:
    metric: str = row["metric"]
    return METRICS.get(metric, metric)
