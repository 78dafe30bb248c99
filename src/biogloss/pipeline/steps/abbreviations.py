"""Abbreviations that a text defines become marks, and entities follow from them.

    "Heart rate (HR) rose; HR-matched dogs ..."  -> a mark on the first HR, its label "Heart rate"

What is a definition, ``documents.abbreviations`` says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biogloss.documents import Document, Entity, Mark, Span, entity_at
from biogloss.documents.abbreviations import abbreviations, first_definitions, mentions
from biogloss.pipeline.steps._entities import with_new

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biogloss.documents.abbreviations import Abbreviation

KIND = "abbreviation"
SOURCE = "abbreviations"


def step() -> Callable[[Document], Document]:
    """The step that marks definitions and lets short and long forms agree on their type.

    Each definition becomes a mark of kind ``abbreviation`` on the short form, its ``label`` the long form's words:
    :func:`expansions` reads them back. Where an entity covers most of the long form up to its last word, the mentions
    of the short form from its definition on take its type: entities with exactly their spans are relabelled, and where
    no entity is, one is added (source ``abbreviations``, the long form's links and score). A document that has such
    marks already stays as it is.
    """
    return _annotated


def expansions(document: Document) -> dict[str, str]:
    """Short form to long form, as the step marked them; the first definition of a short form counts."""
    found: dict[str, str] = {}
    for mark in document.marked(KIND):
        found.setdefault(document.text[mark.span.start : mark.span.end], mark.label)
    return found


def _annotated(document: Document) -> Document:
    if document.marked(KIND):
        return document
    text = document.text
    pairs = abbreviations(text)
    marks = [Mark(pair.short, KIND, label=text[pair.long.start : pair.long.end]) for pair in pairs]
    marked = document.with_marks((*document.marks, *marks)) if marks else document
    return _agreed(marked, pairs)


def _agreed(document: Document, pairs: Sequence[Abbreviation]) -> Document:
    """Give every mention of a short form the type of its long form."""
    text, entities, added = document.text, list(document.entities), []
    at = {entity.spans: number for number, entity in reversed(list(enumerate(entities)))}
    taken = bytearray(len(text))
    for entity in entities:
        for span in entity.spans:
            taken[span.start : span.end] = b"\x01" * len(span)
    for pair in first_definitions(text, pairs):
        if (long := _entity_of(document, pair.long)) is None:
            continue
        for mention in mentions(text, text[pair.short.start : pair.short.end], pair.short.start):
            if (number := at.get((mention,))) is not None:
                entities[number] = _of_type(entities[number], long)
            elif not any(taken[mention.start : mention.end]):
                added.append(entity_at(text, mention, long.label, links=long.links, source=SOURCE, score=long.score))
                taken[mention.start : mention.end] = b"\x01" * len(mention)
    return document.with_entities(with_new(entities, added))


def _entity_of(document: Document, long: Span) -> Entity | None:
    """The longest entity that ends with the long form and covers most of it: its head decides what it is."""
    latest_start = (long.start + long.end) // 2
    ending = [e for e in document.entities if e.end == long.end and len(e.spans) == 1 and e.start <= latest_start]
    return min(ending, key=lambda entity: entity.start, default=None)


def _of_type(entity: Entity, long: Entity) -> Entity:
    """The entity with the long form's type; links of another type go, as they name something else."""
    return entity if entity.label == long.label else replace(entity, label=long.label, links=long.links)
