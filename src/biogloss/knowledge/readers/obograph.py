"""OBO graphs: ontologies as JSON, nodes and the edges between them.

{"graphs": [{"nodes": [{"id": "http://purl.obolibrary.org/obo/HP_0000003", "lbl": "Multicystic kidney dysplasia",
                        "type": "CLASS", "meta": {"synonyms": [{"pred": "hasExactSynonym", "val": "..."}]}}],
             "edges": [{"sub": "...", "pred": "is_a", "obj": "..."}]}]}

Classes that are deprecated are left out, as are properties and individuals.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from biogloss.errors import FormatError
from biogloss.knowledge.concept import MAX_DEFINITION_CHARACTERS, Concept, clean, synonyms
from biogloss.knowledge.curies import curie
from biogloss.knowledge.readers._text import whole
from biogloss.knowledge.readers.kinds import kind_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from biogloss.knowledge.readers._reading import Reading

_KINDS = {
    "hasExactSynonym": "exact",
    "hasNarrowSynonym": "narrow",
    "hasBroadSynonym": "broad",
    "hasRelatedSynonym": "related",
}


def concepts(path: Path, reading: Reading, report: Counter[str]) -> Iterator[tuple[str, Concept]]:
    """(place, concept) of each class that is not deprecated.

    Raises:
        FormatError: no JSON, no OBO graph, or a node that is wrong.
        InputError: the file cannot be read.
    """
    try:
        graphs = json.loads(whole(path))["graphs"]
        nodes = [node for graph in graphs for node in graph["nodes"] if node.get("type", "CLASS") == "CLASS"]
        parents = _parents(edge for graph in graphs for edge in graph.get("edges", ()))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        expected = 'a JSON object with "graphs", each with "nodes" and "edges"'
        raise FormatError(f"no OBO graph ({str(error)[:80]})", file=str(path), expected=expected) from error
    for number, node in enumerate(nodes, 1):
        place = f"node {number:,}"
        try:
            found = _concept(node, parents, reading, report)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"{str(node)[:60]!r} is wrong ({str(error)[:120]})"
            raise FormatError(what, file=str(path), place=place, expected="a node with id and lbl") from error
        if found is not None:
            yield place, found


def _parents(edges: Iterator[Mapping[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for edge in edges:
        if edge["pred"] in ("is_a", "rdfs:subClassOf"):
            found.setdefault(edge["sub"], []).append(edge["obj"])
    return found


def _concept(
    node: Mapping[str, Any], parents: Mapping[str, list[str]], reading: Reading, report: Counter[str]
) -> Concept | None:
    meta = node.get("meta", {})
    name = clean(node.get("lbl") or "")
    if meta.get("deprecated") or not name:
        report["obsolete term left out"] += 1
        return None
    try:
        identifier = curie(node["id"])
    except ValueError:
        report["class of no vocabulary left out"] += 1
        return None
    kind = reading.type_of(identifier)
    others = [(clean(row["val"]), _KINDS.get(row["pred"], "related")) for row in meta.get("synonyms", ())]
    return Concept(
        identifier,
        kind,
        name,
        source=reading.source,
        version=reading.version,
        synonyms=synonyms(name, [(text, kind_of(text, name, kind)) for text, kind in others]),
        definition=clean(meta.get("definition", {}).get("val", ""))[:MAX_DEFINITION_CHARACTERS],
        parents=_curies(parents.get(node["id"], []), identifier, report),
        xrefs=_curies([row["val"] for row in meta.get("xrefs", ())], identifier, report),
    )


def _curies(values: list[str], own: str, report: Counter[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        try:
            found[curie(value)] = None
        except ValueError:
            report["identifier without a known form left out"] += 1
    return tuple(identifier for identifier in found if identifier != own)
