"""Abbreviations that a text defines become marks, and entities follow from them.

    "Heart rate (HR) rose; HR-matched dogs ..."  -> a mark on the first HR, its label "Heart rate"

What is a definition, ``documents.abbreviations`` says.
"""

from __future__ import annotations

from collections import defaultdict
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
    of the short form from its definition on take its type: an entity with exactly their spans is relabelled, unless one
    there is of the type already; where no entity is, one is added (source ``abbreviations``, the long form's links and
    score). A document that has such marks already stays as it is.
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
    at = defaultdict[tuple[Span, ...], list[int]](list)
    taken = bytearray(len(text))
    for number, entity in enumerate(entities):
        at[entity.spans].append(number)
        for span in entity.spans:
            taken[span.start : span.end] = b"\x01" * len(span)
    for pair in first_definitions(text, pairs):
        if (long := _entity_of(document, pair.long)) is None:
            continue
        for mention in mentions(text, text[pair.short.start : pair.short.end], pair.short.start):
            if numbers := at.get((mention,)):
                _agree(entities, numbers, long)
            elif not any(taken[mention.start : mention.end]):
                added.append(entity_at(text, mention, long.label, links=long.links, source=SOURCE, score=long.score))
                taken[mention.start : mention.end] = b"\x01" * len(mention)
    return document.with_entities(with_new(entities, added))


def _entity_of(document: Document, long: Span) -> Entity | None:
    """The longest entity that ends with the long form and covers most of it: its head decides what it is."""
    latest_start = (long.start + long.end) // 2
    ending = [e for e in document.entities if e.end == long.end and len(e.spans) == 1 and e.start <= latest_start]
    return min(ending, key=lambda entity: entity.start, default=None)


def _agree(entities: list[Entity], numbers: Sequence[int], long: Entity) -> None:
    """Let the first of the entities at a mention have the long form's type, where none has it.

    Its links go, as they name something of another type.
    """
    if long.label not in {entities[number].label for number in numbers}:
        entities[numbers[0]] = replace(entities[numbers[0]], label=long.label, links=long.links)
