"""Which MeSH descriptors index an article? "Dopamine modulates responses to cocaine" has MESH:D003042, cocaine.

Title and abstract of the citations in PubMed's files that have an abstract and headings, with the descriptors as
classes, major or not; qualifiers and supplementary concepts are not among them. A document has a dozen of
some ten thousand, most of them rare.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.corpora import _pubmed
from biogloss.corpora._card import Card, Gold, split_of
from biogloss.documents import Citation, Document
from biogloss.errors import Failure
from biogloss.formats import pubmed_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CARD = Card(
    name="pubmed_mesh",
    title="MeSH descriptors of PubMed citations",
    citation="U.S. National Library of Medicine",
    url="https://pubmed.ncbi.nlm.nih.gov/download/",
    licence="Courtesy of the U.S. National Library of Medicine",
    ship=True,
    tasks=("classification",),
    gold={"classification": Gold((), {"train": 128194, "dev": 16365, "test": 16081})},
    counts={"train": (12078, 0), "dev": (1534, 0), "test": (1511, 0)},
    example="Dopamine modulates acute responses to cocaine: MESH:D003042",
)
_DESCRIPTOR = re.compile(r"MESH:D[0-9]+")


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The citations of one split, which is told by a hash of the PMID; of one that comes twice, the first."""
    seen = set[str]()
    for path in _pubmed.files():
        for found in pubmed_xml.read(path):
            if isinstance(found, Failure):
                yield found
            elif split_of(found.id) == split and found.id not in seen:
                seen.add(found.id)
                if document := _document(found):
                    yield document
                else:
                    report.note("pubmed_mesh: citation without abstract or descriptors left out")


def _document(found: Document) -> Document | None:
    """Title and abstract of a citation with their marks and its descriptors, but none of what else it says."""
    headings = found.citation.mesh if found.citation else ()
    labels = tuple(dict.fromkeys(heading.id for heading in headings if _DESCRIPTOR.fullmatch(heading.id)))
    own = [mark for mark in found.marks if not mark.language]
    abstract = next((mark for mark in own if mark.kind == "abstract" and not mark.label), None)
    if not labels or not abstract:
        return None
    end = abstract.span.end
    marks = tuple(mark for mark in own if mark.span.end <= end)
    return Document(found.id, found.text[:end], marks=marks, labels=labels, citation=Citation(pmid=found.id))
