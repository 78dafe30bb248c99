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

import numpy as np

from biogloss.documents import Document, Span
from biogloss.documents.edits import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from biogloss.documents import Entity
    from biogloss.models.tokenizer import Pieces, Tokenizer
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


def tagged(document: Document, types: Collection[str], tokenizer: Tokenizer) -> Pieces:
    """The pieces of the text with a tag at both ends of each mention of these types.

    Their offsets are those of the text itself, where a tag has no width.
    """
    edits = _tags(document, types)
    pieces = tokenizer.pieces(apply(Document(document.id, document.text), edits).document.text)
    inserted = [edit.start for edit in sorted(edits) for _ in edit.replacement]
    back = np.insert(np.arange(len(document.text) + 1), inserted, inserted).astype(pieces.starts.dtype)
    return replace(pieces, starts=back[pieces.starts], ends=back[pieces.ends])


def _tags(document: Document, types: Collection[str]) -> list[Edit]:
    """Insertions that nest as the mentions do."""
    tag_of = {label: TAGS[min(place, len(TAGS) - 1)] for place, label in enumerate(sorted(types))}
    places = {(one.start, one.end, tag_of[one.label]) for one in document.entities if one.label in tag_of}
    closing = sorted(places, key=lambda place: (-place[0], place[2]))
    opening = sorted(places, key=lambda place: (-place[1], place[2]))
    return [Edit(end, end, f" {tag}") for _, end, tag in closing] + [Edit(at, at, f"{tag} ") for at, _, tag in opening]


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
