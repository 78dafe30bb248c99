"""How good annotations are, and whether others are better; how good a recipe is, also with fewer documents.

biogloss evaluate gold.PubTator predicted.PubTator --against other.PubTator --report scores.html
biogloss crossvalidate my-recipe.toml --run runs/folds --folds 5 --jobs 2 --report scores.html
biogloss learning-curve my-recipe.toml --run runs/curve --shares 0.1,0.3,1 --report curve.html
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from typer.core import TyperCommand

from biogloss.apps import views
from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from biogloss.evaluation import tables
    from biogloss.evaluation.overall import Evaluation

app = typer.Typer()

STANDARD = "-"
Report = Annotated[Path | None, typer.Option(help="Write a page with figures and mistakes (HTML).")]
Json = Annotated[
    str, typer.Option("--json", metavar="[FILE]", help="Write rows of all scores; no file: print them instead.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]


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
    epilog="Example: biogloss evaluate gold.PubTator predicted.PubTator --against other.PubTator --report scores.html",
)
def evaluate(
    gold: Annotated[str, typer.Argument(help="Documents with right annotations.")],
    predicted: Annotated[
        str | None, typer.Argument(help="The same documents annotated; left out: --model runs.")
    ] = None,
    model: Annotated[
        list[str], typer.Option("--model", "-m", help="A model folder, or biogloss-en; repeated, all together.")
    ] = ["biogloss-en"],  # noqa: B006 - read only
    types: Annotated[str, typer.Option(help="Only these entity types, with commas between.")] = "",
    rename: Annotated[str, typer.Option(help="Labels to score as others: Modifier=Disease,DiseaseClass=Disease.")] = "",
    symmetric: Annotated[str, typer.Option(help="Labels of relations whose roles do not matter, with commas.")] = "",
    against: Annotated[str | None, typer.Option(help="The same documents annotated by another system.")] = None,
    train: Annotated[
        str | None, typer.Option(help="What the system learned from: recall of unseen mentions, shared text.")
    ] = None,
    report: Report = None,
    json_file: Json = "",
    read_as: Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")] = "auto",
    force: Force = False,
) -> None:
    """Score what the gold documents hold: entities, relations, classes, roles of sentences; 95 % intervals."""
    from biogloss.evaluation.overall import Choices
    from biogloss.pipeline import compare

    choices = Choices(views.listed(types), frozenset(views.listed(symmetric)))
    job = compare.Job(gold, predicted, model, against, train, choices, views.pairs(rename), read_as)
    found = compare.evaluate_to(job, _file(json_file), report, force=force)
    show(found, as_json=json_file == STANDARD)


@app.command(
    cls=_JsonMayBeBare,
    epilog="Example: biogloss crossvalidate my-recipe.toml --run runs/folds --folds 5 --jobs 2 --report scores.html",
)
def crossvalidate(
    recipe: Annotated[str, typer.Argument(help="A recipe file (TOML), or the name of a shipped one.")],
    run: Annotated[Path, typer.Option(help="Folder of the runs, fold-1 ...; what is finished there is kept.")],
    folds: Annotated[int, typer.Option(min=2, help="Parts of the training documents.")] = 5,
    leave_out: Annotated[str, typer.Option(help="folds, or one of the recipe's corpora after the other.")] = "folds",
    encoder: views.Encoder = "",
    changes: views.Set = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each process.")] = 1,
    report: Report = None,
    json_file: Json = "",
    force: Force = False,
) -> None:
    """Train a model for each part of the documents, and score what it has not seen; interrupted, it goes on."""
    from biogloss.pipeline import compare
    from biogloss.training import start
    from biogloss.training.turns import Plan

    plan = Plan(leave_out=leave_out, folds=folds, jobs=jobs, threads=threads)
    own = views.changes(changes, encoder)
    made = partial(start.crossvalidate, recipe, run, changes=own, plan=plan, seen=views.part)
    found = compare.written(made, compare.shown_in(_file(json_file), report), force=force)
    show(found, as_json=json_file == STANDARD)


@app.command(
    "learning-curve",
    cls=_JsonMayBeBare,
    epilog="Example: biogloss learning-curve my-recipe.toml --run runs/curve --shares 0.1,0.3,1 --report curve.html",
)
def learning_curve(
    recipe: Annotated[str, typer.Argument(help="A recipe file (TOML), or the name of a shipped one.")],
    run: Annotated[Path, typer.Option(help="Folder of the runs, share-0.1 ...; what is finished there is kept.")],
    shares: Annotated[str, typer.Option(help="Of the training documents, with commas.")] = "0.1,0.25,0.5,1",
    folds: Annotated[int, typer.Option(min=2, help="Parts of the documents, each scored by what has not seen it.")] = 5,
    encoder: views.Encoder = "",
    changes: views.Set = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each process.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Write a page with the curve (HTML).")] = None,
    json_file: Json = "",
    force: Force = False,
) -> None:
    """See what a recipe reaches with a tenth of the documents, a half, all of them: are more worth annotating?"""
    from biogloss.evaluation import learning_curve as curves
    from biogloss.pipeline import compare
    from biogloss.training import start
    from biogloss.training.turns import Plan

    plan = Plan(folds=folds, jobs=jobs, threads=threads)
    wanted = [_share(one) for one in views.listed(shares)]
    own = views.changes(changes, encoder)
    made = partial(start.learning_curve, recipe, run, wanted, changes=own, plan=plan, seen=views.part)
    files = [(_file(json_file), lambda found: curves.json_rows(found) + "\n"), (report, curves.page)]
    found = compare.written(made, files, force=force)
    if json_file == STANDARD:
        print(curves.json_rows(found))  # noqa: T201 - for programs, without a console's wrapping
    else:
        views.OUT.print(_shown(curves.table(found)))


def _share(given: str) -> float:
    try:
        return float(given)
    except ValueError:
        raise ConfigError(f"--shares: {given!r} is no number; expected some from 0 to 1, as 0.1,0.5,1") from None


def _file(given: str) -> Path | None:
    return None if given in ("", STANDARD) else Path(given)


def show(found: Evaluation, *, as_json: bool) -> None:
    """All scores as tables, or as one JSON list of rows; notes go to standard error."""
    from biogloss.evaluation.rows import json_rows
    from biogloss.evaluation.tables import tables

    for note in found.notes:
        views.ERR.print(f"  note: {escape(note)}")
    if as_json:
        print(json_rows(found))  # noqa: T201 - for programs, without a console's wrapping
        return
    for table in tables(found):
        views.OUT.print(_shown(table))


def _shown(table: tables.Table) -> Table:
    """A table as a terminal shows it."""
    from biogloss.evaluation.tables import VERDICT

    shown = Table(title=escape(table.title), title_justify="left")
    for name in table.header:
        shown.add_column(name, no_wrap=name == VERDICT, overflow="fold")
    for row in table.rows:
        shown.add_row(*map(escape, row))
    return shown
