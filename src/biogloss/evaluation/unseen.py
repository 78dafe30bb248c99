"""Recall of the mentions that training has not shown: what a model learned beyond a list of names.

    training   Disease "Gout"                 gold   Disease "gout" (seen), Disease "type-2 diabetes" (unseen)
    unseen_recall(gold, predicted, training, labels=["Disease"])["Disease"]     Unseen(mentions=1, recall=Estimate(...))

A mention is seen where the training documents mark the same words, of the same label: in any case and form of Unicode,
whatever stands between the words. It is found by the rules of ``entities``. (Kim and Kang 2022, arXiv 2101.00160, tell
unseen concepts from unseen names too, for which gold identifiers are needed.)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation._documents import pairs
from biogloss.evaluation.bootstrap import SAMPLES, Measure, Name, estimates
from biogloss.evaluation.entities import ALL, hits, mentions
from biogloss.evaluation.rates import ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.evaluation.bootstrap import Estimate

    Floats = NDArray[np.float64]

METRIC = "unseen recall"


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many gold mentions are unseen, and the share of them that is found; NaN where there are none."""

    mentions: int
    recall: Estimate


def unseen_recall(
    gold: Iterable[Document],
    predicted: Iterable[Document],
    training: Iterable[Document],
    *,
    labels: Sequence[str],
    match: str = "strict",
    samples: int = SAMPLES,
) -> dict[str, Unseen]:
    """The recall of each label, and of all under ``"all"``, over documents paired by their order.

    Raises:
        ValueError: the two sides are not the same documents, or ``match`` is unknown.
    """
    rows = counts(pairs(gold, predicted), surfaces(training), labels, match)
    found = estimates(measure(rows, labels), samples=samples)
    totals = rows[..., 1].sum(axis=0)
    numbers = dict(zip((*labels, ALL), (*totals.astype(int).tolist(), int(totals.sum())), strict=True))
    return {label: Unseen(number, found[Name(label, METRIC)]) for label, number in numbers.items()}


def measure(rows: Floats, labels: Sequence[str]) -> Measure:
    """The recalls as a measure; ``rows`` as :func:`counts` gives them."""
    flat = np.concatenate([rows, rows.sum(axis=1, keepdims=True)], axis=1).reshape(len(rows), 2 * (len(labels) + 1))

    def values(times: Floats) -> Floats:
        found, total = np.moveaxis((times @ flat).reshape(len(times), -1, 2), -1, 0)
        return np.where(total > 0, ratio(found, total), np.nan)

    return Measure(tuple(Name(label, METRIC) for label in (*labels, ALL)), len(rows), values)


def counts(
    both: Sequence[tuple[Document, Document]], seen: set[tuple[str, str]], labels: Sequence[str], match: str
) -> Floats:
    """(documents, labels, 2): unseen gold mentions that are found, and all of them; ``seen`` from :func:`surfaces`."""
    rows = np.zeros((len(both), len(labels), 2))
    for number, (gold, predicted) in enumerate(both):
        others = mentions(predicted, labels)
        for place, (label, own) in enumerate(mentions(gold, labels).items()):
            new = [entity for entity in own if (label, surface(entity.text)) not in seen]
            rows[number, place] = sum(hits(new, others, label, match)), len(new)
    return rows


def surfaces(documents: Iterable[Document]) -> set[tuple[str, str]]:
    """The (label, surface form) of every mention."""
    return {(entity.label, surface(entity.text)) for document in documents for entity in document.entities}


def surface(words: str) -> str:
    """What two mentions of the same name share: ``Type-2  Diabetes`` and ``type 2 diabetes`` have one surface form."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return " ".join(re.findall(r"\w+", plain)) or plain.strip()
