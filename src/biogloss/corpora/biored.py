"""BioRED: BRCA1 (GeneOrGeneProduct) in breast cancer (DiseaseOrPhenotypicFeature)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file, unique
from biogloss.documents import Document
from biogloss.formats import pubtator

if TYPE_CHECKING:
    from collections.abc import Iterator


CARD = Card(
    name="biored",
    title="BioRED",
    citation="Luo et al. 2022, doi:10.1093/bib/bbac282",
    url="https://ftp.ncbi.nlm.nih.gov/pub/lu/BioRED/",
    licence="Public domain (NCBI)",
    ship=True,
    heads={
        "GeneOrGeneProduct": ("Gene",),
        "DiseaseOrPhenotypicFeature": ("Disease",),
        "ChemicalEntity": ("Chemical",),
        "OrganismTaxon": ("Species",),
        "CellLine": ("CellLine",),
    },
    exhaustive=frozenset({"CellLine", "Chemical", "Disease", "Gene", "Species"}),
    counts={"train": (269, 8428), "dev": (64, 2065)},
    example="BRCA1 (GeneOrGeneProduct) in breast cancer (DiseaseOrPhenotypicFeature)",
)


def documents(split: str) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types."""
    name = {"train": "Train.PubTator", "dev": "Dev.PubTator"}[split]
    read = pubtator.read(file("relations", "biored", name))
    return iter(unique(document for document in read if isinstance(document, Document)))
