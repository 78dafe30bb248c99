"""Scores as functions of how often each document counts, and their 95 % intervals by drawing documents again.

    right = np.array([1.0, 0.0, 1.0])
    measure = Measure((("all", "accuracy"),), 3, lambda times: (times @ right / times.sum(axis=-1))[..., None])
    estimates(measure)                      {("all", "accuracy"): Estimate(value=0.67, low=0.0, high=1.0)}

A score of documents drawn with replacement is the score of the documents it was drawn from, each counted as often as it
was drawn. What a :class:`Measure` computes from such numbers, many draws at once, therefore gives the score itself, its
interval (percentiles over draws; Efron and Tibshirani 1993) and, in ``paired``, that of the difference of two systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SAMPLES = 1000
_DRAWN_AT_ONCE = 64  # of the samples: bounds memory for many documents


class Name(NamedTuple):
    """What is scored (a label, or the name of a mean over labels) and how."""

    label: str
    metric: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One or more scores of one system on some documents.

    ``values`` maps how often each document counts, (draws, documents), to the scores, (draws, names); NaN where one is
    not defined on what was drawn.
    """

    names: tuple[Name, ...]
    documents: int
    values: Callable[[Floats], Floats]

    def of_all(self) -> Floats:
        """(names,): the scores when each document counts once."""
        scores: Floats = self.values(np.ones((1, self.documents)))[0]
        return scores


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score and its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def estimates(measure: Measure, *, samples: int = SAMPLES, seed: int = 0) -> dict[Name, Estimate]:
    """Each score with its interval; where ``samples`` is 0, the interval is the score."""
    values = measure.of_all()
    low = high = values
    if samples and measure.documents:
        low, high = interval(drawn(measure, samples=samples, seed=seed))
    found = zip(values.tolist(), low.tolist(), high.tolist(), strict=True)
    return {name: Estimate(*row) for name, row in zip(measure.names, found, strict=True)}


def together(measures: Sequence[Measure]) -> Measure:
    """Several measures of the same documents as one.

    Raises:
        ValueError: they are not of the same number of documents, or two have the same name for a score.
    """
    documents = {measure.documents for measure in measures}
    if len(documents) != 1:
        raise ValueError(f"measures of {sorted(documents)} documents cannot be joined: the same documents expected")
    names = tuple(name for measure in measures for name in measure.names)
    if len(set(names)) != len(names):
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"two measures give the {twice.metric} of {twice.label!r}")
    return Measure(
        names, documents.pop(), lambda times: np.concatenate([one.values(times) for one in measures], axis=-1)
    )


def grouped(measure: Measure, groups: Sequence[str]) -> Measure:
    """A measure of groups of documents, which are drawn together: sentences of one abstract are alike.

    Args:
        measure: of documents.
        groups: the name of each document's group.
    """
    names, own = np.unique(np.asarray(groups), return_inverse=True)
    return Measure(measure.names, len(names), lambda times: measure.values(times[:, own]))


def drawn(measure: Measure, *, samples: int, seed: int) -> Floats:
    """(samples, names): the scores on documents drawn with replacement; the same seed draws the same documents."""
    rng = np.random.default_rng(seed)
    return np.concatenate([measure.values(times) for times in draws(measure.documents, samples, rng)])


def draws(documents: int, samples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each document is drawn, (some of the samples, documents), until there are ``samples``."""
    even = np.full(documents, 1 / documents)
    for begin in range(0, samples, _DRAWN_AT_ONCE):
        yield rng.multinomial(documents, even, size=min(_DRAWN_AT_ONCE, samples - begin)).astype(np.float64)


def interval(values: Floats) -> tuple[Floats, Floats]:
    """The 2.5th and 97.5th percentiles of (samples, ...), without the draws where a value is not defined."""
    undefined = np.isnan(values).all(axis=0)
    low, high = np.nanquantile(np.where(undefined, 0.0, values), [0.025, 0.975], axis=0)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)
