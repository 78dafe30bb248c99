"""``biogloss link``: names in, identifiers out, without finding entities first.

biogloss link names.txt --types Disease --to table
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biogloss.apps import views

if TYPE_CHECKING:
    from biogloss.pipeline.steps.linking import Linking

app = typer.Typer()

Index = Annotated[str, typer.Option("--index", help="An index of terms; left out, the one that comes with Biogloss.")]
Namespaces = Annotated[str, typer.Option("--ids", help="Vocabularies that ids are wanted of, as MESH,OMIM.")]
Species = Annotated[str, typer.Option(help="Species of genes, as 9606,10090; left out, those of each text.")]
Rerank = Annotated[str, typer.Option(help="Model folder with linker.toml, to rank what names do not settle.")]


@app.command(epilog="Example: biogloss link names.txt --types Disease --to table")
def link(
    mentions: Annotated[
        str, typer.Argument(help="A file with a name a line, or CSV or TSV with columns text, type, context; or -.")
    ] = "-",
    output: Annotated[str, typer.Option("-o", "--output", help="Output file; - is standard output.")] = "-",
    to: Annotated[str, typer.Option("--to", help="tsv, jsonl or table.")] = "tsv",
    types: Annotated[str, typer.Option(help="What names without a type may be, with commas between.")] = "",
    index: Index = "",
    namespaces: Namespaces = "",
    species: Species = "",
    top: Annotated[int, typer.Option(min=1, help="Ids of each name at most, the runners-up below the best.")] = 1,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least probability of an id.")] = 0.3,
    rerank: Rerank = "",
    encoding: Annotated[str, typer.Option(help="Encoding of the input, for example latin-1 or gb18030.")] = "utf-8",
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Give names identifiers, each with its probability and the reason; nothing where it is not sure enough."""
    from biogloss.pipeline import names

    linking = step(index, namespaces, species, threshold=threshold, rerank=rerank)
    asked = names.Asked(mentions, encoding, views.listed(types), top)
    known, total = names.link(asked, linking, output, write_as=to, force=force)
    left = "; --threshold 0 shows what the others look like, with --types better" if known < total and threshold else ""
    views.ERR.print(f"{total:,} names, {known:,} with an id{left}")


def step(index: str, ids: str, species: str, *, threshold: float = 0.3, rerank: str = "") -> Linking:
    """The step for documents and names; says so where the shipped index is unpacked first."""
    from biogloss.pipeline.steps import linking

    announce(index)
    return linking.step(
        index=index, ids=views.listed(ids), taxa=views.listed(species), threshold=threshold, rerank=rerank
    )


def announce(index: str) -> None:
    """Say so where the shipped index is unpacked first."""
    from biogloss.knowledge import shipped

    if not index and shipped.is_there() and not shipped.is_unpacked():
        views.ERR.print(f"unpacking the index of terms into {Path(shipped.cache())}, once: half a minute")
