"""Biomappings: identifiers that curators found to mean the same. mesh:D003924 is mondo:0005148."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.concept import Mapping
from biogloss.knowledge.curies import curie
from biogloss.knowledge.sources._card import Card
from biogloss.knowledge.sources._mesh_parts import BIOMAPPINGS as PIN
from biogloss.knowledge.sources._mesh_parts import POSITIVE, sssom

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

CARD = Card(
    name="biomappings",
    title="Biomappings, the curated ones",
    version="0.6.0",
    licence="CC0 1.0",
    ship=True,
    url="https://github.com/biopragmatics/biomappings",
    citation="Hoyt et al. 2022, doi:10.1093/bioinformatics/btad130",
    types=(),
    pins=(PIN,),
    counts={"mappings": 7_672},
)
# Those with concepts or mentions here.
KEPT = frozenset(
    {"mesh", "mondo", "doid", "hp", "omim", "ncit", "umls", "chebi", "drugbank", "uberon", "cl", "efo", "orphanet.ordo"}
    | {"ncbigene", "hgnc", "ncbitaxon"}
)


def mappings(path: Path, report: Counter[str]) -> Iterator[Mapping]:
    """The exact matches between the vocabularies in ``KEPT``, in the table's order."""
    for row in sssom(path, POSITIVE):
        prefixes = {row[side].partition(":")[0] for side in ("subject_id", "object_id")}
        if row["predicate_id"] != "skos:exactMatch" or not prefixes <= KEPT:
            report["mapping of other vocabularies, or not exact, left out"] += 1
            continue
        yield Mapping(curie(row["subject_id"]), curie(row["object_id"]), CARD.name)
