"""Chemical Entities of Biological Interest (ChEBI), names without synonyms: CHEBI:6801 metformin."""

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
    name="chebi",
    title="Chemical Entities of Biological Interest (ChEBI), names without synonyms",
    version="2026-05-01",
    licence="CC BY 4.0",
    ship=True,
    url="https://www.ebi.ac.uk/chebi",
    citation="Hastings et al. 2016, doi:10.1093/nar/gkv1031",
    types=("Chemical",),
    pins=(_cellxgene.PIN,),
    own=OBO,
    counts={"concepts": 205_304, "names": 205_304},
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The terms that are not obsolete."""
    if is_own(path, *CARD.pins):
        return ontology(path, CARD, "CHEBI", report)
    return _cellxgene.of_one_type(path, CARD, "CHEBI-ontology-2026-05-01", report)
