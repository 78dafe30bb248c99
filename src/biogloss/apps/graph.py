"""``biogloss graph``: a graph of what documents and sources say, and questions to it.

biogloss graph build out.jsonl -o my.graph
biogloss graph show metformin --graph my.graph --html metformin.html
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biogloss.apps import graph_views as shown
from biogloss.apps import views

if TYPE_CHECKING:
    from biogloss.knowledge.graph.filters import Filter
    from biogloss.pipeline.graph import Job

app = typer.Typer(no_args_is_help=True, help="Build a graph of what documents and sources say, and ask it.")

Inputs = Annotated[list[str] | None, typer.Argument(help="Annotated documents: files, folders, or -.")]
Place = Annotated[Path, typer.Option("--graph", "-g", help="A graph.")]
Layers = Annotated[list[str] | None, typer.Option("--layer", help="A curated layer; see `biogloss graph layers`.")]
Wheels = Annotated[Path, typer.Option(help="Folder with the files that layers are read from.")]
Source = Annotated[str, typer.Option(help="Who says what relations say that do not name their maker.")]
Together = Annotated[bool, typer.Option(help="Which concepts without a relation share a sentence.")]
Unlinked = Annotated[bool, typer.Option("--unlinked", help="Mentions without identifier are nodes under their names.")]
Index = Annotated[
    str | None, typer.Option(help="An index of terms that names the nodes, not the one that ships; '': none.")
]
From = Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")]
Encoding = Annotated[str, typer.Option(help="Encoding of text inputs.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]
Concept = Annotated[str, typer.Argument(help="An identifier, or a name.")]
Predicates = Annotated[str, typer.Option("--predicates", help="Only these, with commas between: treats,causes.")]
Categories = Annotated[str, typer.Option("--categories", help="Only these, found or in between: Disease,Gene.")]
Least = Annotated[float, typer.Option("--belief", min=0, max=1, help="Least belief.")]
Years = Annotated[str, typer.Option(help="With evidence of these years: 2010-2020.")]
Sources = Annotated[str, typer.Option(help="With evidence of one of these sources.")]
Asserted = Annotated[bool, typer.Option("--asserted", help="With evidence that is neither negated nor uncertain.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
FAILED = 3


@app.command(epilog="Example: biogloss graph build out.jsonl -o my.graph --layer mondo_hierarchy --wheels wheels/")
def build(
    inputs: Inputs = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The graph to write.")] = Path("biogloss.graph"),
    layer: Layers = None,
    wheels: Wheels = Path(),
    source: Source = "documents",
    co_mentions: Together = True,
    unlinked: Unlinked = False,
    index: Index = None,
    read_as: From = "auto",
    encoding: Encoding = "utf-8",
    force: Force = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
) -> None:
    """Make a graph of annotated documents and curated layers, each statement with the sentences that make it."""
    job = _job(inputs, layer, wheels, (source, co_mentions, unlinked), (index, read_as, encoding))
    _fill(output, job, new=not (resume and output.exists()), force=force)


@app.command(epilog="Example: biogloss graph add more.jsonl -g my.graph")
def add(
    inputs: Inputs = None,
    graph: Place = Path("biogloss.graph"),
    layer: Layers = None,
    wheels: Wheels = Path(),
    source: Source = "documents",
    co_mentions: Together = True,
    unlinked: Unlinked = False,
    index: Index = None,
    read_as: From = "auto",
    encoding: Encoding = "utf-8",
) -> None:
    """Add documents or layers; what is there already adds nothing, a changed document replaces its own evidence."""
    job = _job(inputs, layer, wheels, (source, co_mentions, unlinked), (index, read_as, encoding))
    _fill(graph, job, new=False, force=False)


@app.command(epilog="Example: biogloss graph remove 9500320 --layer drug_classes -g my.graph")
def remove(
    documents: Annotated[list[str] | None, typer.Argument(help="Ids of documents, as a retraction asks.")] = None,
    graph: Place = Path("biogloss.graph"),
    layer: Layers = None,
) -> None:
    """Take documents or layers out, with all their evidence."""
    from biogloss.knowledge.graph.store import DOCUMENT, LAYER, Store

    named = [(DOCUMENT, one) for one in documents or ()] + [(LAYER, one) for one in layer or ()]
    with Store.open(graph) as store:
        missing = [one for kind, one in named if not store.remove(one, kind)]
    shown.removed(len(named) - len(missing), missing)
    raise typer.Exit(FAILED if missing else 0)


@app.command(epilog="Example: biogloss graph show metformin -g my.graph --html metformin.html")
def show(
    concept: Concept,
    graph: Place = Path("biogloss.graph"),
    html: Annotated[Path | None, typer.Option(help="Write a page to look at: one file, without network.")] = None,
    predicates: Predicates = "",
    categories: Categories = "",
    belief: Least = 0.0,
    years: Years = "",
    sources: Sources = "",
    asserted: Asserted = False,
    limit: Limit = 30,
    force: Force = False,
) -> None:
    """Show a concept with its neighbours and the sentences that say so, as text or as a page."""
    from biogloss.knowledge.graph import page
    from biogloss.knowledge.graph.query import Graph

    wanted = _filter(predicates, categories, belief, years, (sources, asserted))
    with Graph.open(graph) as opened:
        if html is not None:
            page.write(opened, concept, html, wanted=wanted, limit=limit, force=force)
            views.say(f"page: {html}")
        else:
            shown.concept(opened, opened.concept(concept), opened.neighbours(concept, wanted, limit))


@app.command(epilog="Example: biogloss graph neighbours aspirin -g my.graph --categories Disease --evidence 3")
def neighbours(
    concept: Concept,
    graph: Place = Path("biogloss.graph"),
    predicates: Predicates = "",
    categories: Categories = "",
    belief: Least = 0.0,
    years: Years = "",
    sources: Sources = "",
    asserted: Asserted = False,
    limit: Limit = 30,
    evidence: Annotated[int, typer.Option(min=0, help="Sentences of each statement.")] = 0,
) -> None:
    """List the statements about a concept, the most believed first."""
    from biogloss.knowledge.graph.query import Graph

    wanted = _filter(predicates, categories, belief, years, (sources, asserted))
    with Graph.open(graph) as opened:
        shown.statements(opened, opened.neighbours(concept, wanted, limit), evidence=evidence)


@app.command(epilog="Example: biogloss graph paths metformin 'lactic acidosis' -g my.graph --longest 3 -k 5")
def paths(
    concept: Concept,
    other: Concept,
    graph: Place = Path("biogloss.graph"),
    k: Annotated[int, typer.Option("-k", min=1, help="How many.")] = 10,
    longest: Annotated[int, typer.Option(min=1, max=4, help="Steps at most.")] = 3,
    shortest: Annotated[bool, typer.Option("--shortest", help="The best of the shortest, of any length.")] = False,
    predicates: Predicates = "",
    categories: Categories = "",
    belief: Least = 0.0,
    years: Years = "",
    sources: Sources = "",
    asserted: Asserted = False,
    evidence: Annotated[int, typer.Option(min=0, help="Sentences of each step.")] = 1,
) -> None:
    """Find the ways from one concept to another that are believed most, with the sentences of each step."""
    from biogloss.knowledge.graph import paths as finding
    from biogloss.knowledge.graph.query import Graph

    wanted = _filter(predicates, categories, belief, years, (sources, asserted))
    with Graph.open(graph) as opened:
        if shortest:
            found = list(filter(None, [finding.shortest(opened, concept, other, wanted=wanted)]))
        else:
            found = finding.best(opened, concept, other, k=k, longest=longest, wanted=wanted)
        shown.paths(opened, found, evidence=evidence)


@app.command(epilog="Example: biogloss graph discover 'fish oil' -g my.graph --to Disease")
def discover(
    concept: Concept,
    other: Annotated[str, typer.Argument(help="What to find the links to; left out, what has no statement yet.")] = "",
    graph: Place = Path("biogloss.graph"),
    to: Annotated[str, typer.Option(help="Only these categories of what is found: Disease.")] = "",
    predicates: Predicates = "",
    categories: Categories = "",
    belief: Least = 0.0,
    years: Years = "",
    limit: Limit = 20,
) -> None:
    """What links two concepts, or what a concept may be linked with that nobody has written down."""
    from biogloss.knowledge.graph import discovery
    from biogloss.knowledge.graph.query import Graph

    wanted = _filter(predicates, categories, belief, years, ("", False))
    with Graph.open(graph) as opened:
        if other:
            shown.shared(discovery.common(opened, concept, other, wanted=wanted, limit=limit))
        else:
            shown.suggestions(discovery.suggested(opened, concept, to=_terms(to), wanted=wanted, limit=limit))


@app.command(epilog="Example: biogloss graph top -g my.graph --category Disease")
def top(
    graph: Place = Path("biogloss.graph"),
    category: Annotated[str, typer.Option(help="Only concepts of this: Disease.")] = "",
    newest: Annotated[bool, typer.Option("--newest", help="The statements with the newest evidence instead.")] = False,
    limit: Limit = 20,
) -> None:
    """List the most connected concepts, or the newest statements."""
    from biogloss.knowledge.graph.query import Graph

    with Graph.open(graph) as opened:
        if newest:
            shown.statements(opened, opened.newest(limit=limit), evidence=0)
        else:
            shown.concepts(opened.top("".join(_terms(category)[:1]), limit))


@app.command(epilog="Example: biogloss graph trend sirolimus proteinuria -g my.graph")
def trend(concept: Concept, other: Concept, graph: Place = Path("biogloss.graph"), predicates: Predicates = "") -> None:
    """Count the documents of each year that say something about two concepts."""
    from biogloss.knowledge.graph.query import Graph

    with Graph.open(graph) as opened:
        shown.trend(opened.trend(concept, other, _filter(predicates, "", 0.0, "", ("", False))))


@app.command(epilog="Example: biogloss graph export --to neo4j -g my.graph -o neo4j/")
def export(
    to: Annotated[str, typer.Option(help="neo4j, kgx, kgx-jsonl, graphml, turtle, trig, sif or ladybug.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file or folder to write.")],
    graph: Place = Path("biogloss.graph"),
    force: Force = False,
) -> None:
    """Write the graph in another form."""
    from biogloss.knowledge.graph import exports
    from biogloss.knowledge.graph.query import Graph

    with Graph.open(graph) as opened:
        exports.export(opened, to, output, force=force)
        shown.counts(opened)


@app.command(epilog="Example: biogloss graph layers -g my.graph")
def layers(graph: Annotated[Path | None, typer.Option("--graph", "-g", help="A graph: which it has.")] = None) -> None:
    """List the curated layers that can be read, or those of a graph, with their licences."""
    from biogloss.knowledge.graph import layers as known
    from biogloss.knowledge.graph.query import Graph

    if graph is None:
        shown.cards([known.card(name) for name in known.names()])
        return
    with Graph.open(graph) as opened:
        shown.counts(opened)
        shown.layers(opened.layers())


@app.command(epilog="Example: biogloss graph check -g my.graph")
def check(graph: Place = Path("biogloss.graph")) -> None:
    """Read a graph from end to end: is everything linked, and has every mention its characters in a sentence."""
    from biogloss.knowledge.graph import check as checking
    from biogloss.knowledge.graph.query import Graph

    with Graph.open(graph) as opened:
        found = list(checking.problems(opened))
        shown.counts(opened)
    shown.problems(found)
    raise typer.Exit(2 if found else 0)


def _job(
    inputs: list[str] | None,
    layer: list[str] | None,
    wheels: Path,
    reading: tuple[str, bool, bool],
    rest: tuple[str | None, str, str],
) -> Job:
    from biogloss.knowledge import shipped
    from biogloss.knowledge.graph.build import Reading
    from biogloss.pipeline.graph import Job

    index, read_as, encoding = rest
    if index is None and shipped.is_there():
        index = "shipped"
    return Job(tuple(inputs or ()), tuple(layer or ()), wheels, Reading(*reading), index or "", read_as, encoding)


def _fill(target: Path, job: Job, *, new: bool, force: bool) -> None:
    from dataclasses import replace

    from biogloss.knowledge.graph.query import Graph
    from biogloss.pipeline import graph

    with shown.progress() as seen:
        summary = graph.fill(target, replace(job, new=new, force=force), seen)
    shown.filled(summary)
    with Graph.open(target) as opened:
        shown.counts(opened)
    raise typer.Exit(FAILED if summary.failed else 0)


def _filter(predicates: str, categories: str, belief: float, years: str, rest: tuple[str, bool]) -> Filter:
    from biogloss.knowledge.graph.filters import Filter, years_of

    sources, asserted = rest
    return Filter(
        _terms(predicates),
        _terms(categories),
        belief,
        years_of(years) if years else None,
        views.listed(sources),
        asserted,
    )


def _terms(text: str) -> tuple[str, ...]:
    """Biolink's names, with or without their prefix."""
    return tuple(name if ":" in name else f"biolink:{name}" for name in views.listed(text))
