"""``biogloss models``: show a model's card, or import an encoder that others published.

biogloss models import biobert_v1.1_pubmed -o biobert
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biogloss.apps import views
from biogloss.apps._groups import ShowUnlessNamed

app = typer.Typer(cls=ShowUnlessNamed, help="Show a model's card, or import an encoder that others published.")


@app.command(epilog="Example: biogloss models my-model")
def show(folder: Annotated[str, typer.Argument(help="A model folder, for its card.")] = "biogloss-en") -> None:
    """Show a model's card: types, training data, licences, scores."""
    from biogloss.models import folder as folders
    from biogloss.pipeline import gloss

    views.markdown(folders.card(gloss.folder(folder)))


@app.command("import", epilog="Example: biogloss models import biobert_v1.1_pubmed -o biobert")
def import_encoder(
    source: Annotated[Path, typer.Argument(help="A folder of a release, or a checkpoint's path up to .index.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write; it must not exist.")],
    lowercase: Annotated[
        bool | None, typer.Option("--lowercase/--cased", help="Whether capitals are lost; left out, the files say it.")
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="Weights of 16 bits: half the size.")] = False,
) -> None:
    """Turn TensorFlow's BERT and BioBERT files, or PyTorch's, into a folder that trains here and in transformers."""
    from biogloss.models import checkpoints

    done = checkpoints.convert(source, output, lowercase=lowercase, half=half)
    views.say(f"{done.tensors:,} tensors of a {done.source} checkpoint in {output}")
    views.say(f"masked-word head: {'yes' if done.masked_words else 'no'}")
    views.say(f"capitals become small: {'yes' if done.lowercase else 'no'} (by the {done.decided_by})")
    for what, count in done.ignored.items():
        views.say(f"left out, needed for training only: {count:,} {what}")
    if done.unknown:
        views.say(f"left out, not known: {', '.join(done.unknown)}")
