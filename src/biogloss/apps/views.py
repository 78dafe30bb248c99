"""What a person sees: progress, summaries, tables. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import json
import textwrap
from contextlib import contextmanager
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Column, Table

from biogloss.formats._holds import NO_LABELS
from biogloss.formats._source import WRONG_OFFSETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from biogloss.corpora import Card, Gold
    from biogloss.models.fill_mask import Fill
    from biogloss.pipeline.files import Summary
    from biogloss.pipeline.output import Position
    from biogloss.preparation.corpus import Corpus
    from biogloss.recipes.keys import Key
    from biogloss.training.probe import Finding
    from biogloss.training.study import Row
    from biogloss.training.tune import Found

OUT = Console(soft_wrap=True, highlight=False)
ERR = Console(stderr=True, soft_wrap=True, highlight=False)
SECONDS_BETWEEN_LINES = 10.0
SHOWN_FAILURES = 10
SHOWN_AROUND = 40  # characters
TOLD_UNASKED = (WRONG_OFFSETS, NO_LABELS)
"""Notes that a person would miss: a fault of the input, and what a model may have been asked for alone."""

Encoder = Annotated[str, typer.Option(help="Another encoder: a folder, a hub name or a wheel.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the recipe; TOML: epochs=8, 'name=\"mine\"'."),
]
"""What commands have in common that take a recipe."""


@contextmanager
def progress() -> Iterator[Callable[[Position], None]]:
    """A line that counts documents and entities."""
    shown = counting()
    yield lambda position: shown(position.documents + position.failures, f"{position.entities:,} entities")


@contextmanager
def documents() -> Iterator[Callable[[int, int], None]]:
    """A line that counts documents read and kept."""
    shown = counting()
    yield lambda read, kept: shown(read, f"{kept:,} kept")


@contextmanager
def explained() -> Iterator[Callable[[int], None]]:
    """A line that counts documents whose predictions are explained."""
    shown = counting()
    yield lambda done: shown(done, "explained")


@contextmanager
def checked() -> Iterator[Callable[[int], None]]:
    """A line that counts documents whose predictions are compared."""
    shown = counting()
    yield lambda done: shown(done, "compared")


def counting() -> Callable[[int, str], None]:
    """Shows documents and their rate: in place on a terminal, a line each ten seconds elsewhere."""
    started = shown = monotonic()
    first: list[int] = []

    def seen(done: int, more: str) -> None:
        nonlocal shown
        first.append(done) if not first else None
        if monotonic() - shown < (0.2 if ERR.is_terminal else SECONDS_BETWEEN_LINES):
            return
        shown = monotonic()
        rate = (done - first[0]) / max(shown - started, 1e-9)
        speed = f", {rate:,.0f} documents/s" if rate >= 1 else f", {60 * rate:,.0f} documents/min" if rate else ""
        ERR.print(f"{done:,} documents, {more}{speed}", end="\r" if ERR.is_terminal else "\n")

    return seen


def corpus(made: Corpus) -> None:
    """What a corpus came to."""
    from biogloss.preparation.corpus import SPLITS  # noqa: PLC0415 - late, to keep --help quick
    from biogloss.preparation.report import COUNTED  # noqa: PLC0415

    table = Table("source", "read", "kept", "dropped")
    for name, counts in made.counts.items():
        reasons = {reason: count for reason, count in counts.items() if reason not in COUNTED}
        shown = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
        table.add_row(name, f"{counts.get('read', 0):,}", f"{counts.get('kept', 0):,}", shown)
    OUT.print(table)
    pieces = ", ".join(f"{split} {made.pieces(split):,} pieces" for split in SPLITS)
    OUT.print(escape(f"{made.folder}: {pieces}; report.html says more"))


def summary(result: Summary, output: str, *, notes: bool = False) -> None:
    """How a run ended, on standard error."""
    if result.was_complete:
        ERR.print(f"{escape(output)} is complete already; nothing to do (--force runs again)")
        return
    if result.started_again:
        ERR.print("this format is one piece and cannot be continued: the run started again")
    if result.resumed_at:
        ERR.print(f"resumed after {result.resumed_at:,} documents")
    ERR.print(f"{_documents(result.documents)}, {result.entities:,} entities, {result.failed:,} failed")
    for failure in result.failures[:SHOWN_FAILURES]:
        ERR.print(f"  failed: {escape(str(failure))}")
    if result.failed > SHOWN_FAILURES:
        where = result.noted_in or f"{output}.failures.jsonl"
        ERR.print(f"  ... and {result.failed - SHOWN_FAILURES:,} more, in {escape(where)}")
    _left_out(result.left_out, all_notes=notes)


def _documents(count: int) -> str:
    return f"{count:,} document{'' if count == 1 else 's'}"


def _left_out(counts: Mapping[str, int], *, all_notes: bool) -> None:
    """What readers and writers did not take along, most frequent first; unasked, only what a person would miss."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [(what, count) for what, count in ordered if all_notes or any(loss in what for loss in TOLD_UNASKED)]
    for what, count in shown:
        often = "once" if count == 1 else f"{count:,} times"
        ERR.print(f"  note, {often}: {escape(what)}")
    if rest := len(ordered) - len(shown):
        ERR.print(f"  kinds of things without a place in the output or in a document: {rest} (--notes lists them)")


def findings(found: Sequence[Finding]) -> None:
    """What a probe found, with the interval of each difference."""
    table = Table("", "before", "after", "difference", "95 %", "", title="before against after", title_justify="left")
    for one in found:
        if one.note:
            table.add_row(one.what, "", "", "", "", one.note)
            continue
        scale, digits = (100, 2) if one.before <= 1 and one.after <= 1 else (1, 3)
        values = (scale * value for value in (one.before, one.after, one.after - one.before, one.low, one.high))
        before, after, difference, low, high = (f"{value:.{digits}f}" for value in values)
        table.add_row(one.what, before, after, difference, f"{low} to {high}", one.verdict)
    OUT.print(table)


def part(folder: str, documents: int) -> None:
    """A part of a cross-validation is done."""
    ERR.print(escape(f"{folder}: {_documents(documents)}, annotated by a model that has not seen them"))


def trial(row: Row) -> None:
    """How a trial of a search stands."""
    mean = "" if row.mean is None else f", best {100 * row.mean:.2f}"
    values = ", ".join(f"{field} {_plain(value)}" for field, value in row.values.items())
    note = f": {row.note}" if row.note else ""
    ERR.print(escape(f"trial {row.number}, {row.state}, epoch {row.epochs}{mean}{note} ({values})"))


def trials(found: Found) -> None:
    """What a search came to: a table of its trials, best first, and what to do next."""
    for doubt in found.doubts:
        ERR.print(escape(f"warning: {doubt}"))
    fields = list(found.best.values)
    headers = (escape(field).replace("_", "_\n") for field in fields)  # so that the numbers set the widths
    columns = (Column(name, no_wrap=True) for name in ("trial", "mean", "epoch", *headers))
    table = Table(*columns, Column("", overflow="fold"), box=None, pad_edge=False)
    for row in sorted(found.rows, key=lambda row: (row.mean is None, -(row.mean or 0.0), row.number)):
        mean = "" if row.mean is None else f"{100 * row.mean:.2f}"
        values = (escape(_plain(row.values[field])) for field in fields)
        state = escape(", ".join(filter(None, ["best" if row == found.best else row.state, row.note])))
        table.add_row(str(row.number), mean, str(row.epochs), *values, state)
    OUT.print(table)
    if found.importances:
        shares = ", ".join(f"{field} {100 * share:.0f} %" for field, share in found.importances.items())
        OUT.print(escape(f"what made the best trials differ: {shares}"))
    else:
        OUT.print("which fields matter cannot be told: too few trials have finished, or all came to the same")
    OUT.print(escape(f"model: {found.model}"))
    OUT.print(escape(f"recipe: {found.recipe}; train it with: biogloss finetune {found.recipe} --run FOLDER"))


def fills(texts: Sequence[str], found: Sequence[Sequence[Sequence[Fill]]], *, as_json: bool) -> None:
    """What fills the masks of some texts: a table for each mask, or one JSON list with an entry for each text."""
    if as_json:
        entries = [
            {"text": text, "masks": [[asdict(fill) for fill in own] for own in masks]}
            for text, masks in zip(texts, found, strict=True)
        ]
        print(json.dumps(entries, ensure_ascii=False))  # noqa: T201 - for programs, without a console's wrapping
        return
    for masks in found:
        for number, own in enumerate(masks, 1):
            title = f"mask {number} of {len(masks)}, each filled for itself" if len(masks) > 1 else None
            shown = Table("piece", "probability", "text", title=title, title_justify="left")
            for fill in own:
                shown.add_row(escape(fill.piece), f"{fill.probability:.4f}", escape(_around(fill)))
            OUT.print(shown)


def _around(fill: Fill) -> str:
    """The filled text, of a long one the part around the piece."""
    start, end = max(0, fill.start - SHOWN_AROUND), fill.start + len(fill.piece) + SHOWN_AROUND
    cut = " ".join(fill.text[start:end].split())
    return ("…" if start else "") + cut + ("…" if end < len(fill.text) else "")


def cards(found: Sequence[Card], *, whole: bool) -> None:
    """Corpora: a row each, or one whole card."""
    if whole:
        for field, value in vars(found[0]).items():
            OUT.print(f"[bold]{field}[/bold]  {escape(_plain(value))}")
        return
    table = Table(
        Column("corpus", no_wrap=True), Column("tasks (labels)", no_wrap=True), "entities", "documents", "ship"
    )
    for card in found:
        counts = "\n".join(f"{split} {number:,}" for split, (number, _) in card.counts.items())
        served = "\n".join(_task(task, card.gold.get(task)) for task in card.tasks)
        table.add_row(card.name, served, _entities(card), counts, "yes" if card.ship else "no")
    OUT.print(table)


def _task(task: str, gold: Gold | None) -> str:
    """A task and how many labels it tells apart."""
    return f"{task} ({len(gold.labels)})" if gold and gold.labels else task


def _entities(card: Card) -> str:
    """The types of which every mention is marked, then those of which some are."""
    every, some = (", ".join(sorted(heads)) for heads in (card.exhaustive, card.positives))
    return "; ".join(part for part in (every, f"some {some}" if some else "") if part)


def _plain(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return f"{value:.3g}"
    return ", ".join(map(_plain, value)) if isinstance(value, tuple) else str(value)


def json_line(value: Mapping[str, Any]) -> None:
    """One JSON object in one line, for programs."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))  # noqa: T201 - without a console's wrapping


def markdown(text: str) -> None:
    """A page of Markdown."""
    OUT.print(Markdown(text))


def verbatim(text: str) -> None:
    """A file as it is, to be written to another one."""
    print(text, end="")  # noqa: T201 - without a console's wrapping


def recipes(found: Iterable[tuple[str, str]]) -> None:
    """Recipes and what each is for."""
    table = Table(Column("recipe", no_wrap=True), "what it makes")
    for name, about in found:
        table.add_row(name, escape(about))
    OUT.print(table)


def keys(found: Iterable[Key]) -> None:
    """Keys of a recipe with their defaults, and below each what it does."""
    for key in found:
        default = f" = {escape(key.default)}" if key.default else ""
        OUT.print(f"[bold]{key.name}[/bold]{default}  [dim]{key.kind}[/dim]")
        say(textwrap.fill(key.words, min(OUT.width, 120), initial_indent=" " * 4, subsequent_indent=" " * 4))


def health(versions: Mapping[str, str], folder: str, problems: Sequence[str]) -> None:
    """What is installed, and what is wrong with a model folder."""
    for name, version in versions.items():
        OUT.print(f"{name:<14} {version}")
    for problem in problems:
        OUT.print(f"[red]wrong[/red]  {escape(folder)}: {escape(problem)}")
    if not problems:
        OUT.print(f"[green]whole[/green]  {escape(folder)}: every file is there and unchanged")


def say(line: str) -> None:
    """One line on standard output."""
    OUT.print(escape(line))


def complain(message: str) -> None:
    """An error on standard error."""
    ERR.print(f"[red]error:[/red] {escape(message)}")


def listed(text: str) -> tuple[str, ...]:
    """``a,b`` as a tuple."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def given(**options: str) -> dict[str, str]:
    """The options that the user gave."""
    return {name: value for name, value in options.items() if value}


def pairs(text: str) -> dict[str, str]:
    """``a=b,c=d`` as a mapping."""
    return dict(part.split("=", 1) for part in listed(text) if "=" in part)


def changes(given: Sequence[str] | None, encoder: str = "") -> list[str]:
    """Changes of a recipe, another encoder among them where one is named."""
    return [*(given or ()), *([f"encoder = {json.dumps(encoder)}"] if encoder else [])]
