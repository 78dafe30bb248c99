"""``biogloss recipes``: list the recipes that ship, show one to begin your own from, or explain what a recipe may say.

biogloss recipes ner-ncbi-disease > my-recipe.toml
"""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any

import typer

from biogloss.apps import views
from biogloss.apps._groups import ShowUnlessNamed

app = typer.Typer(cls=ShowUnlessNamed, help="List the recipes that ship, show one, or explain what a recipe may say.")


class Kind(StrEnum):
    """The command that takes a recipe."""

    FINETUNE = "finetune"
    PRETRAIN = "pretrain"
    CORPORA_BUILD = "corpora-build"


_MODULES = {
    Kind.FINETUNE: "biogloss.training.recipe",
    Kind.PRETRAIN: "biogloss.training.pretrain_recipe",
    Kind.CORPORA_BUILD: "biogloss.preparation.recipe",
}


@app.command(epilog="Example: biogloss recipes ner-ncbi-disease > my-recipe.toml")
def show(name: Annotated[str, typer.Argument(help="One recipe, to begin your own from.")] = "") -> None:
    """List the recipes that ship, or show one as it stands; the word show may be left out."""
    from biogloss import recipes

    if name:
        views.verbatim(recipes.text(name, ""))
        return
    views.recipes((one, recipes.about(recipes.text(one, ""))) for one in recipes.shipped(""))


@app.command(epilog="Example: biogloss recipes keys finetune")
def keys(kind: Annotated[Kind, typer.Argument(help="The command that takes the recipe.")]) -> None:
    """Explain every key of a recipe: its kind, its default, what it does and when it is of use."""
    from biogloss.recipes.keys import keys, tables

    recipe: Any = import_module(_MODULES[kind]).Recipe
    views.keys(keys(recipe))
    for name, table in tables(recipe).items():
        views.say(f"\nOf each [[{name}]]:\n")
        views.keys(keys(table))
