"""BioCreative V chemical-disease relation (BC5CDR): Selegiline (Chemical) induced postural hypotension (Disease)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file, part, unique
from biogloss.documents import Document
from biogloss.formats import pubtator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CARD = Card(
    name="bc5cdr",
    title="BioCreative V chemical-disease relation (BC5CDR)",
    citation="Li et al. 2016, doi:10.1093/database/baw068",
    url="https://biocreative.bioinformatics.udel.edu/tasks/biocreative-v/track-3-cdr/",
    licence="MIT (NCBI)",
    ship=True,
    heads={
        "Chemical": ("Chemical",),
        "Disease": ("Disease",),
    },
    exhaustive=frozenset({"Chemical", "Disease"}),
    counts={"train": (500, 9383), "dev": (500, 9591), "test": (500, 9796)},
    example="Selegiline (Chemical) induced postural hypotension (Disease)",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types."""
    if split == "test":
        return iter(unique(_read("BC5CDR_Test.PubTator", report)))
    return iter(part(_read("BC5CDR_TrainDev.PubTator", report), split, dev="bc5cdr_dev"))


def _read(name: str, report: Report) -> Iterator[Document]:
    found = pubtator.read(file("ner", "pubtator", name), report=report)
    return (document for document in found if isinstance(document, Document))
