"""AIMed: PROTEIN1 (Gene) binds PROTEIN2 (Gene), so they interact.

Pairs of proteins whose names are hidden, of the part for training. 111 of its 4,680 rows, three of them related, mark
one of the proteins only, because it lies inside the other, and are left out.
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
    name="aimed",
    title="AIMed, protein-protein interaction",
    citation="Bunescu et al. 2005, doi:10.1016/j.artmed.2004.07.016",
    url="http://mars.cs.utu.fi/PPICorpora/",
    licence="None stated",
    ship=False,
    tasks=("relations",),
    gold={"relations": Gold((_ppi.INTERACTS,), {"train": 797})},
    heads={"Gene": ("Gene",)},
    counts={"train": (4569, 9138)},
    unit="sentence",
    example="PROTEIN1 (Gene) binds PROTEIN2 (Gene): interacts",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The pairs, all of them ``train``; those of one abstract have ids that differ in their last number only."""
    assert split == "train"
    return _ppi.pairs("AIMed-train.csv", report)
