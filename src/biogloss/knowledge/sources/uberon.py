"""Uber-anatomy ontology: UBERON:0001905 pineal body, also pineal gland."""

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
    name="uberon",
    title="Uber-anatomy ontology",
    version="2026-04-01",
    licence="CC BY 3.0",
    ship=True,
    url="https://uberon.org",
    citation="Mungall et al. 2012, doi:10.1186/gb-2012-13-1-r5",
    types=("Anatomy",),
    pins=(_cellxgene.PIN,),
    own=OBO,
    counts={"concepts": 14_971, "names": 39_780},
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The terms that are not obsolete."""
    if is_own(path, *CARD.pins):
        return ontology(path, CARD, "UBERON", report)
    return _cellxgene.of_one_type(path, CARD, "UBERON-ontology-v2026-04-01", report)
