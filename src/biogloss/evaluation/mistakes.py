"""Where a system is wrong, in context: what to look at first.

    Mistake("wrong type", "7", gold="Disease", predicted="Chemical", before="", words="Gout", after=" is painful.", ...)

A predicted mention that is not right stands for a gold mention that was not found and that it touches: its type is
wrong where that one's differs, its boundary otherwise; where there is none it is spurious. A gold mention that was not
found is missed where no wrong one touches it. The most confident mistakes of each kind come first: they are the worst
errors of the system, or errors of the gold annotations.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from biogloss.documents import Span
from biogloss.evaluation import answers, relations
from biogloss.evaluation.classes import SENTENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from biogloss.documents import Document, Entity, Relation

    Pairs = Iterable[tuple[Document, Document]]

AROUND = 60  # characters on either side
LONGEST = 160  # characters of the words themselves; the middle of longer ones is left out
NONE = "-"
MISSED, SPURIOUS, TYPE, BOUNDARY, CLASS = "missed", "spurious", "wrong type", "wrong boundary", "wrong class"
ANSWER = "wrong answer"
KINDS = (TYPE, CLASS, ANSWER, BOUNDARY, SPURIOUS, MISSED)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: what the gold document says and what the system says, and the words it is about.

    ``score`` is the system's, None where it gives none, as for what it missed.
    """

    kind: str
    document: str
    gold: str
    predicted: str
    before: str = ""
    words: str = ""
    after: str = ""
    score: float | None = None


def worst(found: Iterable[Mistake], most: int = 20) -> tuple[list[Mistake], Counter[str]]:
    """The most confident mistakes of each kind, at most so many; and how many there are of each kind."""
    ordered = sorted(found, key=lambda mistake: (KINDS.index(mistake.kind), -(mistake.score or 0.0)))
    counts: Counter[str] = Counter()
    kept = []
    for mistake in ordered:
        counts[mistake.kind] += 1
        if counts[mistake.kind] <= most:
            kept.append(mistake)
    return kept, counts


# --- entities


def of_entities(both: Pairs, types: Collection[str]) -> Iterator[Mistake]:
    """The mistakes among mentions of these types."""
    for gold, predicted in both:
        sides = [[entity for entity in one.entities if entity.label in types] for one in (gold, predicted)]
        yield from _of_mentions(gold, *sides)


def _of_mentions(document: Document, gold: Sequence[Entity], predicted: Sequence[Entity]) -> Iterator[Mistake]:
    right = {(entity.spans, entity.label) for entity in gold} & {(entity.spans, entity.label) for entity in predicted}
    missing, wrong = ([one for one in side if (one.spans, one.label) not in right] for side in (gold, predicted))
    touching_missing, touching_wrong = _Touching(missing), _Touching(wrong)
    for entity in wrong:
        kind, meant = _kind(entity, touching_missing.of(entity))
        yield _mistake(kind, document, meant, entity.label, _extent([entity]), entity.score)
    for entity in missing:
        if not touching_wrong.of(entity):
            yield _mistake(MISSED, document, entity.label, NONE, _extent([entity]))


def _kind(entity: Entity, touched: Sequence[Entity]) -> tuple[str, str]:
    """What is wrong with a predicted mention, and what the gold mention that it stands for says."""
    same_spans = [one for one in touched if one.spans == entity.spans]
    own = [one for one in touched if one.label == entity.label]
    if same_spans:
        return TYPE, same_spans[0].label
    if own:
        return BOUNDARY, f"{own[0].label}: {_shortened(own[0].text)}"
    return (TYPE, touched[0].label) if touched else (SPURIOUS, NONE)


class _Touching:
    """Finds the mentions that share a character with one, in their order, without looking at all of them."""

    def __init__(self, mentions: Sequence[Entity]) -> None:
        self._sorted = sorted(enumerate(mentions), key=lambda one: one[1].start)
        self._starts = [one.start for _, one in self._sorted]
        self._ends = list(accumulate((one.end for _, one in self._sorted), max))

    def of(self, entity: Entity) -> list[Entity]:
        """Those that share a character with it."""
        first, last = bisect_right(self._ends, entity.start), bisect_left(self._starts, entity.end)
        return [one for _, one in sorted(own for own in self._sorted[first:last] if _touch(own[1], entity))]


def _touch(one: Entity, other: Entity) -> bool:
    return any(span.overlaps(own) for span in one.spans for own in other.spans)


# --- relations


def of_relations(both: Pairs, *, level: str, symmetric: Collection[str]) -> Iterator[Mistake]:
    """The mistakes among relations: another label for the same arguments, spurious and missed ones."""
    for gold, predicted in both:
        right, found = (relations.stated(one, level=level, symmetric=symmetric) for one in (gold, predicted))
        missing = {key: relation for key, relation in right.items() if key not in found}
        meant = {arguments: label for label, arguments in missing}
        told = set()
        for (label, arguments), relation in found.items():
            if (label, arguments) not in right:
                told.add(arguments)
                kind = TYPE if arguments in meant else SPURIOUS
                yield _related(kind, predicted, relation, (meant.get(arguments, NONE), label))
        for (label, arguments), relation in missing.items():
            if arguments not in told:
                yield _related(MISSED, gold, relation, (label, NONE))


def _related(kind: str, document: Document, relation: Relation, labels: tuple[str, str]) -> Mistake:
    mentions = [_mention(document, reference) for _, reference in relation.arguments]
    names = [
        f"{role} {_shortened(mention.text) if mention else reference}"
        for (role, reference), mention in zip(relation.arguments, mentions, strict=True)
    ]
    gold, predicted = (f"{label}: {', '.join(names)}" if label != NONE else NONE for label in labels)
    extent = _extent([mention for mention in mentions if mention])
    return _mistake(kind, document, gold, predicted, extent, None if kind == MISSED else relation.score)


def _mention(document: Document, reference: str) -> Entity | None:
    """The entity of this id, or the first one of this concept."""
    by_id = (entity for entity in document.entities if entity.id == reference)
    by_concept = (entity for entity in document.entities if entity.concept == reference)
    return next(chain(by_id, by_concept), None)


# --- classes


def of_classes(both: Pairs) -> Iterator[Mistake]:
    """The documents whose classes are not all right, with the score of the most probable wrong one."""
    for gold, predicted in both:
        if set(gold.labels) != set(predicted.labels):
            scores = dict(predicted.label_scores)
            wrong = [scores[label] for label in predicted.labels if label in scores and label not in gold.labels]
            start = Span(0, len(gold.text)) if gold.text else None
            right, found = (", ".join(sorted(set(one.labels))) or NONE for one in (gold, predicted))
            yield _mistake(CLASS, gold, right, found, start, max(wrong, default=None))


def of_roles(both: Pairs) -> Iterator[Mistake]:
    """The sentences whose class is not that of the gold document."""
    for gold, predicted in both:
        found = {mark.span: mark.label for mark in predicted.marked(SENTENCE)}
        for mark in gold.marked(SENTENCE):
            if mark.label and found.get(mark.span, "") != mark.label:
                yield _mistake(CLASS, gold, mark.label, found.get(mark.span, "") or NONE, mark.span)


# --- answers


def of_answers(both: Pairs) -> Iterator[Mistake]:
    """The questions whose best answer is none of the right ones, or that have an answer on one side only."""
    for gold, predicted in both:
        right, found = answers.given(gold), answers.given(predicted)
        meant = ", ".join(_shortened(entity.text) for entity in right) or NONE
        if found and answers.normalised(found[0].text) not in {answers.normalised(one.text) for one in right}:
            kind = ANSWER if right else SPURIOUS
            yield _mistake(kind, predicted, meant, _shortened(found[0].text), _extent(found[:1]), found[0].score)
        elif right and not found:
            yield _mistake(MISSED, gold, meant, NONE, _extent(right[:1]))


# --- words


def _mistake(
    kind: str, document: Document, gold: str, predicted: str, place: Span | None, score: float | None = None
) -> Mistake:
    if place is None:
        return Mistake(kind, document.id, gold, predicted, score=score)
    text = document.text
    before, after = _before(text, place.start), _after(text, place.end)
    words = _shortened(text[place.start : place.end])
    return Mistake(kind, document.id, gold, predicted, before, words, after, score)


def _before(text: str, start: int) -> str:
    """The end of what stands before, from a word's beginning where there is one."""
    if start <= AROUND:
        return text[:start]
    _, space, rest = text[start - AROUND - 1 : start].partition(" ")
    return f"… {rest}" if space else f"…{text[start - AROUND : start]}"


def _after(text: str, end: int) -> str:
    """The beginning of what stands behind, up to a word's end where there is one."""
    if len(text) - end <= AROUND:
        return text[end:]
    rest, space, _ = text[end : end + AROUND + 1].rpartition(" ")
    return f"{rest} …" if space else f"{text[end : end + AROUND]}…"


def _extent(entities: Sequence[Entity]) -> Span | None:
    if not entities:
        return None
    return Span(min(entity.start for entity in entities), max(entity.end for entity in entities))


def _shortened(words: str) -> str:
    half = LONGEST // 2
    return words if len(words) <= LONGEST else f"{words[:half]} … {words[-half:]}"
