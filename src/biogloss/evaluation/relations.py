"""Relations, between mentions and between concepts: precision, recall and F1 per label, micro and macro.

    gold       CID (Chemical: T1, Disease: T2)      T1 (0, 8) Chemical MESH:D009270, T2 (23, 27) Disease MESH:D006073
    predicted  CID (Disease: T7, Chemical: T9)      T9 (0, 8) Chemical MESH:D009270, T7 (20, 27) Disease MESH:D006073
                                                    mention level: wrong, T7 has other spans; concept level: right

A relation is right where its label and all its arguments are, however many it has: all or nothing. An argument is its
role and what it refers to. Ids are names inside one document and are never compared:

- At *mention* level an entity is its spans and its label; a CURIE is itself.
- At *concept* level an entity is its first identifier, and a CURIE is itself, so that relations between mentions meet
  those between concepts. A relation with an entity that has no identifier says nothing at this level: it is left out on
  either side (:func:`left_out` counts them).

The order of arguments does not matter, their roles do (in a format without roles they are ``Arg1`` and ``Arg2``); for
the labels declared symmetric, roles do not matter either. The same pair may have several labels, each counts for
itself; the same relation stated twice in a document counts once. Draws are of documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation._documents import pairs
from biogloss.evaluation.rates import rates

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document, Entity, Relation
    from biogloss.evaluation.bootstrap import Measure

    Statement = tuple[str, tuple[tuple[str, Hashable], ...]]  # label, arguments in a fixed order

MENTION, CONCEPT = "mention", "concept"


def measure(
    gold: Iterable[Document],
    predicted: Iterable[Document],
    *,
    labels: Sequence[str] | None = None,
    level: str = MENTION,
    symmetric: Collection[str] = (),
) -> Measure:
    """Precision, recall and F1 of each label, micro and macro, over documents paired by their order.

    Args:
        gold: with right relations.
        predicted: the same documents, with the relations of a system.
        labels: which to score; None scores those of the gold documents. Others do not count.
        level: ``mention`` or ``concept``.
        symmetric: labels of which the roles do not matter.

    Raises:
        ValueError: the two sides are not the same documents, no gold document has a relation, or no such level.
    """
    both = pairs(gold, predicted)
    names = sorted({relation.label for one, _ in both for relation in one.relations}) if labels is None else labels
    if not names:
        raise ValueError("the gold documents have no relation: nothing to score")
    return rates(names, counts(both, names, level=level, symmetric=symmetric))


def counts(
    both: Sequence[tuple[Document, Document]], labels: Sequence[str], *, level: str, symmetric: Collection[str]
) -> NDArray[np.float64]:
    """(documents, labels, 4): found, right, gold and predicted relations; arguments as in :func:`measure`."""
    rows = np.zeros((len(both), len(labels), 4))
    for number, (one, other) in enumerate(both):
        right, found = (stated(document, level=level, symmetric=symmetric).keys() for document in (one, other))
        for place, label in enumerate(labels):
            sides = [{key for key in side if key[0] == label} for side in (right, found)]
            common = len(sides[0] & sides[1])
            rows[number, place] = common, common, len(sides[0]), len(sides[1])
    return rows


def levels(documents: Iterable[Document]) -> tuple[str, ...]:
    """The levels at which these gold documents say something: ``mention``, ``concept``, both or none."""
    found = list(documents)
    between_mentions = any(_has_mentions(one) for one in found)
    between_concepts = any(stated(one, level=CONCEPT) for one in found)
    return (MENTION,) * between_mentions + (CONCEPT,) * between_concepts


def left_out(documents: Iterable[Document]) -> int:
    """How many relations have an entity without identifier, and are not compared at concept level."""
    return sum(
        _statement(relation, _entities(document), CONCEPT, ()) is None
        for document in documents
        for relation in document.relations
    )


def stated(
    document: Document, *, level: str = MENTION, symmetric: Collection[str] = ()
) -> Mapping[Statement, Relation]:
    """What a document states, without the names of ids, and where: the first relation that states it.

    Raises:
        ValueError: no such level.
    """
    entities = _entities(document)
    found: dict[Statement, Relation] = {}
    for relation in document.relations:
        key = _statement(relation, entities, level, symmetric)
        if key is not None:
            found.setdefault(key, relation)
    return found


def _statement(
    relation: Relation, entities: Mapping[str, Entity], level: str, symmetric: Collection[str]
) -> Statement | None:
    if level not in _ANCHORS:
        raise ValueError(f"unknown level {level!r}; there are: {', '.join(_ANCHORS)}")
    arguments: list[tuple[str, Hashable]] = []
    for role, reference in relation.arguments:
        entity = entities.get(reference)
        anchor = reference if entity is None else _ANCHORS[level](entity)
        if anchor is None:
            return None
        arguments.append(("" if relation.label in symmetric else role, anchor))
    return relation.label, tuple(sorted(arguments, key=repr))


def _has_mentions(document: Document) -> bool:
    names = _entities(document)
    return any(reference in names for relation in document.relations for _, reference in relation.arguments)


def _entities(document: Document) -> dict[str, Entity]:
    return {entity.id: entity for entity in document.entities}


def _mention(entity: Entity) -> Hashable:
    return tuple((span.start, span.end) for span in entity.spans), entity.label


def _concept(entity: Entity) -> Hashable | None:
    return entity.concept


_ANCHORS: Mapping[str, Callable[[Entity], Hashable | None]] = {MENTION: _mention, CONCEPT: _concept}
