"""BioCreative V chemical-disease relation, its relations: alpha-methyldopa induces hypotension (CID).

The training abstracts of :mod:`bc5cdr` as BioC has them: with the relations, which are between MeSH concepts, and with
mentions in several pieces ("visual or auditory toxicity" is also two mentions). The development and test parts have no
relations here, so folds by document take their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.formats import bioc_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document
    from biogloss.errors import Failure
    from biogloss.formats._source import Report

CARD = Card(
    name="cdr",
    title="BioCreative V chemical-disease relation, its relations (CDR)",
    citation="Li et al. 2016, doi:10.1093/database/baw068",
    url="https://biocreative.bioinformatics.udel.edu/tasks/biocreative-v/track-3-cdr/",
    licence="Public domain (NLM, CTD)",
    ship=True,
    tasks=("relations",),
    gold={"relations": Gold(("CID",), {"train": 1038})},
    heads={"Chemical": ("Chemical",), "Disease": ("Disease",)},
    exhaustive=frozenset({"Chemical", "Disease"}),
    counts={"train": (500, 9567)},
    example="alpha-methyldopa (Chemical) induces hypotension (Disease): CID",
)


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The abstracts, all of them ``train``; three mentions whose words are not those at their offsets are left out."""
    assert split == "train"
    return bioc_xml.read(file("relations", "bc5cdr-cid", "CDR_TrainSet.BioC.xml.gz"), report=report)
