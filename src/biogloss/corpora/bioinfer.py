"""BioInfer: PROTEIN1 (Gene) binds PROTEIN2 (Gene), so they interact.

Pairs of proteins whose names are hidden, of the part for training. Each of the 7,367 rows marks both proteins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora import _ppi
from biogloss.corpora._card import Card, Gold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document
    from biogloss.formats._source import Report

CARD = Card(
    name="bioinfer",
    title="BioInfer, protein-protein interaction",
    citation="Pyysalo et al. 2007, doi:10.1186/1471-2105-8-50",
    url="http://mars.cs.utu.fi/BioInfer/",
    licence="None stated",
    ship=False,
    tasks=("relations",),
    gold={"relations": Gold((_ppi.INTERACTS,), {"train": 2028})},
    heads={"Gene": ("Gene",)},
    counts={"train": (7367, 14734)},
    unit="sentence",
    example="PROTEIN1 (Gene) binds PROTEIN2 (Gene): interacts",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The pairs, all of them ``train``; those of one abstract have ids that differ in their last number only."""
    assert split == "train"
    return _ppi.pairs("BioInfer-train.csv", report)
