"""BioCreative II gene mention: positive for S-100 (GENE) in all 9 cases.

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
    name="bc2gm",
    title="BioCreative II gene mention",
    citation="Smith et al. 2008, doi:10.1186/gb-2008-9-s2-s2",
    url="https://biocreative.bioinformatics.udel.edu/tasks/biocreative-ii/",
    licence="CC-BY-4.0 (as redistributed by Crichton et al. 2017)",
    ship=True,
    heads={
        "GENE": ("Gene",),
    },
    exhaustive=frozenset({"Gene"}),
    counts={"train": (12574, 15197), "dev": (2519, 3061)},
    unit="sentence",
    example="positive for S-100 (GENE) in all 9 cases",
)
_FILES = {"train": "train.tsv", "dev": "devel.tsv"}


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The sentences of one split, with the corpus's own types."""
    return conll.read(file("ner", "bc2gm", _FILES[split]), report=report)
