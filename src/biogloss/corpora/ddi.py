"""DDI 2013, drug-drug interaction: "Placidol (drug) may raise the levels of drugol (drug)", a mechanism.

    <sentence id="DDI-DrugBank.d1.s0" text="Placidol may raise the levels of drugol.">
      <entity id="DDI-DrugBank.d1.s0.e0" charOffset="0-7" type="drug" text="Placidol"/> ...
      <pair id="DDI-DrugBank.d1.s0.p0" e1="DDI-DrugBank.d1.s0.e0" e2="..." ddi="true" type="mechanism"/>

A document is a sentence of a MEDLINE abstract or a DrugBank text. Offsets name the last character; mentions may be in
several pieces. Read from the archive, which is not unpacked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.documents import Document, Entity, Relation, Span, entity_at
from biogloss.errors import Failure, FormatError
from biogloss.formats import _archive
from biogloss.formats._holds import ROLES
from biogloss.formats._source import WRONG_OFFSETS
from biogloss.formats._xml import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from biogloss.formats._source import Report

LABELS = ("advise", "effect", "int", "mechanism")
CARD = Card(
    name="ddi",
    title="DDI 2013, drug-drug interaction",
    citation="Herrero-Zazo et al. 2013, doi:10.1016/j.jbi.2013.07.011",
    url="https://github.com/isegura/DDICorpus",
    licence="CC-BY-NC-4.0",
    ship=False,
    tasks=("relations",),
    gold={"relations": Gold(LABELS, {"train": 4020})},
    heads=dict.fromkeys(("drug", "brand", "group", "drug_n"), ("Chemical",)),
    counts={"train": (6905, 14764)},
    unit="sentence",
    example="Placidol (drug) may raise the levels of drugol (drug): mechanism",
)
_OFFSETS = re.compile(r"[0-9]{1,7}-[0-9]{1,7}(?:;[0-9]{1,7}-[0-9]{1,7})*")


def documents(split: str, report: Report) -> Iterator[Document | Failure]:
    """The sentences with a text, all of them ``train``; those of one text have ids that differ in their last number.

    Left out are mentions whose words are not those at their offsets, with their relations, and a relation without type.
    """
    assert split == "train"
    for held in _archive.files(file("relations", "ddi-RESTRICTED", "train.zip"), ".xml"):
        for record in records(held, ("document",), step="ddi"):
            if isinstance(record, Failure):
                yield record
                continue
            sentences = (one for one in record.element.iterfind("sentence") if one.get("text"))
            for number, sentence in enumerate(sentences, 1):
                try:
                    yield _document(f"{record.element.get('id')}-{number}", sentence, report)
                except ValueError as error:
                    place = f"sentence {sentence.get('id', '')[:60]}"
                    raise FormatError(str(error), file=str(held), place=place, todo="Copy the corpus again") from error


def _document(name: str, sentence: Element, report: Report) -> Document:
    text = sentence.get("text", "")
    entities = {one.get("id", ""): _entity(text, one) for one in sentence.iterfind("entity")}
    kept = {name: entity for name, entity in entities.items() if entity}
    report[f"ddi: mention {WRONG_OFFSETS}"] += len(entities) - len(kept)
    relations = []
    for pair in sentence.iterfind("pair"):
        if pair.get("ddi") == "true":
            ends = [pair.get(end, "") for end in ("e1", "e2")]
            if pair.get("type") in LABELS and all(end in kept for end in ends):
                arguments = tuple((role, kept[end].id) for role, end in zip(ROLES, ends, strict=True))
                relations.append(Relation(_last(pair), pair.get("type", ""), arguments))
            else:
                report.note("ddi: relation without type, or of a mention left out, left out")
    return Document(name, text, entities=tuple(kept.values()), relations=tuple(relations))


def _entity(text: str, element: Element) -> Entity | None:
    """The mention, or None where its words are others than those at its offsets; white space is not compared."""
    offsets = element.get("charOffset", "")
    if not _OFFSETS.fullmatch(offsets):
        what = f"charOffset {offsets[:60]!r}; expected offsets such as 0-7;12-14"
        raise ValueError(what)
    edges = sorted((int(start), int(end) + 1) for start, end in (one.split("-") for one in offsets.split(";")))
    spans = [Span(start, end) for start, end in edges]
    if spans[-1].end > len(text):
        return None
    entity = entity_at(text, spans, element.get("type", ""), id=_last(element))
    return entity if "".join(entity.text.split()) == "".join(element.get("text", "").split()) else None


def _last(element: Element) -> str:
    """The part of an id that names a thing in its sentence."""
    return element.get("id", "").rpartition(".")[2]
