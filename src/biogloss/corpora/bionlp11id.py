"""BioNLP Shared Task 2011, Infectious Diseases: the Salmonella (Organism) regulator SsrB (Protein).

One document is one sentence: the columns of the public files do not say where an abstract ends.
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
    name="bionlp11id",
    title="BioNLP Shared Task 2011, Infectious Diseases",
    citation="Pyysalo et al. 2012, doi:10.1186/1471-2105-13-S11-S2",
    url="http://2011.bionlp-st.org/home/infectious-diseases",
    licence="CC-BY-4.0",
    ship=True,
    heads={
        "Protein": ("Gene",),
        "Organism": ("Species",),
        "Chemical": ("Chemical",),
    },
    exhaustive=frozenset({"Species"}),
    counts={"train": (2496, 5664), "dev": (721, 1571)},
    unit="sentence",
    example="the Salmonella (Organism) regulator SsrB (Protein)",
)
_FILES = {"train": "train.tsv", "dev": "devel.tsv"}


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The sentences of one split, with the corpus's own types."""
    return conll.read(file("ner", "bionlp11id", _FILES[split]), report=report)
