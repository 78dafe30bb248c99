"""``biogloss terms``: build an index of names and identifiers, add your own, and look things up in it.

biogloss terms build lab.csv mondo=mondo.obo -o my.terms
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from biogloss.apps import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from biogloss.knowledge import Concept, Hit
    from biogloss.knowledge.sources import Card
    from biogloss.knowledge.terms import Source

app = typer.Typer(no_args_is_help=True, help="Build an index of names and identifiers, and look things up in it.")

Inputs = Annotated[
    list[str],
    typer.Argument(help="Files of terms, names of sources, or NAME=FILE for your copy of one.", show_default=False),
]
Index = Annotated[str, typer.Option("--index", help="An index of terms; left out, the one that comes with Biogloss.")]
Wheels = Annotated[Path, typer.Option(help="Folder with the files that sources are read from.")]
Of = Annotated[str, typer.Option("--source", help="What your file is called in the index; its name where left out.")]
Type = Annotated[str, typer.Option("--type", help="Type of the concepts that do not say theirs, as Disease.")]
Prefix = Annotated[str, typer.Option(help="Put before identifiers without one, as LAB for LAB:17.")]
Encoding = Annotated[str, typer.Option(help="Encoding of text files, for example latin-1 or gb18030.")]
Types = Annotated[str, typer.Option(help="Only these types, with commas between.")]
Namespaces = Annotated[str, typer.Option("--ids", help="Vocabularies that ids are wanted of, as MESH,OMIM.")]
SHOWN = 10


@app.command(epilog="Example: biogloss terms build lab.csv -o my.terms --type Disease")
def build(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("-o", "--output", help="The index to write.")],
    base: Annotated[str, typer.Option(help="An index to start from; shipped is the one of Biogloss.")] = "",
    wheels: Wheels = Path(),
    source: Of = "",
    kind: Type = "",
    prefix: Prefix = "",
    encoding: Encoding = "utf-8",
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Make an index from files (.csv .tsv .obo .json .rrf) and sources; your own terms win over all others."""
    from biogloss.knowledge import inputs as reading
    from biogloss.knowledge.readers import Reading

    report = Counter[str]()
    batches = reading.batches(inputs, wheels=wheels, reading=Reading(source, "", kind, prefix, encoding), report=report)
    reading.build(output, batches, base=base, force=force)
    _notes(report)
    _show_index(str(output))


@app.command(epilog="Example: biogloss terms add my.terms more.tsv --type Chemical")
def add(
    index: Annotated[Path, typer.Argument(help="An index of terms.")],
    inputs: Inputs,
    wheels: Wheels = Path(),
    source: Of = "",
    kind: Type = "",
    prefix: Prefix = "",
    encoding: Encoding = "utf-8",
) -> None:
    """Add files or sources to an index; what it knows already is not read again, a newer form takes its place."""
    from biogloss.knowledge import inputs as reading
    from biogloss.knowledge.readers import Reading

    report = Counter[str]()
    batches = reading.batches(inputs, wheels=wheels, reading=Reading(source, "", kind, prefix, encoding), report=report)
    new = reading.add(index, batches)
    _notes(report)
    views.say(f"added: {', '.join(new)}" if new else f"{index} has all of that already; nothing was changed")


@app.command(epilog="Example: biogloss terms show LAB:17 --index my.terms")
def show(
    identifier: Annotated[str, typer.Argument(help="An identifier with its prefix.")],
    index: Index = "",
) -> None:
    """Show a concept: its names, definition, parents, and what it is in other vocabularies."""
    from biogloss.knowledge import inputs as reading

    with reading.opened(index) as terms:
        concept = reading.concept(terms, identifier)
        _concept(concept, terms.same([concept.id])[concept.id])


@app.command(epilog='Example: biogloss terms search "diabetis melitus" --index my.terms --types Disease')
def search(
    names: Annotated[list[str], typer.Argument(help="Names.", show_default=False)],
    index: Index = "",
    types: Types = "",
    namespaces: Namespaces = "",
    limit: Annotated[int, typer.Option(min=1, help="Ids of each name at most.")] = SHOWN,
) -> None:
    """Find what names may stand for; where one is not known, what looks most like it."""
    from biogloss.knowledge import inputs as reading

    with reading.opened(index) as terms:
        found = reading.search(
            terms, names, types=views.listed(types), namespaces=views.listed(namespaces), limit=limit
        )
    _hits(found)


@app.command(epilog="Example: biogloss terms sources --index my.terms")
def sources(index: Index = "") -> None:
    """List the sources that can be read, or, with --index, what an index is made of."""
    if index:
        _show_index(index)
        return
    from biogloss.knowledge import sources as known

    _cards(map(known.card, known.names()))


def _show_index(index: str) -> None:
    from biogloss.knowledge import inputs as reading

    with reading.opened(index) as terms:
        _sources(terms.sources())


def _sources(found: Iterable[Source]) -> None:
    for source in found:
        counts = f"{source.concepts:,} concepts, {source.names:,} names, {source.mappings:,} mappings"
        views.say(f"{source.name}  {source.version}  {counts}  ({source.licence})")


def _cards(found: Iterable[Card]) -> None:
    for card in found:
        counts = ", ".join(f"{count:,} {what}" for what, count in card.counts.items())
        views.say(f"{card.name}  {card.title}, {card.version}: {counts}")
        views.say(f"  types: {', '.join(card.types) or 'none, it only maps identifiers'}")
        views.say(f"  licence: {card.licence}; {'may' if card.ship else 'may not'} be given away in an index")
        views.say(f"  read from: {', '.join(pin.origin for pin in card.pins)}")
        if card.own:
            views.say(f"  or from your own: {card.own}")


def _concept(concept: Concept, same: Iterable[str]) -> None:
    views.say(f"{concept.id}  {concept.name}  ({concept.type}, {concept.source} {concept.version})")
    for name, value in (("definition", concept.definition), ("species", concept.taxon)):
        if value:
            views.say(f"{name}: {value}")
    for name, values in (("parents", concept.parents), ("same as", tuple(same))):
        if values:
            views.say(f"{name}: {', '.join(values)}")
    for text, kind in concept.names()[1:]:
        views.say(f"  {kind}: {text}")


def _hits(found: Mapping[str, Iterable[Hit]]) -> None:
    for name, hits in found.items():
        rows = list(hits)
        views.say(name if rows else f"{name}: not known")
        for hit in rows:
            over = "" if hit.id == hit.concept else f", over {hit.concept}"
            why = f"{hit.kind} name {hit.name!r}, by {hit.level}; {hit.source}{over}"
            views.say(f"  {hit.id}  {hit.type}  {hit.score:.3f}  {why}")


def _notes(report: Mapping[str, int]) -> None:
    for what, count in sorted(report.items()):
        views.ERR.print(f"  note, {count:,} times: {escape(what)}")
