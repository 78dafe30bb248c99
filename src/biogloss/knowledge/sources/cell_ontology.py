"""Cell Ontology: CL:0000236 B cell, also B lymphocyte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.sources import _cellxgene
from biogloss.knowledge.sources._card import Card, is_own
from biogloss.knowledge.sources._own import OBO, ontology

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.concept import Concept

CARD = Card(
    name="cell_ontology",
    title="Cell Ontology",
    version="2026-03-26",
    licence="CC BY 4.0",
    ship=True,
    url="https://obophenotype.github.io/cell-ontology",
    citation="Diehl et al. 2016, doi:10.1186/s13326-016-0088-7",
    types=("CellType",),
    pins=(_cellxgene.PIN,),
    own=OBO,
    counts={"concepts": 3_324, "names": 6_092},
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The terms that are not obsolete."""
    if is_own(path, *CARD.pins):
        return ontology(path, CARD, "CL", report)
    return _cellxgene.of_one_type(path, CARD, "CL-ontology-v2026-03-26", report)
