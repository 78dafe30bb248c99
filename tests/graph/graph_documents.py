"""Documents with relations, and what a graph says, so that two can be compared."""

from collections import Counter
from dataclasses import replace

from biogloss.documents import Citation, Document, Link, Relation, Span, entity_at
from biogloss.knowledge.graph.query import Graph

DRUG, PRESSURE, KIDNEY = "MESH:D008750", "MESH:D007022", "NCBIGene:5972"


def made(identifier, text, mentions, *relations, year="", retracted=False):
    """A document; mentions are (words, label, id or ids, attributes), relations (label, reference, reference)."""
    entities, at = [], 0
    for number, (words, label, ids, *rest) in enumerate(mentions, 1):
        at = text.index(words, at if text.find(words, at) >= 0 else 0)
        links = tuple(Link(one) for one in ([ids] if isinstance(ids, str) else ids) if one)
        attributes = tuple(sorted(rest[0].items())) if rest else ()
        span = Span(at, at + len(words))
        entities.append(entity_at(text, span, label, id=f"T{number}", links=links, attributes=attributes))
        at = span.end
    citation = Citation(dates=(("published", year),) if year else (), retracted=retracted)
    found = tuple(
        Relation(f"R{number}", label, (("a", one), ("b", other)))
        for number, (label, one, other) in enumerate(relations, 1)
    )
    return Document(identifier, text, entities=tuple(entities), relations=found, citation=citation)


def said(identifier="1", *, year="1978", attributes=None, score=None, label="CID"):
    """A document that says that alpha-methyldopa causes hypotension."""
    document = made(
        identifier,
        "Alpha-methyldopa 🧪 caused hypotension.",
        [("Alpha-methyldopa", "Chemical", DRUG), ("hypotension", "Disease", PRESSURE, attributes or {})],
        (label, DRUG, PRESSURE),
        year=year,
    )
    return replace(document, relations=tuple(replace(one, score=score) for one in document.relations))


def told(path):
    """Everything a graph says, without the numbers it gives: equal for graphs that say the same."""
    with Graph.open(path) as graph:
        nodes = {(one.id, one.name, one.category, one.degree) for one in graph.concepts(_all(graph, "nodes"))}
        edges = {
            (edge.subject.id, edge.predicate, edge.object.id): (
                *(edge.belief, edge.pieces, edge.first_year, edge.last_year),
                frozenset(Counter(graph.evidence(edge)).items()),
            )
            for edge in graph.all_edges()
        }
        documents = set(graph.rows("SELECT kind, id, digest FROM documents"))
        return nodes, edges, documents


def _all(graph, table):
    return [number for (number,) in graph.rows(f"SELECT number FROM {table}")]
