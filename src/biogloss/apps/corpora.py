"""``biogloss corpora``: list the public corpora, show one's card, or build a corpus to pre-train on.

biogloss corpora build corpus-en -o corpus
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biogloss.apps import views
from biogloss.apps._groups import ShowUnlessNamed

app = typer.Typer(cls=ShowUnlessNamed, help="List the public corpora, show one's card, or build a corpus.")


@app.command(epilog="Example: biogloss corpora bc5cdr")
def show(name: Annotated[str, typer.Argument(help="One corpus, for its whole card.")] = "") -> None:
    """List the public corpora that recipes can train on, or show one's card; the word show may be left out."""
    from biogloss import corpora

    views.cards([corpora.card(one) for one in ([name] if name else corpora.names())], whole=bool(name))


@app.command(epilog="Example: biogloss corpora build corpus-en -o corpus")
def build(
    recipe: Annotated[str, typer.Argument(help="A recipe file (TOML), or the name of a shipped one.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to fill; what was begun there goes on.")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="A tokenizer.json or a folder with one; the embedded model's where left out.")
    ] = None,
) -> None:
    """Make a corpus to pre-train on: clean, drop repeats and leaks, cut into pieces; interrupted, it goes on."""
    from biogloss import recipes
    from biogloss.preparation import build as building
    from biogloss.preparation.recipe import Recipe

    with views.documents() as seen:
        chosen = recipes.load(recipe, Recipe, prefix="corpus-")
        made = building.build(chosen, output, tokenizer=tokenizer, progress=seen)
    views.corpus(made)
