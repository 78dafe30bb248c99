"""``biogloss evaluate``: how good annotations are, and whether they are better than others.

biogloss evaluate gold.PubTator predicted.PubTator --against other.PubTator
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from typer.core import TyperCommand

from biogloss.apps import views

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biogloss.evaluation.overall import Evaluation
    from biogloss.evaluation.rows import Row

app = typer.Typer()

STANDARD = "-"


class _JsonMayBeBare(TyperCommand):
    """``--json`` without a file is ``--json -``: standard output."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's, or typer's own copy
        given = []
        for argument, after in zip(args, [*args[1:], "--"], strict=False):
            given.append(argument)
            if argument == "--json" and after.startswith("-") and after != STANDARD:
                given.append(STANDARD)
        return super().parse_args(ctx, given)


@app.command(
    cls=_JsonMayBeBare,
    epilog="Example: biogloss evaluate gold.PubTator predicted.PubTator --against other.PubTator",
)
def evaluate(
    gold: Annotated[str, typer.Argument(help="Documents with right annotations.")],
    predicted: Annotated[
        str | None, typer.Argument(help="The same documents annotated; left out: --model runs.")
    ] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="A model folder, or biogloss-en.")] = "biogloss-en",
    types: Annotated[str, typer.Option(help="Only these entity types, with commas between.")] = "",
    rename: Annotated[str, typer.Option(help="Labels to score as others: Modifier=Disease,DiseaseClass=Disease.")] = "",
    symmetric: Annotated[str, typer.Option(help="Labels of relations whose roles do not matter, with commas.")] = "",
    against: Annotated[str | None, typer.Option(help="The same documents annotated by another system.")] = None,
    train: Annotated[
        str | None, typer.Option(help="What the system learned from: recall of unseen mentions, shared text.")
    ] = None,
    json_file: Annotated[
        str, typer.Option("--json", metavar="[FILE]", help="Write rows of all scores; no file: print them instead.")
    ] = "",
    read_as: Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")] = "auto",
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Score what the gold documents hold: entities, relations, classes, roles of sentences; 95 % intervals."""
    from biogloss.evaluation.overall import Choices
    from biogloss.pipeline import compare

    choices = Choices(views.listed(types), frozenset(views.listed(symmetric)))
    job = compare.Job(gold, predicted, model, against, train, choices, views.pairs(rename), read_as)
    found = compare.evaluate_to(job, None if json_file in ("", STANDARD) else Path(json_file), force=force)
    show(found, as_json=json_file == STANDARD)


def show(found: Evaluation, *, as_json: bool) -> None:
    """All scores as tables, or as one JSON list of rows; notes go to standard error."""
    from biogloss.evaluation.rows import json_rows, rows

    for note in found.notes:
        views.ERR.print(f"  note: {escape(note)}")
    if as_json:
        print(json_rows(found))  # noqa: T201 - for programs, without a console's wrapping
        return
    every = rows(found)
    for one in found.scored:
        own = [row for row in every if (row["task"], row.get("match")) == (one.kind, one.rule)]
        _table(f"{one.title}, in percent", _RATES, [row for row in own if "f1" in row])
        _table(f"{one.title}, in percent", _OTHERS, [row for row in own if _is_score(row)])
        if found.compared:
            title = f"{one.title}: {found.names['predicted']} against {found.names['against']}"
            _table(title, _DIFFERENCES, [row for row in own if _is_shown_difference(row)])
            _table(f"{one.title}: McNemar's exact test", _MCNEMAR, [row for row in own if "p_value" in row])
    _table("recall of mentions that training has not shown, in percent", _UNSEEN, [r for r in every if _is_unseen(r)])
    _table("shared with training", _SHARED, [row for row in every if "share" in row])


def _is_score(row: Row) -> bool:
    return "value" in row and "against" not in row and not _is_unseen(row)


def _is_unseen(row: Row) -> bool:
    return row.get("metric") == "unseen recall"


def _is_shown_difference(row: Row) -> bool:
    """Precision and recall are in the JSON rows; a table of everything would hide the rest."""
    return "against" in row and row["metric"] not in {"precision", "recall"}


def _table(title: str, columns: Sequence[tuple[str, Callable[[Row], str]]], rows: Sequence[Row]) -> None:
    if not rows:
        return
    shown = Table(title=escape(title), title_justify="left")
    for name, _ in columns:
        shown.add_column(name, no_wrap=name == _VERDICT, overflow="fold")
    for row in rows:
        shown.add_row(*(escape(cell(row)) for _, cell in columns))
    views.OUT.print(shown)


def _number(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row[name] is None else f"{row[name]:.{_decimals(row)}f}"


def _decimals(row: Row) -> int:
    """Percents need one; the Brier score is from 0 to 2."""
    return 3 if row.get("metric") == "brier" else 1


def _interval(row: Row) -> str:
    return "" if row["low"] is None else f"{row['low']:.{_decimals(row)}f}-{row['high']:.{_decimals(row)}f}"


def _signed(row: Row) -> str:
    return f"{row['low']:.{_decimals(row)}f} to {row['high']:.{_decimals(row)}f}"


def _count(name: str) -> Callable[[Row], str]:
    return lambda row: f"{row[name]:,}"


def _word(name: str) -> Callable[[Row], str]:
    return lambda row: str(row[name])


def _scored(row: Row) -> str:
    """``macro``, or ``macro, ROC-AUC`` where it is not F1 that is shown."""
    return row["type"] if row["metric"] == "f1" else f"{row['type']}, {_METRICS.get(row['metric'], row['metric'])}"


def _gain(row: Row) -> str:
    return f"{row['difference']:+.{_decimals(row)}f}"


_METRICS = {
    "roc_auc": "ROC-AUC",
    "average_precision": "average precision",
    "ece": "calibration error",
    "ece_equal_mass": "calibration error, equal mass",
    "brier": "Brier score (0 to 2)",
}
_VERDICT = "verdict"
_TYPE = ("type", _word("type"))
_SCORE = ("score", _scored)
_RATES = (
    _TYPE,
    *(("P", _number("precision")), ("R", _number("recall")), ("F1", _number("f1")), ("95 %", _interval)),
    *(("gold", _count("gold")), ("found", _count("predicted"))),
)
_OTHERS = (_SCORE, ("value", _number("value")), ("95 %", _interval))
_UNSEEN = (_TYPE, ("recall", _number("value")), ("95 %", _interval), ("unseen mentions", _count("gold")))
_DIFFERENCES = (
    *(_SCORE, ("other", _number("against")), ("this", _number("value"))),
    *(("gain", _gain), ("95 %", _signed), (_VERDICT, _word("verdict"))),
)
_MCNEMAR = (
    *(("only the other is right", _count("only_against_right")), ("only this one", _count("only_value_right"))),
    ("p", lambda row: f"{row['p_value']:.4f}"),
)
_SHARED = (
    *(("", _word("type")), ("count", _count("count")), ("of", _count("of")), ("share", _number("share"))),
    ("for example", lambda row: "; ".join(row["examples"])),
)
