"""Between which mentions a relation is drawn, where it is between concepts that have many.

    arcs = Arcs(document)
    arcs.of(relation)    ->    [("T1", "T4")]

    between_mentions(document, report)        the same document, for formats whose relations are between mentions
    placed(document, report)                  the same where relations are between concepts, two each

What a relation says stands in its evidence: there it is drawn, between the two mentions that are nearest to each other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from biogloss.formats._source import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.documents import Document, Entity, Relation, Span

MOST_ARCS = 200
"""In a document; what is beyond it is in the list of the relations alone."""
MOST_MENTIONS = 500
"""Of a concept, the first ones, among which the nearest are sought."""


class Arcs:
    """The arcs of a document, up to so many."""

    def __init__(self, document: Document, most: int = MOST_ARCS) -> None:
        self._left = most
        self._mentions: defaultdict[str, list[Entity]] = defaultdict(list)
        for entity in sorted(document.entities, key=lambda one: one.start) if document.relations else ():
            for name in {entity.id, entity.concept or entity.id}:
                if len(self._mentions[name]) < MOST_MENTIONS:
                    self._mentions[name].append(entity)

    def of(self, relation: Relation) -> list[tuple[str, str]]:
        """Ids of the two mentions of each arc: the first argument joined with every other, once for each evidence."""
        first, *others = [self._mentions.get(reference, []) for _, reference in relation.arguments] or [[]]
        found = dict.fromkeys(pair for other in others for pair in _pairs(first, other, relation.evidence))
        drawn = list(found)[: self._left]
        self._left -= len(drawn)
        return drawn


def _pairs(some: Sequence[Entity], others: Sequence[Entity], evidence: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """The nearest pair in each piece of evidence that has both; where none has, that of the document."""
    inside = [(_within(some, span), _within(others, span)) for span in evidence]
    for one, other in [pair for pair in inside if all(pair)] or [(some, others)]:
        if (pair := _nearest(one, other)) is not None:
            yield pair


def _within(mentions: Sequence[Entity], span: Span) -> Sequence[Entity]:
    starts = [one.start for one in mentions]
    return mentions[bisect_left(starts, span.start) : bisect_left(starts, span.end)]


def _nearest(some: Sequence[Entity], others: Sequence[Entity]) -> tuple[str, str] | None:
    """Ids of the two that start nearest to each other, both in reading order; None where one side has no other."""
    starts = [other.start for other in others]
    beside = (
        (abs(one.start - other.start), one.id, other.id)
        for one in some
        for at in (bisect_left(starts, one.start),)
        for other in others[max(0, at - 1) : at + 2]
        if other.id != one.id
    )
    best = min(beside, default=None)
    return None if best is None else best[1:]


def between_mentions(document: Document, report: Report) -> Document:
    """The document with its relations between two mentions each, where they would be drawn.

    A relation of which no two mentions stand in the text is left out, and counted in ``report``.
    """
    arcs = Arcs(document, most=len(document.relations) * (len(document.entities) + 1))
    found: list[Relation] = []
    for relation in document.relations:
        pairs = arcs.of(relation)
        if not pairs:
            report.note("a relation without two mentions in the text: left out")
        for one, other in pairs:
            roles = (relation.arguments[0][0], relation.arguments[1][0])
            name = f"R{len(found) + 1}"
            found.append(replace(relation, id=name, arguments=tuple(zip(roles, (one, other), strict=True))))
    return replace(document, relations=tuple(found))


def placed(document: Document, report: Report | None) -> Document:
    """The document as a format takes it whose relations are between mentions: those between concepts are drawn.

    Relations of other than two arguments stay as they are, for the format to refuse.
    """
    ids = {entity.id for entity in document.entities}
    arguments = [relation.arguments for relation in document.relations]
    if all(reference in ids for own in arguments for _, reference in own) or any(len(own) != 2 for own in arguments):
        return document
    report = Report() if report is None else report
    report.note("relations between concepts: drawn between the nearest mentions of each sentence that states them")
    return between_mentions(document, report)
