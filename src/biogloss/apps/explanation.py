"""``biogloss explain`` and ``fairness``: why a model says what it says, and whether it says it of everyone alike.

biogloss explain runs/mine/model notes.jsonl -o why.html --train train.jsonl
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from biogloss.apps import views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.explanation.explainer import Explanation
    from biogloss.explanation.fairness import Report, Row
    from biogloss.explanation.job import Explained

app = typer.Typer()

TOP = 8
BAR = 16  # characters
BLOCKS = " ▏▎▍▌▋▊▉█"
FOR, AGAINST = "blue", "dark_orange"
UNFAIR = 3
"""Exit code: documents failed, or a group's predictions change more often than the user allows."""


@app.command(epilog="Example: biogloss explain runs/mine/model notes.jsonl -o why.html --task ner --item T1")
def explain(
    model: Annotated[str, typer.Argument(help="A trainable model folder.")],
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of documents.", show_default=False)],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A web page; left out: the terminal.")] = None,
    task: Annotated[str, typer.Option(help="The head: its name, or that of its task; left out: the first.")] = "",
    item: Annotated[str, typer.Option(help="T1, R2, S3 or a class, with commas; left out: the first --most.")] = "",
    most: Annotated[int, typer.Option(min=1, help="Predictions to explain of each document.")] = 3,
    method: Annotated[str, typer.Option(help="gradients, attention, or both with a comma.")] = "gradients",
    orders: Annotated[int, typer.Option(min=0, help="Random orders of the words to compare with.")] = 20,
    train: Annotated[str, typer.Option(help="Training documents, with commas, for the nearest examples.")] = "",
    neighbours: Annotated[int, typer.Option(min=1, help="How many of these.")] = 3,
    read_as: Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="Threads; 1 where other work runs.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Show which words speak for each prediction and which against it, and whether the model needs them."""
    from biogloss.explanation import job as jobs

    job = jobs.Job(
        model,
        tuple(inputs),
        read_as,
        task,
        views.listed(item),
        most,
        views.listed(method),
        orders,
        views.listed(train),
        neighbours,
    )
    with views.explained() as seen:
        found, name = jobs.explain_to(job, output, threads=threads, seen=seen, force=force)
    if output is None:
        show(found)
    else:
        count = sum(len(one.explanations) for one in found)
        views.say(f"{count:,} explanations of what {name} says of {len(found):,} documents in {output}")


@app.command(epilog="Example: biogloss fairness my-model notes.jsonl --fail-above 0.05")
def fairness(
    model: Annotated[str, typer.Argument(help="A model folder that annotates, or biogloss-en.")],
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of documents.", show_default=False)],
    attributes: Annotated[str, typer.Option(help="Only these, with commas: sex, age, ethnicity, name origin...")] = "",
    swaps: Annotated[Path | None, typer.Option(help="Your own words (TOML), beside those that ship.")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Changes of a score by no more are none.")] = 0.1,
    fail_above: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit code 3 where a group's share of changes is larger.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    read_as: Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")] = "auto",
    workers: Annotated[int, typer.Option(min=1, help="Threads.")] = 2,
) -> None:
    """Put patients of other groups in place of those in the documents, and count the predictions that change."""
    from biogloss.explanation import fairness as checks

    job = checks.Job(model, tuple(inputs), read_as, views.listed(attributes), swaps, threshold, workers)
    with views.checked() as seen:
        found = checks.check(job, seen=seen)
    if as_json:
        views.json_line(checks.as_dict(found))
    else:
        show_changes(found)
    unfair = [] if fail_above is None else found.above(fail_above)
    for row in unfair:
        what = f"{_swap(row)}: {100 * row.rate.value:.1f} % of the predictions change"
        views.complain(f"{what}, more than {100 * (fail_above or 0):.1f} %")
    for failure in found.failures[: views.SHOWN_FAILURES]:
        views.complain(f"failed: {failure}")
    raise typer.Exit(UNFAIR if unfair or found.failures else 0)


def show_changes(found: Report) -> None:
    """How much the words reach, what changed in each swap, and a few changes in words."""
    title = f"{found.documents:,} documents; bound are those that name what only one group has"
    reach = Table("attribute", "swapped", "no word", "bound", "sentences with a word", "without", title=title)
    for own in found.coverage:
        counts = (own.swapped, own.without, own.bound, own.sentences_with, own.sentences_without)
        reach.add_row(escape(own.attribute), *(f"{count:,}" for count in counts))
    reach.title_justify = "left"
    views.OUT.print(reach)
    if not found.rows:
        views.say("nothing could be swapped")
        return
    title = f"predictions of {found.model} that change"
    changes = Table("", "documents", "predictions", "changed", "95 %", "how", title=escape(title), title_justify="left")
    for row in found.rows:
        changes.add_row(*map(escape, _cells(row)))
    views.OUT.print(changes)
    for row in found.rows:
        for example in row.examples:
            views.say(f"{_swap(row)}: {example}")


def _cells(row: Row) -> list[str]:
    from biogloss.explanation.predictions import CHANGES

    rate, low, high = (100 * value for value in (row.rate.value, row.rate.low, row.rate.high))
    shown = [f"{rate:.1f} %" if row.predictions else "", "" if math.isnan(low) else f"{low:.1f}-{high:.1f}"]
    how = [f"{row.outcomes[name]:,} {name}" for name in CHANGES if row.outcomes[name]]
    how += [f"{row.swapped_words:,} of swapped words"] if row.swapped_words else []
    return [_swap(row), f"{row.documents:,}", f"{row.predictions:,}", *shown, ", ".join(how)]


def _swap(row: Row) -> str:
    return f"{row.attribute}: {row.group} to {row.instead}"


def show(found: Sequence[Explained]) -> None:
    """The words that count most, with signed bars, and how faithful that is."""
    for document in found:
        for one in document.explanations:
            _show(document.document.id, one)
        if not document.explanations:
            views.say(f"{document.document.id}: nothing is predicted")
        if document.left:
            views.say(f"{document.document.id}: {document.left:,} more predictions are not explained (--most, --item)")


def _show(document: str, one: Explanation) -> None:
    from biogloss.explanation.page import numbers, verdict

    item = one.question.item
    words = f" “{_shortened(item.words)}”" if item.words else ""
    title = f"{document} {item.id}: {item.label}{words}, {one.probability:.3f}, {one.method}"
    table = Table("word", "adds", "", title=escape(title), title_justify="left", box=None, pad_edge=False)
    largest = max((abs(value) for _, value in one.top(1)), default=0.0)
    for span, value in one.top(TOP):
        word = _shortened(one.question.text[span.start : span.end])
        table.add_row(escape(word), f"{value:+.3f}", _bar(value, largest))
    views.OUT.print(table)
    views.say(f"{verdict(one)} {numbers(one)}")
    for near in one.neighbours:
        views.say(f"  {near.similarity:.3f} {near.document} {near.label}: {near.before}[{near.words}]{near.after}")
    views.OUT.print()


def _bar(value: float, largest: float) -> Text:
    """Against to the left of a line, for to its right."""
    eighths = round(8 * BAR * abs(value) / largest) if largest else 0
    whole, rest = divmod(eighths, 8)
    bar = BLOCKS[8] * whole + (BLOCKS[rest] if rest else "")
    if value >= 0:
        return Text.assemble(" " * BAR, "│", (bar, FOR))
    # Blocks grow from the left only: on this side the bar is of whole characters.
    return Text.assemble(" " * (BAR - round(eighths / 8)), (BLOCKS[8] * round(eighths / 8), AGAINST), "│")


def _shortened(words: str, most: int = 40) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1] + "…"
