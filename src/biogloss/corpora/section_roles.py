"""Which role does a sentence play? "RESULTS: The fever fell. No one died." makes two sentences with the role results.

Sentences of the structured abstracts of PubMed, after PubMed 200k RCT (Dernoncourt and Lee 2017, arXiv:1710.06071), but
of all kinds of articles. The role is NLM's own category of the section where the file has it (to NLM, a trial's
registration and funding are background), and that of the section's label where it has not. The text of a document is
its sections without the labels, which would give the answer away, joined by one space; each sentence is a mark of the
kind ``sentence`` with its role as label.

An abstract is taken where every section has a role, two of them at least differ, and no sentence starts with a label.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.corpora import _pubmed
from biogloss.corpora._card import Card, Gold, split_of
from biogloss.documents import Citation, Document, Mark
from biogloss.documents.sentences import sentences
from biogloss.errors import Failure
from biogloss.formats._xml import Record, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

    from biogloss.formats._source import Report

ROLES = ("background", "objective", "methods", "results", "conclusions")
CARD = Card(
    name="section_roles",
    title="Roles of sentences in structured abstracts of PubMed",
    citation="U.S. National Library of Medicine; after Dernoncourt and Lee 2017, arXiv:1710.06071",
    url="https://pubmed.ncbi.nlm.nih.gov/download/",
    licence="Courtesy of the U.S. National Library of Medicine",
    ship=True,
    tasks=("roles",),
    gold={"roles": Gold(ROLES, {"train": 54872, "dev": 7223, "test": 6894})},
    counts={"train": (4539, 0), "dev": (597, 0), "test": (564, 0)},
    example="The fever fell: results",
)
# Labels of sections that had no category yet when the file was made, under the category that NLM gives such labels.
_LABELS: Mapping[str, Sequence[str]] = {
    "background": ("BACKGROUND", "CONTEXT", "INTRODUCTION", "MOTIVATION", "RATIONALE"),
    "objective": (
        *("AIM", "AIM OF THE STUDY", "AIMS", "BACKGROUND AND AIM", "BACKGROUND AND AIMS", "BACKGROUND AND OBJECTIVE"),
        *("BACKGROUND AND OBJECTIVES", "BACKGROUND AND PURPOSE", "GOAL", "GOALS", "HYPOTHESIS", "IMPORTANCE"),
        *("OBJECTIVE", "OBJECTIVES", "PURPOSE", "STUDY OBJECTIVE", "STUDY OBJECTIVES"),
    ),
    "methods": (
        *("DESIGN", "DESIGN, SETTING, AND PARTICIPANTS", "EXPOSURES", "INTERVENTION", "INTERVENTIONS"),
        *("MAIN OUTCOME MEASURES", "MAIN OUTCOMES AND MEASURES", "MATERIAL AND METHODS", "MATERIALS AND METHODS"),
        *("MEASUREMENTS", "METHOD", "METHODOLOGY", "METHODS", "METHODS AND MATERIALS", "PARTICIPANTS", "PATIENTS"),
        *("PATIENTS AND METHODS", "SETTING", "SETTINGS AND DESIGN", "STATISTICAL ANALYSIS", "STUDY DESIGN"),
        *("SUBJECTS AND METHODS",),
    ),
    "results": ("FINDINGS", "KEY RESULTS", "MAIN RESULTS", "RESULT", "RESULTS"),
    "conclusions": (
        *("CONCLUSION", "CONCLUSIONS", "CONCLUSIONS AND RELEVANCE", "DISCUSSION", "IMPLICATIONS", "INTERPRETATION"),
        *("LIMITATIONS", "SIGNIFICANCE"),
    ),
}
_ROLE_OF = {label: role for role, labels in _LABELS.items() for label in labels}
_STARTS_WITH_LABEL = re.compile(rf"(?i:{'|'.join(map(re.escape, _ROLE_OF))}) ?:")
Section = tuple[str, str]  # role and text


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The abstracts of one split, which is told by a hash of the PMID."""
    seen = set[str]()
    for path in _pubmed.files():
        for record in records(path, ("PubmedArticle",), step="section_roles"):
            if isinstance(record, Failure):
                yield record
                continue
            pmid = (record.element.findtext("MedlineCitation/PMID") or "").strip()
            if split_of(pmid) == split and pmid not in seen:
                seen.add(pmid)
                yield from _documents(pmid, record, report)


def _documents(pmid: str, record: Record, report: Report) -> Iterator[Document]:
    """The document of a record, or none."""
    elements = record.element.findall("MedlineCitation/Article/Abstract/AbstractText")
    if not any(element.get("Label") for element in elements):
        return
    sections = [(_role(element), words) for element in elements if (words := _words(element))]
    if len({role for role, _ in sections}) < 2 or any(not role for role, _ in sections):
        report.note("section_roles: abstract left out, a section of it has no role, or all have the same")
        return
    document = _document(pmid, sections)
    if any(_STARTS_WITH_LABEL.match(document.text, mark.span.start) for mark in document.marks):
        report.note("section_roles: abstract left out, a sentence of it starts with a label")
        return
    yield document


def _role(element: Element) -> str:
    category = element.get("NlmCategory", "").lower()
    label = " ".join(element.get("Label", "").upper().split())
    return category if category in ROLES else _ROLE_OF.get(label, "")


def _words(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _document(pmid: str, sections: Sequence[Section]) -> Document:
    marks, start = list[Mark](), 0
    for role, words in sections:
        marks += [Mark(span.shift(start), "sentence", role) for span in sentences(words)]
        start += len(words) + 1
    text = " ".join(words for _, words in sections)
    return Document(pmid, text, marks=tuple(marks), citation=Citation(pmid=pmid))
