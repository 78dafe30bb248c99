"""Relations of a document as they are shown, to whoever asks: routes, tools.

relations(document)    ->    [Relation(label="treats", score=0.88, arguments=[...], evidence=[Sentence(start=12, ...)])]
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from biogloss.apps.rest.findings import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biogloss import documents
    from biogloss.documents import Document, Entity, Span


class Argument(BaseModel):
    """What a relation joins: a mention, or a concept by its mention in the evidence where it has one there."""

    role: str
    id: str = Field(description="Of the mention in the document, or of the concept.")
    text: str
    spans: list[tuple[int, int]] = Field(description="Characters of the document, the end not included.")
    concept: str


class Relation(BaseModel):
    """A relation with the sentences that say it."""

    label: str
    score: float | None
    arguments: list[Argument]
    evidence: list[Sentence]


def relations(document: Document) -> list[Relation]:
    """The relations of a document, in its order."""
    mentions: defaultdict[str, list[Entity]] = defaultdict(list)
    for entity in document.entities:
        mentions[entity.id].append(entity)
        if entity.concept:
            mentions[entity.concept].append(entity)
    return [_shown(document, one, mentions) for one in document.relations]


def _shown(document: Document, one: documents.Relation, mentions: Mapping[str, Sequence[Entity]]) -> Relation:
    said = [mentions.get(reference, ()) for _, reference in one.arguments]
    spans = one.evidence or sorted({document.evidence(some[0]) for some in said if some})
    return Relation(
        label=one.label,
        score=None if one.score is None else round(one.score, 3),
        arguments=[
            _argument(role, reference, some, spans) for (role, reference), some in zip(one.arguments, said, strict=True)
        ],
        evidence=[Sentence(start=span.start, text=document.text[span.start : span.end]) for span in spans],
    )


def _argument(role: str, reference: str, mentions: Sequence[Entity], evidence: Sequence[Span]) -> Argument:
    if not mentions:
        return Argument(role=role, id=reference, text="", spans=[], concept=reference)
    inside = (one for one in mentions if any(span.start <= one.start < span.end for span in evidence))
    entity = next(inside, mentions[0])
    spans = [(span.start, span.end) for span in entity.spans]
    return Argument(role=role, id=reference, text=entity.text, spans=spans, concept=entity.concept or "")
