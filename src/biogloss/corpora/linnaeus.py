"""LINNAEUS species corpus: in the yeast Saccharomyces cerevisiae (Species).

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
    name="linnaeus",
    title="LINNAEUS species corpus",
    citation="Gerner et al. 2010, doi:10.1186/1471-2105-11-85",
    url="http://linnaeus.sourceforge.net/",
    licence="CC-BY-4.0",
    ship=True,
    heads={
        "Species": ("Species",),
    },
    exhaustive=frozenset({"Species"}),
    counts={"train": (11935, 2119), "dev": (4078, 711)},
    unit="sentence",
    example="in the yeast Saccharomyces cerevisiae (Species)",
)
_FILES = {"train": "train.tsv", "dev": "devel.tsv"}


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The sentences of one split, with the corpus's own types."""
    return conll.read(file("ner", "linnaeus", _FILES[split]), report=report)
