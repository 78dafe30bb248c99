"""What a person sees of a graph, on the terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape

from biogloss.apps import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from biogloss.knowledge.graph.discovery import Shared, Suggestion
    from biogloss.knowledge.graph.layers import Card
    from biogloss.knowledge.graph.paths import Path
    from biogloss.knowledge.graph.query import Concept, Edge, Graph, Layer, Year
    from biogloss.knowledge.graph.statement import Evidence
    from biogloss.knowledge.graph.store import Changes
    from biogloss.pipeline.graph import Summary

SHOWN_FAILURES = 10


@contextmanager
def progress() -> Iterator[Callable[[Changes], None]]:
    """A line that counts documents."""
    count = views.counting()
    yield lambda changes: count(sum(changes), f"{changes.added:,} added")


def filled(summary: Summary) -> None:
    """How a run ended, on standard error."""
    changes = summary.changes
    views.ERR.print(
        f"{changes.added:,} documents added, {changes.replaced:,} replaced, {changes.unchanged:,} there already, "
        f"{summary.failed:,} failed" + "".join(f"; layer {name}" for name in summary.layers)
    )
    for failure in summary.failures[:SHOWN_FAILURES]:
        views.ERR.print(f"  failed: {escape(str(failure))}")
    for what, count in sorted(summary.left_out.items(), key=lambda item: (-item[1], item[0])):
        views.ERR.print(f"  note, {count:,} times: {escape(what)}")


def counts(graph: Graph) -> None:
    """How large a graph is."""
    size = graph.counts()
    views.say(
        f"{graph.path}: {size.nodes:,} concepts, {size.edges:,} statements, {size.evidence:,} pieces of evidence, "
        f"{size.documents:,} documents, {size.layers:,} layers"
    )


def removed(count: int, missing: Sequence[str]) -> None:
    """What was taken out, and what was not there."""
    views.say(f"removed: {count:,}")
    for one in missing:
        views.complain(f"the graph has no {one!r}")


def problems(found: Sequence[str]) -> None:
    """What is wrong with a graph, or that nothing is."""
    for one in found:
        views.say(f"wrong: {one}")
    if not found:
        views.say("whole: every statement has its evidence, and every mention its characters")


def concept(graph: Graph, node: Concept, edges: Sequence[Edge]) -> None:
    """A concept and what is said of it."""
    concepts([node])
    statements(graph, edges, evidence=1)
    if len(edges) < node.degree:
        views.say(f"… of {node.degree:,} neighbours; --limit shows more")


def concepts(found: Iterable[Concept]) -> None:
    """A line for each concept."""
    for node in found:
        views.say(f"{node.id}  {node.name}  ({_short(node.category)}, {node.degree:,} neighbours)")


def statements(graph: Graph, edges: Iterable[Edge], *, evidence: int) -> None:
    """A line for each statement, and lines for its evidence."""
    for edge in edges:
        _statement(edge)
        for one in graph.evidence(edge, evidence) if evidence else ():
            _evidence(one)


def paths(graph: Graph, found: Sequence[Path], *, evidence: int) -> None:
    """Each way, with its steps."""
    if not found:
        views.say("no path")
    for path in found:
        views.say(f"{path.score:.3f}  " + " — ".join(node.name or node.id for node in path.concepts))
        statements(graph, path.edges, evidence=evidence)


def shared(found: Iterable[Shared]) -> None:
    """Concepts between two others."""
    for one in found:
        beliefs = f"belief {one.first:.3f} and {one.second:.3f}"
        views.say(f"{one.score:.3f}  {one.concept.id}  {one.concept.name}  ({_short(one.concept.category)}, {beliefs})")


def suggestions(found: Iterable[Suggestion]) -> None:
    """Concepts that others lead to."""
    for one in found:
        over = ", ".join(shared.concept.name or shared.concept.id for shared in one.over)
        views.say(f"{one.score:.3f}  {one.concept.id}  {one.concept.name}  over {one.between:,}: {over}")


def trend(years: Iterable[Year]) -> None:
    """A line for each year."""
    for year, documents, negated in years:
        against = f", {negated:,} of them against" if negated else ""
        views.say(f"{year}  {documents:,} documents{against}")


def cards(found: Iterable[Card]) -> None:
    """The layers that can be read."""
    for card in found:
        size = f": {card.counts['edges']:,} statements" if card.counts else ""
        views.say(f"{card.name}  {card.title}, {card.version}{size}")
        views.say(f"  states: {', '.join(map(_short, card.predicates))}")
        views.say(f"  licence: {card.licence}")
        views.say(f"  read from: {', '.join(pin.origin for pin in card.pins)}")


def layers(found: Iterable[Layer]) -> None:
    """The layers of a graph."""
    for layer in found:
        views.say(f"{layer.name}  {layer.version}  {layer.evidence:,} pieces of evidence  ({layer.licence})")


def _statement(edge: Edge) -> None:
    ends = (f"{end.name or end.id} ({end.id})" for end in (edge.subject, edge.object))
    years = f", {edge.first_year}-{edge.last_year}" if edge.first_year else ""
    pieces = "piece" if edge.pieces == 1 else "pieces"
    views.say(f"{edge.belief:.3f}  {f' {_short(edge.predicate)} '.join(ends)}  [{edge.pieces:,} {pieces}{years}]")


def _evidence(one: Evidence) -> None:
    from biogloss.knowledge.graph.marked import marked  # noqa: PLC0415 - late, to keep --help quick

    about = [one.document, str(one.year or ""), one.section, one.source, one.reference, one.label]
    said = "" if one.assertion == "asserted" else one.assertion
    views.say(f"    {', '.join(filter(None, [*about, said]))}")
    for sentence in marked(one):
        words = "".join(f"[{part.text}]" if part.role else part.text for part in sentence)
        views.say("      " + " ".join(words.split()))


def _short(name: str) -> str:
    return name.removeprefix("biolink:")
