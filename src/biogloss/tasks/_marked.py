"""A text that shows which two of its mentions are asked about, or all of them.

    placeholders    "@Chemical$-induced @Disease$ was seen."
    markers         "<Chemical> Selegiline </Chemical>-induced <Disease> postural hypotension </Disease> was seen."
    tagged          "@ Selegiline @-induced # postural hypotension # was seen."

The names mislead a model that has little to learn from; with placeholders it reads the sentence between them (Gu et al.
2021, arXiv 2007.15779, 5.3). Mentions that overlap one another stay as they are. Tags, a character for each type (Zhou
and Chen 2022, arXiv 2102.01373), show all mentions at once, so that one pass serves every pair.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biogloss.documents import Span
from biogloss.documents.edits import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from biogloss.documents import Document, Entity
    from biogloss.tasks._candidates import Candidate

PLACEHOLDERS, MARKERS, TAGGED = "placeholders", "markers", "tagged"
TAGS = "@#$^*~+=|&"
"""Of the types, in alphabetical order; any beyond these have the last."""


def marked(document: Document, candidate: Candidate, form: str) -> tuple[str, list[Span], list[Span]]:
    """The sentence of a candidate's closest mentions, or the text where no sentence holds both, as it is asked about.

    Returns:
        The text, and where the mentions of both arguments stand in it.
    """
    bare, edits = shown(document, candidate, form)
    made = apply(bare, edits).document
    places = {entity.id: Span(entity.start, entity.end) for entity in made.entities}
    one, other = (
        [places[entity.id] for entity in argument.mentions if entity.id in places]
        for argument in (candidate.first, candidate.second)
    )
    return made.text, one, other


def tags(document: Document, types: Collection[str]) -> tuple[Document, list[Edit]]:
    """The document with nothing but its mentions of these types, and the edits that put a tag at both ends of each."""
    tag_of = {label: TAGS[min(place, len(TAGS) - 1)] for place, label in enumerate(sorted(types))}
    own = tuple(entity for entity in document.entities if entity.label in tag_of)
    places = sorted({(entity.start, entity.end, tag_of[entity.label]) for entity in own})
    edits = [Edit(end, end, f" {tag}") for _, end, tag in places]
    edits += [Edit(start, start, f"{tag} ") for start, _, tag in places]
    return replace(document, marks=(), relations=(), parts=(), entities=own), edits


def shown(document: Document, candidate: Candidate, form: str) -> tuple[Document, list[Edit]]:
    """The document with nothing but the mentions that are asked about, and the edits that show them."""
    span = _stretch(document, candidate)
    asked = {
        entity.id: entity
        for argument in (candidate.first, candidate.second)
        for entity in argument.mentions
        if span.start <= entity.start and entity.end <= span.end
    }
    whole = [replace(entity, spans=(Span(entity.start, entity.end),)) for entity in asked.values()]
    bare = replace(document, marks=(), relations=(), parts=(), entities=tuple(_worded(document, whole)))
    edits = [Edit(span.end, len(document.text), ""), Edit(0, span.start, "")]
    edits += [edit for entity in bare.entities for edit in _edits(entity, bare, form)]
    return bare, [edit for edit in edits if edit.start < edit.end or edit.replacement]


def _worded(document: Document, entities: list[Entity]) -> Iterator[Entity]:
    """Entities whose spans were changed, with the words at them."""
    for entity in entities:
        yield replace(entity, text=document.text[entity.start : entity.end])


def _stretch(document: Document, candidate: Candidate) -> Span:
    one, other = candidate.closest
    start, end = min(one.start, other.start), max(one.end, other.end)
    for mark in document.marks:
        if mark.kind == "sentence" and mark.span.start <= start and end <= mark.span.end:
            return mark.span
    return Span(0, len(document.text))


def _edits(entity: Entity, document: Document, form: str) -> list[Edit]:
    is_alone = not any(
        other.id != entity.id and other.start < entity.end and entity.start < other.end for other in document.entities
    )
    if not is_alone:
        return []
    if form == PLACEHOLDERS:
        return [Edit(entity.start, entity.end, f"@{entity.label}$")]
    words = document.text[entity.start : entity.end]
    return [Edit(entity.start, entity.end, f"<{entity.label}> {words} </{entity.label}>")]
