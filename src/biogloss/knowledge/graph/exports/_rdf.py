"""RDF: addresses of concepts and literals, and a statement with its evidence as triples.

<s40> rdf:subject <https://bioregistry.io/mesh:D008750> ; bg:belief 0.665 ; bg:evidence [ bg:sentence "..." ; ... ] .
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from biogloss.knowledge.graph.exports import _rows
from biogloss.knowledge.graph.statement import LAYER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from biogloss.documents import Span
    from biogloss.knowledge.graph.query import Concept, Graph
    from biogloss.knowledge.graph.statement import Evidence

HEAD = """@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix bg: <urn:biogloss:> .

"""
_OBO = frozenset({"MONDO", "HP", "DOID", "CHEBI", "UBERON", "CL", "GO", "NCBITaxon", "EFO"})
_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def address(identifier: str) -> str:
    """The IRI of a CURIE: an OBO one, else Bioregistry's redirection."""
    prefix, _, local = identifier.partition(":")
    if prefix in _OBO:
        return f"<http://purl.obolibrary.org/obo/{prefix}_{quote(local, safe='')}>"
    return f"<https://bioregistry.io/{quote(prefix.lower(), safe='.')}:{quote(local, safe='')}>"


def literal(text: str) -> str:
    """A quoted string; control characters as escapes."""
    return '"' + _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04X}", text.translate(_ESCAPES)) + '"'


def write(graph: Graph, stream: TextIO, *, named: bool) -> None:
    """Everything; each statement in a graph of its own name where ``named``, else beside its description."""
    stream.write(HEAD)
    stream.writelines(map(_concept, _rows.nodes(graph)))
    for found in _rows.statements(graph):
        edge = found.edge
        name = f"<urn:biogloss:statement:{quote(found.identifier, safe='')}>"
        ends = address(edge.subject.id), edge.predicate, address(edge.object.id)
        triple = " ".join(ends)
        if not found.is_negated:  # who denies something has not said it
            stream.write(f"{name} {{ {triple} . }}\n" if named else f"{triple} .\n")
        described = "rdf:subject {} ; rdf:predicate {} ; rdf:object {}".format(*ends)
        stream.write(
            f"{name} a rdf:Statement ; {described} ; bg:belief {edge.belief:.6f} ; bg:pieces {edge.pieces}"
            f' ; bg:negated "{str(found.is_negated).lower()}"^^xsd:boolean'
        )
        stream.writelines(f" ;\n  bg:evidence [ {' ; '.join(_evidence(one))} ]" for one in graph.evidence(edge))
        stream.write(" .\n")


def _concept(node: Concept) -> str:
    return f"{address(node.id)} a {node.category} ; rdfs:label {literal(node.name or node.id)} .\n"


def _evidence(one: Evidence) -> Iterator[str]:
    kind = LAYER if one.kind == "curated" else "document"
    yield f"prov:wasDerivedFrom <urn:biogloss:{kind}:{quote(one.document, safe='')}>"
    yield f"bg:source {literal(one.source)} ; bg:kind {literal(one.kind)} ; bg:assertion {literal(one.assertion)}"
    for name in ("section", "reference", "label"):
        if text := getattr(one, name):
            yield f"bg:{name} {literal(text)}"
    if one.score is not None:
        yield f"bg:score {one.score:.6f}"
    if one.year is not None:
        yield f"bg:year {one.year}"
    for sentence in one.sentences:
        yield f"bg:sentence [ oa:exact {literal(sentence.text)} ; oa:start {sentence.start} ; oa:end {sentence.end} ]"
    for role, spans in (("subject", one.subject), ("object", one.object)):
        yield from (_place(role, span) for span in spans)


def _place(role: str, span: Span) -> str:
    return f"bg:{role}At [ oa:start {span.start} ; oa:end {span.end} ]"
