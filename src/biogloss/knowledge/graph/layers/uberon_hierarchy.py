"""UBERON:0001905 pineal body is a kind of UBERON:0010134 secretory circumventricular organ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import SUBCLASS
from biogloss.knowledge.graph.layers import _hierarchy
from biogloss.knowledge.graph.layers._card import Card
from biogloss.knowledge.sources import uberon

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="uberon_hierarchy",
    title="Uber-anatomy ontology, what is a kind of what",
    version=uberon.CARD.version,
    licence=uberon.CARD.licence,
    url=uberon.CARD.url,
    citation=uberon.CARD.citation,
    infores="infores:uberon",
    predicates=(SUBCLASS,),
    pins=uberon.CARD.pins,
    counts={"statements": 31_692, "edges": 31_692},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """The statements, in the order of the source."""
    return _hierarchy.parents(CARD, "uberon", path, report)
