"""Everything that gold documents hold, scored: entities, relations, classes, roles of sentences, answers, numbers.

    kinds(gold)                                     ("entities", "relations")
    scored(gold, predicted, kinds(gold))            entities strict, partial, exact; relations mention and concept level

Each of them is a :class:`Scored`: its measure, the estimates made of it, and how many items there are. Answers are the
entities of type ``Answer`` in documents that have a question; labels are numbers, not classes, where each document has
one, all are numbers and some are no whole ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation import answers, calibration, classes, entities, paired, regression, relations
from biogloss.evaluation._documents import pairs
from biogloss.evaluation.bootstrap import SAMPLES, estimates, grouped, together
from biogloss.evaluation.folds import sources
from biogloss.evaluation.rates import MICRO, rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.evaluation.bootstrap import Estimate, Measure, Name
    from biogloss.evaluation.classes import Classified
    from biogloss.evaluation.paired import Difference, McNemar
    from biogloss.evaluation.splits import Shared
    from biogloss.evaluation.unseen import Unseen

    Pairs = Sequence[tuple[Document, Document]]

ENTITIES, RELATIONS, CLASSES, ROLES = "entities", "relations", "classes", "sentence roles"
ANSWERS, NUMBERS = "answers", "numbers"
KINDS = (ENTITIES, RELATIONS, CLASSES, ROLES, ANSWERS, NUMBERS)


@dataclass(frozen=True, slots=True)
class Choices:
    """Of what gold documents hold, what to score: entity types, none for those of the gold documents; and how.

    ``symmetric`` are the labels of relations whose roles do not matter.
    """

    types: tuple[str, ...] = ()
    symmetric: frozenset[str] = frozenset()
    samples: int = SAMPLES


@dataclass(frozen=True, slots=True)
class Scored:
    """One kind of annotation scored by one rule.

    Args:
        kind: of :data:`KINDS`.
        rule: ``strict``, ``mention level`` ...; empty where there is only one.
        measure: the scores as a function of how often each document counts.
        estimates: the scores of all documents, with their intervals.
        items: how many gold and predicted ones there are of each label, and of all under ``micro``.
        classified: of classes and roles, what is said of each item.
    """

    kind: str
    rule: str
    measure: Measure
    estimates: Mapping[Name, Estimate]
    items: Mapping[str, tuple[int, int]]
    classified: Classified | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """``entities, strict``."""
        return ", ".join(filter(None, (self.kind, self.rule)))


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems in one kind of annotation; ``mcnemar`` where items are independent: classes of documents."""

    kind: str
    rule: str
    differences: Mapping[Name, Difference]
    mcnemar: McNemar | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was found out about a system on some documents.

    Args:
        names: what the gold documents and the systems are called: ``gold``, ``predicted``, perhaps ``against``.
        gold: the documents with right annotations.
        predicted: the same documents as the system annotated them.
        scored: each kind of annotation, by each of its rules.
        choices: what was scored, and how.
        compared: with the other system, if there is one.
        unseen: recall of the mentions that training has not shown, by type; empty without training documents.
        shared: what the gold documents have in common with those of training.
        parts: of a cross-validation: what each part is called, and how many of the documents, in order, it has.
        notes: what was left out, in words.
    """

    names: Mapping[str, str]
    gold: Sequence[Document] = field(repr=False)
    predicted: Sequence[Document] = field(repr=False)
    scored: Sequence[Scored]
    choices: Choices
    compared: Sequence[Compared] = ()
    unseen: Mapping[str, Unseen] = field(default_factory=dict)
    shared: Sequence[Shared] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()


def kinds(gold: Sequence[Document]) -> tuple[str, ...]:
    """What these documents hold, of :data:`KINDS`."""
    found = {kind for kind, holds in _HOLDS.items() if any(holds(document) for document in gold)}
    if CLASSES in found and _are_numbers(gold):
        found = found - {CLASSES} | {NUMBERS}
    return tuple(kind for kind in KINDS if kind in found)


def scored(
    gold: Sequence[Document], predicted: Sequence[Document], wanted: Sequence[str], choices: Choices = Choices()
) -> list[Scored]:
    """Score each wanted kind by each of its rules, over documents paired by their order.

    Raises:
        ValueError: the two sides are not the same documents, or do not fit: see the modules of each kind.
    """
    both = pairs(gold, predicted)
    groups = sources(gold)
    found = [one for kind in wanted for one in _SCORERS[kind](both, choices)]
    return found if len(set(groups)) == len(groups) else [_of_groups(one, groups, choices) for one in found]


def _of_groups(one: Scored, groups: Sequence[str], choices: Choices) -> Scored:
    """The same with intervals over what documents were taken from."""
    measure = grouped(one.measure, groups)
    known = estimates(measure, samples=choices.samples)
    return replace(one, measure=measure, estimates={name: known[name] for name in one.estimates})


def compared(before: Sequence[Scored], after: Sequence[Scored]) -> list[Compared]:
    """What distinguishes the second system from the first, kind by kind."""
    found = []
    for one, other in zip(before, after, strict=True):
        assert (one.kind, one.rule) == (other.kind, other.rule)
        test = None
        if one.kind == CLASSES and one.classified and other.classified:
            test = paired.mcnemar(one.classified.right, other.classified.right)
        differences = paired.differences(one.measure, other.measure)
        shown = {name: own for name, own in differences.items() if name in one.estimates or name in other.estimates}
        found.append(Compared(one.kind, one.rule, shown, test))
    return found


def entity_types(gold: Sequence[Document], choices: Choices) -> tuple[str, ...]:
    """The types of entities that are scored."""
    return choices.types or tuple(sorted({entity.label for document in gold for entity in document.entities}))


def _entities(both: Pairs, choices: Choices) -> Iterator[Scored]:
    labels = entity_types([gold for gold, _ in both], choices)
    for match in entities.MATCHES:
        yield _counted(ENTITIES, match, labels, entities.label_counts(both, labels, match), choices)


def _relations(both: Pairs, choices: Choices) -> Iterator[Scored]:
    gold = [one for one, _ in both]
    labels = sorted({relation.label for document in gold for relation in document.relations})
    for level in relations.levels(gold):
        rows = relations.counts(both, labels, level=level, symmetric=choices.symmetric)
        yield _counted(RELATIONS, f"{level} level", labels, rows, choices)


def _counted(kind: str, rule: str, labels: Sequence[str], rows: NDArray[np.float64], choices: Choices) -> Scored:
    measure = rates(labels, rows)
    items = _items(labels, rows[..., 2:].sum(axis=0))
    return Scored(kind, rule, measure, estimates(measure, samples=choices.samples), items)


def _classes(both: Pairs, choices: Choices) -> Iterator[Scored]:
    yield _classified(CLASSES, classes.of_documents(*zip(*both, strict=True)), choices)


def _roles(both: Pairs, choices: Choices) -> Iterator[Scored]:
    yield _classified(ROLES, classes.of_sentences(*zip(*both, strict=True)), choices)


def _classified(kind: str, found: Classified, choices: Choices) -> Scored:
    measure = classes.measure(found)
    if has_probabilities(found):
        measure = together([measure, calibration.measure(found)])
    items = _items(found.classes, np.stack([found.gold.sum(axis=0), found.predicted.sum(axis=0)], axis=1))
    known = estimates(measure, samples=choices.samples)
    # A class that the system knows and nobody speaks of has no scores.
    met = {name: one for name, one in known.items() if any(items.get(name.label, (1, 1)))}
    return Scored(kind, "", measure, met, items, found)


def _answers(both: Pairs, choices: Choices) -> Iterator[Scored]:
    """The best answer of each question; and of questions that have one, the first five and all answers."""
    gold, predicted = (
        {str(place): [entity.text for entity in answers.given(pair[side])] for place, pair in enumerate(both)}
        for side in (0, 1)
    )
    yield _asked("best", answers.extracted(gold, {name: (own or [""])[0] for name, own in predicted.items()}), choices)
    gold = {name: own for name, own in gold.items() if own}
    if not gold:
        return
    predicted = {name: predicted[name] for name in gold}
    yield _asked("first five", answers.factoid(gold, predicted), choices)
    every = answers.listed({name: [[answer] for answer in own] for name, own in gold.items()}, predicted)
    yield _asked("all", every, choices, (sum(map(len, gold.values())), sum(map(len, predicted.values()))))


def _asked(rule: str, measure: Measure, choices: Choices, items: tuple[int, int] = (0, 0)) -> Scored:
    return Scored(ANSWERS, rule, measure, estimates(measure, samples=choices.samples), {MICRO: items})


def _numbers(both: Pairs, choices: Choices) -> Iterator[Scored]:
    gold, predicted = ([_number(pair[side]) for pair in both] for side in (0, 1))
    measure = regression.measure(gold, predicted, ids=[document.id for document, _ in both])
    yield Scored(NUMBERS, "", measure, estimates(measure, samples=choices.samples), {})


def _number(document: Document) -> float:
    """The number that a document's only label is; NaN where it is none."""
    try:
        (label,) = document.labels
        return float(label)
    except ValueError:
        return nan


def _are_numbers(documents: Sequence[Document]) -> bool:
    found = [_number(document) for document in documents]
    return all(map(isfinite, found)) and not all(map(float.is_integer, found))


def has_probabilities(found: Classified) -> bool:
    """Whether items have one class each and the probability of every class: what calibration needs."""
    return found.is_single and found.scores is not None and not bool(np.isnan(found.scores).any())


def _items(labels: Sequence[str], sums: NDArray[np.generic]) -> dict[str, tuple[int, int]]:
    """From (labels, 2) gold and predicted items to those of each label and of all."""
    counts = {label: (int(gold), int(predicted)) for label, (gold, predicted) in zip(labels, sums, strict=True)}
    return counts | {MICRO: (int(sums[:, 0].sum()), int(sums[:, 1].sum()))}


_HOLDS: Mapping[str, Callable[[Document], bool]] = {
    ENTITIES: lambda document: any(not answers.is_answer(document, entity) for entity in document.entities),
    ANSWERS: lambda document: bool(answers.given(document)),
    RELATIONS: lambda document: bool(document.relations),
    CLASSES: lambda document: bool(document.labels),
    ROLES: lambda document: any(mark.label for mark in document.marked(classes.SENTENCE)),
}
_SCORERS: Mapping[str, Callable[[Pairs, Choices], Iterator[Scored]]] = {
    ENTITIES: _entities,
    RELATIONS: _relations,
    CLASSES: _classes,
    ROLES: _roles,
    ANSWERS: _answers,
    NUMBERS: _numbers,
}
