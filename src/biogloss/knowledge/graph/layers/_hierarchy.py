"""Hierarchies and cross-references of the vocabularies that :mod:`biogloss.knowledge.sources` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge import sources
from biogloss.knowledge.concept import Concept
from biogloss.knowledge.graph.biolink import CLOSE, SUBCLASS, category
from biogloss.knowledge.graph.layers._card import Card, made, named

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement


def parents(card: Card, source: str, path: Path, report: Counter[str]) -> Iterator[Statement]:
    """What each concept of a source is a kind of."""
    concepts = {concept.id: concept for concept in _concepts(source, path, report)}
    for concept in concepts.values():
        own = category(concept.type, concept.id)
        for parent in concept.parents:
            if parent not in concepts:
                report["parent of another vocabulary or obsolete left out"] += 1
                continue
            above = named(parent, concepts[parent].name, category(concepts[parent].type, parent))
            yield made(card, named(concept.id, concept.name, own), SUBCLASS, above)


def cross_references(card: Card, source: str, path: Path, report: Counter[str]) -> Iterator[Statement]:
    """What each concept of a source is in other vocabularies."""
    for concept in _concepts(source, path, report):
        own = category(concept.type, concept.id)
        for xref in concept.xrefs:
            yield made(card, named(concept.id, concept.name, own), CLOSE, named(xref, "", category(concept.type, xref)))


def _concepts(source: str, path: Path, report: Counter[str]) -> Iterator[Concept]:
    return (found for found in sources.read(source, path, report) if isinstance(found, Concept))
