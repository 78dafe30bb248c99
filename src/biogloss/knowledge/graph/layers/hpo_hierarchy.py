"""HP:0000003 multicystic kidney dysplasia is a kind of HP:0000107 renal cyst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import SUBCLASS
from biogloss.knowledge.graph.layers import _hierarchy
from biogloss.knowledge.graph.layers._card import Card
from biogloss.knowledge.sources import hpo

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="hpo_hierarchy",
    title="Human Phenotype Ontology, what is a kind of what",
    version=hpo.CARD.version,
    licence=hpo.CARD.licence,
    url=hpo.CARD.url,
    citation=hpo.CARD.citation,
    infores="infores:hpo",
    predicates=(SUBCLASS,),
    pins=hpo.CARD.pins,
    counts={"statements": 23_677, "edges": 23_677},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """The statements, in the order of the source."""
    return _hierarchy.parents(CARD, "hpo", path, report)
