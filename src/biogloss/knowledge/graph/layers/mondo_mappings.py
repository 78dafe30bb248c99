"""MONDO:0005148 type 2 diabetes mellitus is MESH:D003924."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import CLOSE
from biogloss.knowledge.graph.layers import _hierarchy
from biogloss.knowledge.graph.layers._card import Card
from biogloss.knowledge.sources import mondo

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="mondo_mappings",
    title="Mondo Disease Ontology, what a disease is in other vocabularies",
    version=mondo.CARD.version,
    licence=mondo.CARD.licence,
    url=mondo.CARD.url,
    citation=mondo.CARD.citation,
    infores="infores:mondo",
    predicates=(CLOSE,),
    pins=mondo.CARD.pins,
    counts={"statements": 107_605, "edges": 107_605},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """The statements, in the order of the source."""
    return _hierarchy.cross_references(CARD, "mondo", path, report)
