"""BioRED: BRCA1 (GeneOrGeneProduct) in breast cancer (DiseaseOrPhenotypicFeature).

Its relations are between concepts; that some of them are marked as novel is not read. Four of the training part name
two concepts in one argument, as the mention does ("ventricular tachycardia and fibrillation", D017180|D014693).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file, unique
from biogloss.documents import Document
from biogloss.formats import pubtator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CARD = Card(
    name="biored",
    title="BioRED",
    citation="Luo et al. 2022, doi:10.1093/bib/bbac282",
    url="https://ftp.ncbi.nlm.nih.gov/pub/lu/BioRED/",
    licence="Public domain (NCBI)",
    ship=True,
    tasks=("ner", "relations"),
    gold={
        "relations": Gold(
            (
                *("Association", "Bind", "Comparison", "Conversion", "Cotreatment", "Drug_Interaction"),
                *("Negative_Correlation", "Positive_Correlation"),
            ),
            {"train": 3027, "dev": 764},
        )
    },
    heads={
        "GeneOrGeneProduct": ("Gene",),
        "DiseaseOrPhenotypicFeature": ("Disease",),
        "ChemicalEntity": ("Chemical",),
        "OrganismTaxon": ("Species",),
        "CellLine": ("CellLine",),
        "SequenceVariant": ("Variant",),
    },
    exhaustive=frozenset({"CellLine", "Chemical", "Disease", "Gene", "Species", "Variant"}),
    counts={"train": (269, 8894), "dev": (64, 2190)},
    example="BRCA1 (GeneOrGeneProduct) in breast cancer (DiseaseOrPhenotypicFeature)",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types."""
    name = {"train": "Train.PubTator", "dev": "Dev.PubTator"}[split]
    read = pubtator.read(file("relations", "biored", name), report=report)
    return iter(unique(document for document in read if isinstance(document, Document)))
