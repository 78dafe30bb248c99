"""BioNLP Shared Task 2013, Cancer Genetics: angiogenesis in colon carcinoma (Cancer).

One document is one sentence: the columns of the public files do not say where an abstract ends.
Its development part is nearly all of AnatEM's, and its anatomical types are the ones that AnatEM merges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file
from biogloss.formats import conll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document
    from biogloss.errors import Failure
    from biogloss.formats._source import Report

CARD = Card(
    name="bionlp13cg",
    title="BioNLP Shared Task 2013, Cancer Genetics",
    citation="Pyysalo et al. 2015, doi:10.1186/1471-2105-16-S10-S2",
    url="http://2013.bionlp-st.org/tasks/cancer-genetics",
    licence="CC-BY-SA-3.0",
    ship=True,
    heads={
        "Gene_or_gene_product": ("Gene",),
        "Simple_chemical": ("Chemical",),
        "Organism": ("Species",),
        "Cancer": ("Anatomy", "Disease"),
        "Anatomical_system": ("Anatomy",),
        "Cell": ("Anatomy",),
        "Cellular_component": ("Anatomy",),
        "Developing_anatomical_structure": ("Anatomy",),
        "Immaterial_anatomical_entity": ("Anatomy",),
        "Multi-tissue_structure": ("Anatomy",),
        "Organ": ("Anatomy",),
        "Organism_subdivision": ("Anatomy",),
        "Organism_substance": ("Anatomy",),
        "Pathological_formation": ("Anatomy",),
        "Tissue": ("Anatomy",),
    },
    exhaustive=frozenset({"Species", "Gene", "Anatomy"}),
    counts={"train": (3033, 12012), "dev": (1003, 4015)},
    unit="sentence",
    example="angiogenesis in colon carcinoma (Cancer)",
)
_FILES = {"train": "train.tsv", "dev": "devel.tsv"}


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The sentences of one split, with the corpus's own types."""
    return conll.read(file("ner", "bionlp13cg", _FILES[split]), report=report)
