"""Classes of documents and of sentences: accuracy, precision, recall, F1, confusion, and areas below curves.

    gold Document("7", ..., labels=("review",))     predicted labels=("trial",), label_scores=(("review", 0.4), ...)
    found = of_documents(gold, predicted)           estimates(measure(found))[("all", "accuracy")]

An item is a document, or a sentence: a ``Mark`` of kind ``sentence``, whose ``label`` is its class. An item may have
several classes, or none; accuracy counts those whose classes are all right. ROC-AUC and average precision rank the
items by ``label_scores``, one class against the rest, and their macro is the mean over the classes for which they are
defined. Draws are of documents, also where sentences are scored: the sentences of a document are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation._documents import pairs
from biogloss.evaluation.bootstrap import Measure, Name, together
from biogloss.evaluation.ranking import average_precision, roc_auc
from biogloss.evaluation.rates import MACRO, MEANS, WEIGHTED, rates, ratio

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document, Span

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

ALL = "all"
NONE = "(none)"
SENTENCE = "sentence"
AREAS = {"roc_auc": roc_auc, "average_precision": average_precision}


@dataclass(frozen=True, slots=True)
class Classified:
    """What is said of each item and class.

    Args:
        classes: sorted names.
        gold: (items, classes) bool.
        predicted: (items, classes) bool.
        of: (items,) int64, the place of the document an item is of, from 0.
        documents: how many there are.
        scores: (items, classes) in [0, 1], NaN columns for the classes that the system gives none; None: no scores.
    """

    classes: tuple[str, ...]
    gold: Bools
    predicted: Bools
    of: NDArray[np.int64]
    documents: int
    scores: Floats | None = None

    @property
    def is_single(self) -> bool:
        """Whether each item has one class, and at most one is predicted."""
        return bool((self.gold.sum(axis=1) == 1).all() and (self.predicted.sum(axis=1) <= 1).all())

    @property
    def right(self) -> Bools:
        """(items,): whether the classes of an item are all right."""
        same: Bools = (self.gold == self.predicted).all(axis=1)
        return same


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often a class (rows) was taken for another (columns, perhaps with ``(none)``): counts, (rows, columns)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]


# --- from documents


def of_documents(
    gold: Iterable[Document], predicted: Iterable[Document], *, classes: Sequence[str] | None = None
) -> Classified:
    """The classes of documents, paired by their order.

    Args:
        gold: with right ``labels``.
        predicted: with ``labels``, and ``label_scores`` in all of them or in none.
        classes: all there are; None takes those that are met on either side or have scores.

    Raises:
        ValueError: the two sides are not the same documents, no gold document has a class, one has a class that is not
            in ``classes``, or scores are there for some documents or classes only.
    """
    both = pairs(gold, predicted)
    rows = [(one.id, one.labels, other.labels) for one, other in both]
    known = {name for _, other in both for name, _ in other.label_scores}
    names = _names(rows, classes, known)
    scores = _scores([other for _, other in both], names)
    return _classified(rows, names, np.arange(len(both)), len(both), scores)


def of_sentences(
    gold: Iterable[Document], predicted: Iterable[Document], *, classes: Sequence[str] | None = None
) -> Classified:
    """The classes of the sentences that have one in the gold documents.

    A predicted sentence counts for the gold one with the same span; a gold sentence without one counts as an item for
    which nothing is predicted.

    Raises:
        ValueError: as in :func:`of_documents`, or a predicted sentence with a class is none of the gold document's.
    """
    both = pairs(gold, predicted)
    rows, of = [], []
    for place, (one, other) in enumerate(both):
        found = list(_sentences(one, other))
        rows += found
        of += [place] * len(found)
    return _classified(rows, _names(rows, classes), np.array(of, dtype=np.int64), len(both), None)


Row = tuple[str, "Collection[str]", "Collection[str]"]  # document id, gold classes, predicted classes


def _sentences(gold: Document, predicted: Document) -> Iterator[Row]:
    right, found = _roles(gold), _roles(predicted)
    known = {mark.span for mark in gold.marked(SENTENCE)}
    for span in found:
        if span not in known:
            raise ValueError(
                f"document {gold.id}: the sentence at characters {span.start}-{span.end} is none of the gold document; "
                "classes are compared sentence by sentence: predict those of the gold sentences"
            )
    yield from ((gold.id, labels, found.get(span, ())) for span, labels in right.items())


def _roles(document: Document) -> Mapping[Span, set[str]]:
    """The classes of each sentence that has one, in the order of the document."""
    found: dict[Span, set[str]] = {}
    for mark in document.marked(SENTENCE):
        if mark.label:
            found.setdefault(mark.span, set()).add(mark.label)
    return found


def _names(rows: Sequence[Row], classes: Sequence[str] | None, known: Collection[str] = ()) -> tuple[str, ...]:
    if not any(gold for _, gold, _ in rows):
        raise ValueError("nothing is classified in the gold documents: one class at least expected")
    if classes is None:
        met = chain.from_iterable((*gold, *predicted) for _, gold, predicted in rows)
        return tuple(sorted({*met, *known}))
    for name, gold, predicted in rows:
        if unknown := sorted({*gold, *predicted} - set(classes)):
            raise ValueError(f"document {name}: no class {unknown[0]!r}; there are: {', '.join(sorted(classes))}")
    return tuple(sorted(classes))


def _classified(
    rows: Sequence[Row], names: tuple[str, ...], of: NDArray[np.int64], documents: int, scores: Floats | None
) -> Classified:
    place = {name: number for number, name in enumerate(names)}
    sides = np.zeros((2, len(rows), len(names)), dtype=np.bool_)
    for item, (_, *both) in enumerate(rows):
        for side, labels in enumerate(both):
            sides[side, item, [place[label] for label in labels]] = True
    return Classified(names, sides[0], sides[1], of, documents, scores)


def _scores(documents: Sequence[Document], names: Sequence[str]) -> Floats | None:
    """(documents, classes), zeros of a blank text, which has no scores; None where no document has any."""
    first = next((document for document in documents if document.label_scores), None)
    if first is None:
        return None
    known = tuple(name for name, _ in first.label_scores)
    for document in documents:
        own = tuple(name for name, _ in document.label_scores)
        if own != known and (own or document.text.strip()):
            raise ValueError(
                f"document {document.id} has scores of {len(own)} classes, document {first.id} of {len(known)}; "
                "scores of the same classes expected in every document, or none at all"
            )
    rows = [[score for _, score in document.label_scores] or [0.0] * len(known) for document in documents]
    found = np.array(rows, dtype=np.float64)
    columns = [found[:, known.index(name)] if name in known else np.full(len(found), np.nan) for name in names]
    return np.stack(columns, axis=1)


# --- scores


def measure(found: Classified) -> Measure:
    """Accuracy; precision, recall and F1 of each class, micro, macro and weighted; areas where there are scores."""
    parts = [_accuracy(found), rates(found.classes, _counts(found), means=(*MEANS, WEIGHTED))]
    if found.scores is not None:
        parts.append(_areas(found, found.scores))
    return together(parts)


def confusion(found: Classified) -> Confusion:
    """Which class was taken for which, of those that are met on either side.

    Raises:
        ValueError: an item has several classes.
    """
    if not found.is_single:
        raise ValueError("a confusion matrix needs items of one class each")
    predicted = np.where(found.predicted.any(axis=1), found.predicted.argmax(axis=1), len(found.classes))
    counts = np.zeros((len(found.classes), len(found.classes) + 1), dtype=np.int64)
    np.add.at(counts, (found.gold.argmax(axis=1), predicted), 1)
    met = np.flatnonzero(counts.any(axis=1) | counts[:, :-1].any(axis=0))
    columns = [*met.tolist(), *([len(found.classes)] if counts[:, -1].any() else [])]
    names = (*found.classes, NONE)
    return Confusion(
        tuple(names[place] for place in met), tuple(names[place] for place in columns), counts[met][:, columns]
    )


def _accuracy(found: Classified) -> Measure:
    rows = np.stack([_by_document(found, found.right), _by_document(found, np.ones(len(found.of)))], axis=1)

    def values(times: Floats) -> Floats:
        sums = times @ rows
        return ratio(sums[:, :1], sums[:, 1:])

    return Measure((Name(ALL, "accuracy"),), found.documents, values)


def _counts(found: Classified) -> Floats:
    """(documents, classes, 4): found, right, gold and predicted items of each class."""
    right = _by_document(found, found.gold & found.predicted)
    return np.stack([right, right, _by_document(found, found.gold), _by_document(found, found.predicted)], axis=-1)


def _by_document(found: Classified, rows: NDArray[np.bool_] | Floats) -> Floats:
    """Sums of (items, ...) over the items of each document."""
    sums = np.zeros((found.documents, *rows.shape[1:]))
    np.add.at(sums, found.of, rows)
    return sums


def _areas(found: Classified, scores: Floats) -> Measure:
    known = [place for place in range(len(found.classes)) if not np.isnan(scores[:, place]).any()]
    names = tuple(Name(label, area) for area in AREAS for label in (*(found.classes[place] for place in known), MACRO))

    def values(times: Floats) -> Floats:
        parts = []
        for area in AREAS.values():
            own = [area(found.gold[:, place], scores[:, place], times[:, found.of]) for place in known]
            stacked = np.stack(own, axis=1) if own else np.empty((len(times), 0))
            parts += [stacked, _mean_of_defined(stacked)]
        return np.concatenate(parts, axis=1)

    return Measure(names, found.documents, values)


def _mean_of_defined(rows: Floats) -> Floats:
    """(draws, 1): the mean of the values that are no NaN; NaN where all are."""
    defined = (~np.isnan(rows)).sum(axis=1, keepdims=True)
    total = np.nansum(rows, axis=1, keepdims=True)
    mean: Floats = np.divide(total, defined, out=np.full(total.shape, np.nan), where=defined > 0)
    return mean
