"""What a model says of a document, place by place, and what changes between two documents.

    compared(before, after, threshold=0.1)      [Change("disappeared", Place("entity", spans, ...), "Disease", "")]

A place is what something is said of: the spans of an entity, the arguments of a relation, a sentence, the document. A
prediction *changes class* where another one is made of the same place in its stead, *changes score* where its score
does by more than a threshold, else it *appears* or *disappears*.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.documents import Span, span_text
from biogloss.pipeline.steps.sentences import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from biogloss.documents import Document
    from biogloss.models.folder import Settings

SAME = "same"
CHANGES = APPEARED, DISAPPEARED, CLASS, SCORE = ("appeared", "disappeared", "changed class", "changed score")
ENTITY, RELATION, SENTENCE, DOCUMENT = "entity", "relation", "sentence", "document"
MOST_WORDS = 60  # characters of a text that a message quotes
_EXACT = 1e-9
_SAYS = {
    "ner": ENTITY,
    "question_answering": ENTITY,
    "relations": RELATION,
    "roles": SENTENCE,
    "classification": DOCUMENT,
    "pairs": DOCUMENT,
}


@dataclass(frozen=True, slots=True)
class Place:
    """What something is said of: its kind, where it stands, and what tells it from others there."""

    kind: str
    spans: tuple[Span, ...] = ()
    key: tuple[object, ...] = ()

    def touches(self, span: Span) -> bool:
        """Whether an entity or what a relation joins shares a character with it; of longer places nothing is said."""
        return self.kind in (ENTITY, RELATION) and any(own.overlaps(span) for own in self.spans)


Predicted = dict[Place, dict[str, float | None]]
"""Place -> label -> score, None where there is none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a prediction: the labels before and after, empty where there is none."""

    outcome: str
    place: Place
    before: str
    after: str

    def words(self, text: str) -> str:
        """It in words, with at most sixty characters of the text where it stands."""
        labels = self.after if not self.before else self.before
        if self.outcome == CLASS:
            labels = f"{self.before} to {self.after}"
        words = " ".join(span_text(text, self.place.spans).split()) if self.place.spans else ""
        quoted = f" “{words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1] + '…'}”" if words else ""
        return f"{self.place.kind} {labels}{quoted} {self.outcome}"


@dataclass(frozen=True, slots=True)
class Said:
    """What the heads of a model speak of.

    Args:
        kinds: of places.
        scale: of a number that is said of a document: its least and greatest value; empty where classes are.
    """

    kinds: frozenset[str]
    scale: tuple[float, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Said:
        """That of a model folder."""
        scales = [tuple(head.options["scale"]) for head in settings.heads if head.options.get("scale")]
        kinds = frozenset(_SAYS[head.task] for head in settings.heads if head.task in _SAYS)
        return cls(kinds, scales[0] if scales else ())

    def of_document(self, document: Document) -> Predicted:
        """What these heads have said of a document."""
        found: Predicted = defaultdict(dict)
        for kind, predicted in _PREDICTED.items():
            if kind in self.kinds:
                for place, label, score in predicted(document):
                    found[place][label] = score
        if self.scale:
            found |= {place: self._number(labels) for place, labels in found.items() if place.kind == DOCUMENT}
        return dict(found)

    def _number(self, labels: Mapping[str, float | None]) -> dict[str, float | None]:
        """A number that is said as a label, as a score on a scale of 1."""
        low, high = self.scale
        return {"number": (float(next(iter(labels))) - low) / (high - low)}


def compared(before: Predicted, after: Predicted, *, threshold: float) -> list[Change]:
    """What became of each prediction, before or after."""
    return [
        change
        for place in dict.fromkeys([*before, *after])
        for change in _at(place, before.get(place, {}), after.get(place, {}), threshold)
    ]


def _at(
    place: Place, before: Mapping[str, float | None], after: Mapping[str, float | None], threshold: float
) -> Iterator[Change]:
    for label in sorted(before.keys() & after.keys()):
        one, other = before[label], after[label]
        differs = one is not None and other is not None and abs(one - other) > threshold + _EXACT
        yield Change(SCORE if differs else SAME, place, label, label)
    gone, new = (sorted(one.keys() - other.keys()) for one, other in ((before, after), (after, before)))
    for one_label, other_label in zip(gone, new, strict=False):
        yield Change(CLASS, place, one_label, other_label)
    both = min(len(gone), len(new))
    yield from (Change(DISAPPEARED, place, label, "") for label in gone[both:])
    yield from (Change(APPEARED, place, "", label) for label in new[both:])


def _entities(document: Document) -> Iterator[tuple[Place, str, float | None]]:
    for entity in document.entities:
        yield Place(ENTITY, entity.spans), entity.label, entity.score


def _relations(document: Document) -> Iterator[tuple[Place, str, float | None]]:
    spans = {entity.id: entity.spans for entity in document.entities}
    for relation in document.relations:
        ends = tuple((role, spans.get(reference, reference)) for role, reference in relation.arguments)
        where = tuple(sorted({span for _, reference in relation.arguments for span in spans.get(reference, ())}))
        yield Place(RELATION, where, ends), relation.label, relation.score


def _sentences(document: Document) -> Iterator[tuple[Place, str, float | None]]:
    for mark in document.marked(KIND):
        if mark.label:
            yield Place(SENTENCE, (mark.span,)), mark.label, None


def _classes(document: Document) -> Iterator[tuple[Place, str, float | None]]:
    scores = dict(document.label_scores)
    for label in document.labels:
        yield Place(DOCUMENT), label, scores.get(label)


_PREDICTED = {ENTITY: _entities, RELATION: _relations, SENTENCE: _sentences, DOCUMENT: _classes}
