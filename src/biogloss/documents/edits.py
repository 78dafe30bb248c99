"""Changing text without losing what is said about it.

    apply(document, [Edit(0, 4, "Hyperuricaemia")])   "Gout hurts." -> "Hyperuricaemia hurts.", the entity follows
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biogloss.documents.spans import Span, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biogloss.documents.model import Document, Entity, Mark, Relation


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put ``replacement`` in place of ``[start, end)``; ``start == end`` inserts."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Edited:
    """The new document, and the annotations that no longer have a character to stand on."""

    document: Document
    lost: tuple[Entity | Mark | Relation | tuple[str, Span], ...]


def apply(document: Document, edits: Iterable[Edit]) -> Edited:
    """Make the edits and carry every annotation along.

    An annotation that an edit touches grows or shrinks with it: a boundary inside replaced text moves to the nearer edge
    of the replacement that keeps the replacement inside. Text inserted exactly at a boundary stays outside. An
    annotation whose text is gone is returned in ``lost``; an entity keeps the spans that are left.

    Raises:
        ValueError: edits that overlap or lie outside the text.
    """
    ordered = sorted(edits)
    _check(ordered, document)
    moves = _Moves(ordered)
    text = _edited_text(document.text, ordered)
    lost: list[Entity | Mark | Relation | tuple[str, Span]] = []
    entities, marks, parts, relations = [], [], [], []
    for entity in document.entities:
        spans = tuple(span for span in map(moves.span, entity.spans) if span)
        if spans:
            entities.append(replace(entity, spans=spans, text=span_text(text, spans)))
        else:
            lost.append(entity)
    for mark in document.marks:
        if span := moves.span(mark.span):
            marks.append(replace(mark, span=span))
        else:
            lost.append(mark)
    for name, old in document.parts:
        if span := moves.span(old):
            parts.append((name, span))
        else:
            lost.append((name, old))
    gone = {entity.id for entity in document.entities} - {entity.id for entity in entities}
    for relation in document.relations:
        if gone & {reference for _, reference in relation.arguments}:
            lost.append(relation)
        else:
            relations.append(replace(relation, evidence=tuple(s for s in map(moves.span, relation.evidence) if s)))
    edited = replace(
        document, text=text, entities=tuple(entities), marks=tuple(marks), parts=tuple(parts), relations=tuple(relations)
    )
    return Edited(edited, tuple(lost))


def _check(ordered: Sequence[Edit], document: Document) -> None:
    position = 0
    for edit in ordered:
        if not position <= edit.start <= edit.end <= len(document.text):
            msg = f"document {document.id}: edit {edit.start}-{edit.end} overlaps another or lies outside the text"
            raise ValueError(msg)
        position = edit.end


def _edited_text(text: str, ordered: Sequence[Edit]) -> str:
    pieces, position = [], 0
    for edit in ordered:
        pieces += [text[position : edit.start], edit.replacement]
        position = edit.end
    return "".join([*pieces, text[position:]])


class _Moves:
    """Maps old offsets to new ones."""

    def __init__(self, ordered: Sequence[Edit]) -> None:
        self._edits = ordered
        self._starts = [edit.start for edit in ordered]
        self._growth = [0]
        for edit in ordered:
            self._growth.append(self._growth[-1] + len(edit.replacement) - (edit.end - edit.start))

    def span(self, span: Span) -> Span | None:
        start, end = self._start(span.start), self._end(span.end)
        return Span(start, end) if start < end else None

    def _start(self, offset: int) -> int:
        """A start inside replaced text moves back to where the replacement starts; an insertion here stays before it."""
        last = bisect_right(self._starts, offset) - 1
        if last >= 0 and offset < self._edits[last].end:
            return self._edits[last].start + self._growth[last]
        return offset + self._growth[last + 1]

    def _end(self, offset: int) -> int:
        """An end inside replaced text moves on to where the replacement ends; an insertion here stays after it."""
        last = bisect_right(self._starts, offset - 1) - 1
        if last >= 0 and offset < self._edits[last].end:
            return self._edits[last].end + self._growth[last + 1]
        return offset + self._growth[last + 1]
