"""Changing text without losing what is said about it.

    apply(document, [Edit(0, 4, "Hyperuricaemia")])   "Gout hurts." -> "Hyperuricaemia hurts.", the entity follows

Whatever stands on text that stays is carried along; whatever loses its last character is handed back. What
:func:`undone` gives leads from the new text to the old one.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from biogloss.documents.spans import Span, span_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from biogloss.documents.model import Document, Entity, Mark, Relation

Annotation = TypeVar("Annotation")


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

    An annotation that an edit touches grows or shrinks with it: a boundary inside replaced text moves to the edge of
    the replacement that keeps the replacement inside. Text inserted exactly at a boundary stays outside; insertions at
    one place stand in the order given. An annotation whose text is gone is returned in ``lost``; an entity keeps the
    spans that are left, and two of them that one replacement runs together become one.

    Raises:
        ValueError: edits that overlap or lie outside the text.
    """
    ordered = _ordered(edits)
    _check(ordered, document)
    moves = _Moves(ordered, _edited_text(document.text, ordered))
    entities, lost_entities = _carried(document.entities, moves.entity)
    marks, lost_marks = _carried(document.marks, moves.mark)
    parts, lost_parts = _carried(document.parts, moves.part)
    gone = {entity.id for entity in lost_entities}
    relations, lost_relations = _carried(document.relations, lambda relation: moves.relation(relation, gone))
    edited = replace(document, text=moves.text, entities=entities, marks=marks, parts=parts, relations=relations)
    return Edited(edited, (*lost_entities, *lost_marks, *lost_parts, *lost_relations))


def undone(text: str, edits: Iterable[Edit]) -> list[Edit]:
    """The edits that make ``text`` again of what the given ones made of it."""
    back, growth = [], 0
    for edit in _ordered(edits):
        start = edit.start + growth
        back.append(Edit(start, start + len(edit.replacement), text[edit.start : edit.end]))
        growth += len(edit.replacement) - (edit.end - edit.start)
    return back


def moved(spans: Iterable[Span], text: str, edits: Iterable[Edit]) -> list[Span | None]:
    """Where spans of a text stand after edits, as :func:`apply` carries them; None where no character is left."""
    ordered = _ordered(edits)
    moves = _Moves(ordered, _edited_text(text, ordered))
    return [moves.span(span) for span in spans]


def _ordered(edits: Iterable[Edit]) -> list[Edit]:
    return sorted(edits, key=attrgetter("start", "end"))


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


def _carried(
    annotations: Iterable[Annotation], move: Callable[[Annotation], Annotation | None]
) -> tuple[tuple[Annotation, ...], list[Annotation]]:
    """The annotations where they stand now, and those that ``move`` finds no place for."""
    carried, lost = [], []
    for annotation in annotations:
        moved = move(annotation)
        if moved is None:
            lost.append(annotation)
        else:
            carried.append(moved)
    return tuple(carried), lost


class _Moves:
    """Maps what stands on the old text to the new one; None where no character of it is left."""

    def __init__(self, ordered: Sequence[Edit], text: str) -> None:
        self.text = text
        self._edits = ordered
        self._starts = [edit.start for edit in ordered]
        self._growth = [0]
        for edit in ordered:
            self._growth.append(self._growth[-1] + len(edit.replacement) - (edit.end - edit.start))

    def entity(self, entity: Entity) -> Entity | None:
        spans = self._apart(entity.spans)
        return replace(entity, spans=spans, text=span_text(self.text, spans)) if spans else None

    def mark(self, mark: Mark) -> Mark | None:
        span = self.span(mark.span)
        return replace(mark, span=span) if span else None

    def part(self, part: tuple[str, Span]) -> tuple[str, Span] | None:
        span = self.span(part[1])
        return (part[0], span) if span else None

    def relation(self, relation: Relation, gone: set[str]) -> Relation | None:
        """The relation with the evidence that is left; None where an entity it joins is gone."""
        if gone & {reference for _, reference in relation.arguments}:
            return None
        return replace(relation, evidence=tuple(span for span in map(self.span, relation.evidence) if span))

    def _apart(self, spans: Sequence[Span]) -> tuple[Span, ...]:
        """The spans that are left; two that one replacement touches overlap in it and are joined."""
        apart: list[Span] = []
        for span in filter(None, map(self.span, spans)):
            if apart and span.start < apart[-1].end:
                apart[-1] = Span(apart[-1].start, max(span.end, apart[-1].end))
            else:
                apart.append(span)
        return tuple(apart)

    def span(self, span: Span) -> Span | None:
        start, end = self._start(span.start), self._end(span.end)
        return Span(start, end) if start < end else None

    def _start(self, offset: int) -> int:
        """A start inside replaced text moves back to where the replacement starts; an insertion stays before it."""
        last = bisect_right(self._starts, offset) - 1
        if last >= 0 and offset < self._edits[last].end:
            return self._edits[last].start + self._growth[last]
        return offset + self._growth[last + 1]

    def _end(self, offset: int) -> int:
        """An end inside replaced text moves on to where the replacement ends; an insertion stays after it."""
        last = bisect_right(self._starts, offset - 1) - 1
        if last >= 0 and offset < self._edits[last].end:
            return self._edits[last].end + self._growth[last + 1]
        return offset + self._growth[last + 1]
