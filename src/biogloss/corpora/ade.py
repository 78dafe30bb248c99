"""Adverse drug effects (ADE): a rash (Disease) after amoxicillin (Chemical), and dosages.

    11|He had a rash after amoxicillin.|a rash|107|113|amoxicillin|120|131          DRUG-AE.rel
    11|He took amoxicillin, 5 g.|5 g|221|224|amoxicillin|208|219                    DRUG-DOSE.rel
    11 NEG The rash went.                                                           ADE-NEG.txt

A document is a sentence with all its rows. The rows' offsets count characters of an abstract that is not given; the
sentence starts there where most of its rows agree. Only mentions in a relation are marked, so no head is exhaustive.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._parts import Numbers
from biogloss.corpora._rows import Row, cell_rows
from biogloss.documents import Citation, Document, Entity, Relation, Span, entity_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.formats._source import Report

EFFECT, DOSAGE, NONE = "adverse-effect", "dosage", "none"
CARD = Card(
    name="ade",
    title="Adverse drug effects (ADE)",
    citation="Gurulingappa et al. 2012, doi:10.1016/j.jbi.2012.04.008",
    url="https://sites.google.com/site/adecorpus/",
    licence="None stated, citation asked",
    ship=False,
    tasks=("relations", "classification"),
    gold={
        "relations": Gold((EFFECT, DOSAGE), {"train": 7100}),
        "classification": Gold((EFFECT, NONE), {"train": 20960}),
    },
    heads={"Chemical": ("Chemical",), "Disease": ("Disease",), "Dosage": ("Dosage",)},
    counts={"train": (20960, 11069)},
    unit="sentence",
    example="a rash (Disease) after amoxicillin (Chemical): adverse-effect",
)
_CELLS = ("pmid", "sentence", "words", "start", "end", "drug", "drug start", "drug end")


@dataclass(frozen=True, slots=True)
class _Mention:
    """A mention with its offsets in the abstract."""

    label: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a row says of its sentence: the drug, and its effect or dosage."""

    label: str
    mentions: tuple[_Mention, _Mention]


def documents(split: str, report: Report) -> Iterator[Document]:
    """The sentences, all of them ``train``: those with an effect, then those without; one that comes twice comes once.

    A relation whose mentions are not in the sentence at its offsets is left out.
    """
    assert split == "train"
    found: dict[tuple[str, str], list[_Stated]] = {}
    for name, label, kind in (("DRUG-AE.rel", EFFECT, "Disease"), ("DRUG-DOSE.rel", DOSAGE, "Dosage")):
        for row in cell_rows(file("relations", "ade", name), _CELLS, "|"):
            found.setdefault((row["pmid"], row["sentence"]), []).append(_Stated(label, _mentions(row, kind)))
    for row in cell_rows(file("relations", "ade", "ADE-NEG.txt"), ("pmid", "sentence"), " NEG "):
        if _has_effect(found.setdefault((row["pmid"], row["sentence"]), [])):
            raise row.damaged("the sentence is also among those with an effect")
    numbers = Numbers()
    for (pmid, sentence), stated in found.items():
        yield _document(numbers.next(pmid), sentence, stated, report)


def _mentions(row: Row, kind: str) -> tuple[_Mention, _Mention]:
    drug = _Mention("Chemical", row["drug"], row.whole("drug start"), row.whole("drug end"))
    return drug, _Mention(kind, row["words"], row.whole("start"), row.whole("end"))


def _document(name: str, sentence: str, stated: Sequence[_Stated], report: Report) -> Document:
    entities: dict[tuple[str, Span], Entity] = {}
    relations: list[Relation] = []
    begin = _begin(sentence, stated)
    for one in stated:
        placed = [(mention.label, span) for mention in one.mentions if (span := _span(sentence, mention, begin))]
        if len(placed) < len(one.mentions):
            report.note("ade: relation left out, its mentions are not in the sentence at its offsets")
            continue
        for label, span in placed:
            fresh = entity_at(sentence, span, label, id=f"T{len(entities) + 1}")
            entities.setdefault((label, span), fresh)
        arguments = tuple((label, entities[label, span].id) for label, span in placed)
        relations.append(Relation(f"R{len(relations) + 1}", one.label, arguments))
    return Document(
        name,
        sentence,
        entities=tuple(entities.values()),
        relations=tuple(relations),
        labels=(EFFECT if _has_effect(stated) else NONE,),
        citation=Citation(pmid=name.partition("-")[0]),
    )


def _has_effect(stated: Sequence[_Stated]) -> bool:
    return any(one.label == EFFECT for one in stated)


def _begin(sentence: str, stated: Sequence[_Stated]) -> int:
    """Where in the abstract the sentence begins: where most of its rows would have both of their mentions in it."""
    votes = Counter[int]()
    for one in stated:
        drug, other = (_begins(sentence, mention) for mention in one.mentions)
        votes.update(drug & other)
    return min(votes, key=lambda begin: (-votes[begin], begin), default=0)


def _begins(sentence: str, mention: _Mention) -> set[int]:
    return {mention.start - found.start() for found in re.finditer(re.escape(mention.words), sentence)}


def _span(sentence: str, mention: _Mention, begin: int) -> Span | None:
    start, end = mention.start - begin, mention.end - begin
    return Span(start, end) if 0 <= start < end and sentence[start:end] == mention.words else None
