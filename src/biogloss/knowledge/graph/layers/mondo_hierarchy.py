"""MONDO:0005148 type 2 diabetes mellitus is a kind of MONDO:0005015 diabetes mellitus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import SUBCLASS
from biogloss.knowledge.graph.layers import _hierarchy
from biogloss.knowledge.graph.layers._card import Card
from biogloss.knowledge.sources import mondo

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="mondo_hierarchy",
    title="Mondo Disease Ontology, what is a kind of what",
    version=mondo.CARD.version,
    licence=mondo.CARD.licence,
    url=mondo.CARD.url,
    citation=mondo.CARD.citation,
    infores="infores:mondo",
    predicates=(SUBCLASS,),
    pins=mondo.CARD.pins,
    counts={"statements": 41_908, "edges": 41_908},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """The statements, in the order of the source."""
    return _hierarchy.parents(CARD, "mondo", path, report)
