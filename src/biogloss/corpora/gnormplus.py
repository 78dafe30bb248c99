"""GNormPlus: the FGF7 (Gene) receptor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file, part
from biogloss.documents import Document
from biogloss.formats import pubtator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CARD = Card(
    name="gnormplus",
    title="GNormPlus",
    citation="Wei et al. 2015, doi:10.1155/2015/918710",
    url="https://www.ncbi.nlm.nih.gov/research/bionlp/Tools/gnormplus/",
    licence="MIT (NCBI)",
    ship=True,
    heads={
        "Gene": ("Gene",),
        "FamilyName": ("Gene",),
        "DomainMotif": ("Gene",),
    },
    exhaustive=frozenset({"Gene"}),
    counts={"train": (385, 5112), "dev": (42, 556)},
    example="the FGF7 (Gene) receptor",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types; the development part is every tenth id."""
    read = pubtator.read(file("ner", "pubtator", "GNormPlus_Train.PubTator"), report=report)
    return iter(part((document for document in read if isinstance(document, Document)), split, dev="gnormplus_dev"))
