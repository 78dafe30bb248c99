"""An evaluation as tables of words, for people: what the command line prints and the report shows.

Table("entities, strict, in percent", ("type", "P", "R", "F1", "95 %", "gold", "found"), [("Disease", "90.0", ...)])
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.evaluation.rates import MACRO, WEIGHTED
from biogloss.evaluation.rows import ALL, NO_PERCENTS, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from biogloss.evaluation.overall import Evaluation, Scored
    from biogloss.evaluation.rows import Row

    Columns = Sequence[tuple[str, Callable[[Row], str]]]

VERDICT = "verdict"
WORDS = frozenset({"type", "part", "score", VERDICT, "for example", "what"})
"""The columns of words; the others hold numbers."""
METRICS = {
    "f1": "F1",
    "roc_auc": "ROC-AUC",
    "average_precision": "average precision",
    "ece": "calibration error",
    "ece_equal_mass": "calibration error, equal mass",
    "brier": "Brier score (0 to 2)",
    "exact_match": "exact match",
    "token_f1": "F1 of words",
    "strict_accuracy": "accuracy of the first",
    "lenient_accuracy": "accuracy of any",
    "mrr": "MRR",
    "mse": "mean squared error",
    "pearson": "Pearson",
    "spearman": "Spearman",
}
_LEAST_P = 0.0001  # of which four decimals can be shown
AREAS = ("roc_auc", "average_precision")
_MEANS = frozenset({MACRO, WEIGHTED})
_HEADLINES = {
    ("all", "f1"),
    *(("macro", metric) for metric in ("f1", "roc_auc", "average_precision")),
    *(("all", metric) for metric in ("accuracy", "ece", "brier", "exact_match", "token_f1", "mrr")),
    *(("all", metric) for metric in ("mse", "pearson", "spearman")),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A title, names of columns, and cells."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(evaluation: Evaluation) -> list[Table]:
    """All that was found out, kind by kind; tables without rows are left out."""
    every = told(evaluation)
    found = [table for one in evaluation.scored for table in of(evaluation, one, every)]
    return [*found, *of_training(every)]


def told(evaluation: Evaluation) -> list[Row]:
    """All rows but means over a single label, which say what its own row says."""
    every = rows(evaluation)
    labels = defaultdict[tuple[str, str], set[str]](set)
    for row in every:
        if "f1" in row:
            labels[row["task"], row["match"]] |= {row["type"]} - {ALL, *_MEANS}
    return [row for row in every if row["type"] not in _MEANS or len(labels[row["task"], row["match"]]) != 1]


def of(evaluation: Evaluation, one: Scored, every: Sequence[Row]) -> Iterator[Table]:
    """The tables of one kind and rule: rates, those of each part, areas, other scores, comparison."""
    own = [row for row in every if (row["task"], row["match"]) == (one.kind, one.rule)]
    parts = [row for row in own if "part" in row]
    yield from _table(f"{one.title}, in percent", _RATES, [row for row in own if "f1" in row and row not in parts])
    yield from _table(f"{one.title}, each part by itself, in percent", _PARTS, parts)
    yield from _table(f"{one.title}, areas below curves, in percent", _AREA_COLUMNS, _areas(own))
    yield from _table(f"{one.title}, other scores, in percent", _OTHERS, [row for row in own if _is_score(row)])
    if evaluation.compared:
        title = f"{one.title}: {evaluation.names['predicted']} against {evaluation.names['against']}, in percent"
        yield from _table(title, _DIFFERENCES, [row for row in own if _is_shown_difference(row)])
        yield from _table(f"{one.title}: McNemar's exact test", _MCNEMAR, [row for row in own if "p_value" in row])


def of_training(every: Sequence[Row]) -> Iterator[Table]:
    """What training has shown."""
    unseen = [row for row in every if _is_unseen(row)]
    yield from _table("recall of mentions that training has not shown, in percent", _UNSEEN, unseen)
    yield from _table("shared with training", _SHARED, [row for row in every if "share" in row])


def summary(evaluation: Evaluation) -> Table:
    """The scores that are quoted, each with its interval; with another system also the difference and the verdict."""
    scores = [row for row in told(evaluation) if "part" not in row]
    every = [row for row in scores if (row["type"], row.get("metric", "f1")) in _HEADLINES]
    columns = _COMPARED_HEADLINES if evaluation.compared else _HEADLINE_COLUMNS
    found = [_headline(row) for row in every if "against" not in row and not _is_unseen(row)]
    others = {_key(row): row for row in every if "against" in row}
    return next(_table("in short, in percent", columns, [row | {"other": others.get(_key(row))} for row in found]))


def _headline(row: Row) -> Row:
    return row if "metric" in row else row | {"metric": "f1", "value": row["f1"]}


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("task", "match", "type", "metric"))


def _table(title: str, columns: Columns, found: Sequence[Row]) -> Iterator[Table]:
    if found:
        header = tuple(name for name, _ in columns)
        yield Table(title, header, tuple(tuple(cell(row) for _, cell in columns) for row in found))


def _is_score(row: Row) -> bool:
    return "value" in row and "against" not in row and not _is_unseen(row) and row["metric"] not in AREAS


def _areas(own: Sequence[Row]) -> list[Row]:
    """A row for each class, with the rows of its areas."""
    found: dict[str, Row] = {}
    for row in own:
        if row.get("metric") in AREAS and "against" not in row:
            found.setdefault(row["type"], {"type": row["type"]})[row["metric"]] = row
    return list(found.values())


def _is_unseen(row: Row) -> bool:
    return bool(row.get("metric") == "unseen recall")


def _is_shown_difference(row: Row) -> bool:
    """Precision, recall and areas of each class are in the JSON rows; a table of everything would hide the rest."""
    if "against" not in row or row["metric"] in {"precision", "recall"}:
        return False
    return row["metric"] not in AREAS or row["type"] in {ALL, *_MEANS}


def _number(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row[name] is None else f"{row[name]:.{_decimals(row)}f}"


def _decimals(row: Row) -> int:
    """Percents need one."""
    return 3 if row.get("metric") in NO_PERCENTS else 1


def _interval(row: Row) -> str:
    return "" if row["low"] is None else f"{row['low']:.{_decimals(row)}f}-{row['high']:.{_decimals(row)}f}"


def _signed(row: Row) -> str:
    return f"{row['low']:.{_decimals(row)}f} to {row['high']:.{_decimals(row)}f}"


def _gain(row: Row) -> str:
    return f"{row['difference']:+.{_decimals(row)}f}"


def _scored(row: Row) -> str:
    """``macro``, or ``macro, ROC-AUC`` where it is not F1 that is shown."""
    return str(row["type"]) if row["metric"] == "f1" else f"{row['type']}, {_metric(row)}"


def _metric(row: Row) -> str:
    return METRICS.get(row["metric"], str(row["metric"]))


def _what(row: Row) -> str:
    return ", ".join(filter(None, (row["task"], row["match"])))


def _quoted(row: Row) -> str:
    if row["type"] != ALL:
        return f"{row['type']} {_metric(row)}"
    return f"micro {_metric(row)}" if row["metric"] == "f1" else _metric(row)


def _of(name: str, cell: Callable[[Row], str]) -> Callable[[Row], str]:
    """A cell of a row that stands in another one under a name, if it does."""
    return lambda row: cell(row[name]) if row.get(name) else ""


def _count(name: str) -> Callable[[Row], str]:
    return lambda row: f"{row[name]:,}"


def _word(name: str) -> Callable[[Row], str]:
    return lambda row: str(row[name])


_TYPE = ("type", _word("type"))
_SCORE = ("score", _scored)
_RATES: Columns = (
    _TYPE,
    *(("P", _number("precision")), ("R", _number("recall")), ("F1", _number("f1")), ("95 %", _interval)),
    *(("gold", _count("gold")), ("found", _count("predicted"))),
)
_PARTS: Columns = (
    *(("part", _word("part")), ("documents", _count("documents"))),
    *(("F1", _number("f1")), ("macro F1", _number("macro_f1"))),
)
_AREA_COLUMNS: Columns = (
    _TYPE,
    *(
        (title, _of(metric, cell))
        for metric in AREAS
        for title, cell in ((METRICS[metric], _number("value")), ("95 %", _interval))
    ),
)
_OTHERS: Columns = (_SCORE, ("value", _number("value")), ("95 %", _interval))
_UNSEEN: Columns = (_TYPE, ("recall", _number("value")), ("95 %", _interval), ("unseen mentions", _count("gold")))
_DIFFERENCES: Columns = (
    *(_SCORE, ("other", _number("against")), ("this", _number("value"))),
    *(("gain", _gain), ("95 %", _signed), (VERDICT, _word("verdict"))),
)
_MCNEMAR: Columns = (
    *(("only the other is right", _count("only_against_right")), ("only this one", _count("only_value_right"))),
    ("p", lambda row: f"{row['p_value']:.4f}" if row["p_value"] >= _LEAST_P else f"< {_LEAST_P}"),
)
_SHARED: Columns = (
    *(("what", _word("type")), ("count", _count("count")), ("of", _count("of")), ("share", _number("share"))),
    ("for example", lambda row: "; ".join(row["examples"])),
)
_HEADLINE_COLUMNS: Columns = (
    *(("what", _what), ("score", _quoted)),
    *(("value", _number("value")), ("95 %", _interval)),
)
_COMPARED_HEADLINES: Columns = (
    *_HEADLINE_COLUMNS,
    *(("other", _of("other", _number("against"))), ("gain", _of("other", _gain))),
    *(("95 % of the gain", _of("other", _signed)), (VERDICT, _of("other", _word("verdict")))),
)
