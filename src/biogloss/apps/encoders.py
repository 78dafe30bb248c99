"""``biogloss fill-mask``, ``embed`` and ``features``: what an encoder makes of words and of documents.

biogloss fill-mask "Hypertension is high blood [MASK]."
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biogloss.apps import views

if TYPE_CHECKING:
    from biogloss.pipeline.embed import Encoder

app = typer.Typer()

Inputs = Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.", show_default=False)]
Pretrained = Annotated[
    str, typer.Option("--model", "-m", help="biogloss-encoder-en, a Hugging Face folder, a hub name or a wheel.")
]
From = Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]


@app.command("fill-mask", epilog='Example: biogloss fill-mask "Hypertension is high blood \\[MASK]."')
def fill_mask(
    texts: Annotated[list[str], typer.Argument(help="Texts with \\[MASK] where a word is missing.")],
    model: Pretrained = "biogloss-encoder-en",
    top: Annotated[int, typer.Option(min=1, help="How many pieces to show for each mask.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list instead of tables.")] = False,
) -> None:
    """Say which words a masked language model expects in the place of the mask."""
    from biogloss.models import fill_mask as filling
    from biogloss.models.language_model import load_language_model

    found = filling.fill_mask(texts, load_language_model(model), top=top)
    views.fills(texts, found, as_json=as_json)


@app.command(epilog="Example: biogloss embed abstracts.jsonl -o vectors.npz")
def embed(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("-o", "--output", help="A .npz file with ids and vectors.")],
    model: Annotated[
        str, typer.Option("--model", "-m", help="biogloss-en, a model folder, or what --model of features takes.")
    ] = "biogloss-en",
    layer: Annotated[int, typer.Option(min=-1, help="0 for the embeddings, -1 for the last layer.")] = -1,
    read_as: From = "auto",
    force: Force = False,
) -> None:
    """Turn each document into one vector: the mean of the encoder's states."""
    from biogloss.pipeline import embed as embedding

    encoder = _encoder(model, layer)
    count, width = embedding.embed_files(inputs, output, model=encoder, read_as=read_as, force=force)
    views.say(f"{count:,} vectors of width {width} in {output}")


@app.command(epilog="Example: biogloss features abstracts.jsonl -o states.npz --model biobert")
def features(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("-o", "--output", help="A .npz file with ids, states_0, starts_0, ends_0...")],
    model: Pretrained,
    read_as: From = "auto",
    force: Force = False,
) -> None:
    """Write the states of every layer for every piece of each document, with the pieces' offsets."""
    from dataclasses import asdict

    from biogloss.models.features import hidden_states, load_torch_encoder
    from biogloss.pipeline import arrays

    encoder = load_torch_encoder(model)
    count = arrays.write(
        inputs, output, lambda text: asdict(hidden_states([text], encoder)[0]), read_as=read_as, force=force
    )
    views.say(f"the states of {count:,} documents in {output}")


def _encoder(model: str, layer: int) -> Path | Encoder:
    """One of our inference models by its folder; any other through torch."""
    from biogloss.errors import ConfigError
    from biogloss.models.folder import is_inference
    from biogloss.pipeline import gloss

    if model != gloss.EMBEDDED and not is_inference(Path(model)):
        from biogloss.models.features import load_torch_encoder

        return load_torch_encoder(model, layer=layer)
    if layer != -1:
        raise ConfigError(f"--layer {layer}: {model} gives the states of its last layer only; take a trainable folder")
    return gloss.folder(model)
