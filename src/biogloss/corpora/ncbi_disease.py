"""NCBI disease corpus: a common human cancer (DiseaseClass) syndrome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file, part, unique
from biogloss.documents import Document
from biogloss.formats import pubtator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CARD = Card(
    name="ncbi_disease",
    title="NCBI disease corpus",
    citation="Dogan et al. 2014, doi:10.1016/j.jbi.2013.12.006",
    url="https://www.ncbi.nlm.nih.gov/CBBresearch/Dogan/DISEASE/",
    licence="MIT (NCBI)",
    ship=True,
    heads={
        "SpecificDisease": ("Disease",),
        "DiseaseClass": ("Disease",),
        "Modifier": ("Disease",),
        "CompositeMention": ("Disease",),
    },
    exhaustive=frozenset({"Disease"}),
    counts={"train": (592, 5133), "dev": (100, 787), "test": (100, 960)},
    example="a common human cancer (DiseaseClass) syndrome",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types."""
    if split == "test":
        return iter(unique(_read("NCBIdisease_Test.PubTator", report)))
    return iter(part(_read("NCBIdisease_TrainDev.PubTator", report), split, dev="ncbi_disease_dev"))


def _read(name: str, report: Report) -> Iterator[Document]:
    found = pubtator.read(file("ner", "pubtator", name), report=report)
    return (document for document in found if isinstance(document, Document))
