"""Variants of human proteins as UniProt lists them.

VAR_000006  HSD3B2  P26439  p.Glu142Lys  lpp (likely pathogenic or pathogenic)  rs80358219
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.graph.biolink import VARIANT
from biogloss.knowledge.graph.layers._card import named
from biogloss.knowledge.sources._card import member
from biogloss.knowledge.sources._tryton import records
from biogloss.knowledge.sources.uniprot_diseases import CARD, PIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Node

__all__ = ["CARD", "FOLDER", "PIN", "Variant", "variants"]

FOLDER = "trytond/modules/health_genetics_uniprot/data/"


class Variant(NamedTuple):
    """A variant: its node, the protein's accession, and what it means clinically (``lpp``, ``lbb`` or ``us``)."""

    node: Node
    protein: str
    symbol: str
    significance: str


def variants(path: Path) -> Iterator[tuple[str, Variant]]:
    """(UniProt's id, variant) of each variant, in the order of the file."""
    with member(path, PIN, f"{FOLDER}gene_variants.xml") as stream:
        for identifier, row in records(stream, "gnuhealth.gene.variant"):
            symbol, change = row.get("gene", ""), row.get("aa_change", "")
            name = f"{symbol} {change}".strip()
            node = named(f"UniProtVariant:{identifier}", name, VARIANT)
            yield identifier, Variant(node, row.get("protein", ""), symbol, row.get("significance", ""))
