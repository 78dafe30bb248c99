"""NLM-Gene: a Drosophila insulin-like peptide (Gene)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file, part
from biogloss.documents import Document
from biogloss.formats import pubtator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CARD = Card(
    name="nlm_gene",
    title="NLM-Gene",
    citation="Islamaj et al. 2021, doi:10.1016/j.jbi.2021.103779",
    url="https://zenodo.org/record/5089049",
    licence="MIT (NCBI)",
    ship=True,
    heads={
        "Gene": ("Gene",),
        "FamilyName": ("Gene",),
        "DomainMotif": ("Gene",),
    },
    exhaustive=frozenset({"Gene"}),
    counts={"train": (387, 10980), "dev": (42, 1273)},
    example="a Drosophila insulin-like peptide (Gene)",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types; the development part is every tenth id."""
    read = pubtator.read(file("ner", "pubtator", "NLMgene_Train.PubTator"), report=report)
    return iter(part((document for document in read if isinstance(document, Document)), split, dev="nlm_gene_dev"))
