"""Anatomical Entity Mention corpus (AnatEM): migration of endothelial cells (Anatomy).

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
    name="anatem",
    title="Anatomical Entity Mention corpus (AnatEM)",
    citation="Pyysalo and Ananiadou 2014, doi:10.1093/bioinformatics/btt580",
    url="http://nactem.ac.uk/anatomytagger/",
    licence="CC-BY-SA-3.0",
    ship=True,
    heads={
        "Anatomy": ("Anatomy",),
    },
    exhaustive=frozenset({"Anatomy"}),
    counts={"train": (5861, 6946), "dev": (2118, 2139)},
    unit="sentence",
    example="migration of endothelial cells (Anatomy)",
)
_FILES = {"train": "train.tsv", "dev": "devel.tsv"}


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The sentences of one split, with the corpus's own types."""
    return conll.read(file("ner", "anatem", _FILES[split]), report=report)
