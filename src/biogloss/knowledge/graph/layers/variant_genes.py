"""Which protein a variant changes: UniProtVariant:VAR_000006, p.Glu142Lys, of UniProt:P26439."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.layers import _uniprot
from biogloss.knowledge.graph.layers._card import Card, made, named

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="variant_genes",
    title="UniProt, human variants and their proteins",
    version=_uniprot.CARD.version,
    licence=_uniprot.CARD.licence,
    url="https://www.uniprot.org/docs/humsavar",
    citation=_uniprot.CARD.citation,
    infores="infores:uniprot",
    predicates=("biolink:is_sequence_variant_of",),
    pins=(_uniprot.PIN,),
    counts={"statements": 82_581, "edges": 82_581},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement for each variant; what it means clinically is the evidence's label."""
    for _, variant in _uniprot.variants(path):
        if not variant.protein:
            report["variant without protein left out"] += 1
            continue
        protein = named(f"UniProt:{variant.protein}", variant.protein, "biolink:Protein")
        yield made(CARD, variant.node, CARD.predicates[0], protein, label=variant.significance)
