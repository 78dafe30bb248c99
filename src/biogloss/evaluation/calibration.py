"""Does a probability of 0.8 mean right in eight of ten cases? Reliability, Brier score, temperature scaling.

    table = reliability(confidence, right, bins=10)         [Bin(low=0.5, high=0.6, items=40, confidence=.55, ...)]
    expected_error(confidence, right)                       0.07    the mean distance of confidence and accuracy (ECE)
    hotter = temperature(probabilities, gold)               2.1     above 1: the model was too sure
    scaled(probabilities, hotter)                           the same best class, less sure of it

Bins are of equal width over [0, 1], or of equal mass: as many items in each. ECE depends on the bins and falls with
more items; drawing again raises it a little, so its interval may lie above it (Nixon et al. 2019, arXiv 1904.01685).
The Brier score (Brier 1950) sums the squared errors of all classes of an item: in [0, 2] where they exclude each other.
Temperature scaling (Guo et al. 2017, arXiv 1706.04599) divides the logarithms of probabilities by one number that is
fitted on held-out items; it is for classes that exclude each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation.bootstrap import Measure, Name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from biogloss.evaluation.classes import Classified

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ALL = "all"
BINS = 10
WIDTH, MASS = "width", "mass"
COLDEST, HOTTEST = 0.01, 100.0
"""The range of temperatures: a model that is always right, or no better than chance, has none of its own."""
LEAST = 5e-4
"""The least probability whose logarithm is taken: half of the last decimal that files hold."""
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Bin:
    """Items of like confidence: its range, how many they are, their mean confidence, and the share that is right."""

    low: float
    high: float
    items: int
    confidence: float
    accuracy: float


def reliability(confidence: Floats, right: Bools, *, bins: int = BINS, equal: str = WIDTH) -> list[Bin]:
    """The bins that hold an item, from the least confident up.

    Args:
        confidence: (items,) in [0, 1], of what was chosen.
        right: (items,) whether it is right.
        bins: how many.
        equal: ``width`` or ``mass``.

    Raises:
        ValueError: a confidence is outside [0, 1], or no such bins.
    """
    edges, of = _bins(confidence, bins, equal)
    return [
        Bin(
            float(edges[place]),
            float(edges[place + 1]),
            int((of == place).sum()),
            float(confidence[of == place].mean()),
            float(right[of == place].mean()),
        )
        for place in np.unique(of).tolist()
    ]


def expected_error(confidence: Floats, right: Bools, *, bins: int = BINS, equal: str = WIDTH) -> float:
    """The expected calibration error, in [0, 1]; 0 of no items. Arguments and errors as in :func:`reliability`."""
    table = reliability(confidence, right, bins=bins, equal=equal)
    total = sum(one.items for one in table)
    return sum(one.items * abs(one.confidence - one.accuracy) for one in table) / max(total, 1)


def brier(probabilities: Floats, gold: Bools) -> Floats:
    """(items,): the squared errors of each item, over its classes; of (items, classes) both."""
    errors: Floats = ((probabilities - gold) ** 2).sum(axis=1)
    return errors


def temperature(probabilities: Floats, gold: Integers) -> float:
    """The temperature that makes the gold classes most likely.

    Args:
        probabilities: (items, classes) in [0, 1], of held-out items.
        gold: (items,) the place of the right class.

    Returns:
        From 0.01 to 100; 1 leaves the probabilities as they are.

    Raises:
        ValueError: no items, or a probability outside [0, 1].
    """
    _check(probabilities)
    if not len(gold):
        raise ValueError("no items to fit a temperature on")
    logs = np.log(np.maximum(probabilities, LEAST))
    # The loss is convex in 1 / T: its slope rises from the coldest to the hottest. Newton's steps, halved when astray.
    low, high, inverse = 1 / HOTTEST, 1 / COLDEST, 1.0
    for _ in range(_STEPS):
        slope, curve = _slope(logs, gold, inverse)
        low, high = (low, inverse) if slope > 0 else (inverse, high)
        step = inverse - slope / curve if curve > 0 else np.nan
        following = float(step) if low < step < high else (low + high) / 2
        if abs(following - inverse) <= 1e-12 * inverse:
            break
        inverse = following
    return 1 / inverse


def scaled(probabilities: Floats, temperature: float) -> Floats:
    """(items, classes): the probabilities at another temperature; the most probable class stays the most probable."""
    _check(probabilities)
    return _softmax(np.log(np.maximum(probabilities, LEAST)) / temperature)


def negative_log_likelihood(probabilities: Floats, gold: Integers) -> float:
    """Nats an item, of the gold classes; no probability counts for less than 0.0005."""
    chosen = probabilities[np.arange(len(gold)), gold]
    return float(-np.log(np.maximum(chosen, LEAST)).mean())


def measure(found: Classified) -> Measure:
    """ECE of the predicted classes (equal width, equal mass) and the Brier score, of items of one class each.

    Raises:
        ValueError: the items have no scores, or not of every class, or several classes each.
    """
    confidence, right, scores = chosen(found)
    parts = [_gaps(confidence, right, found, equal) for equal in (WIDTH, MASS)]
    errors = np.zeros(found.documents)
    np.add.at(errors, found.of, brier(scores, found.gold))
    items = np.bincount(found.of, minlength=found.documents)

    def values(times: Floats) -> Floats:
        total = times @ items
        gaps = [np.abs(times @ rows).sum(axis=1) / total for rows in parts]
        return np.stack([*gaps, times @ errors / total], axis=1)

    metrics = ("ece", "ece_equal_mass", "brier")
    return Measure(tuple(Name(ALL, metric) for metric in metrics), found.documents, values)


def chosen(found: Classified) -> tuple[Floats, Bools, Floats]:
    """The confidence in the most probable class of each item, whether it is right, and all scores.

    Raises:
        ValueError: as in :func:`measure`.
    """
    if found.scores is None or np.isnan(found.scores).any() or not found.is_single:
        raise ValueError("calibration needs the probability of every class, and items of one class each")
    best = found.scores.argmax(axis=1)
    places = np.arange(len(best))
    return found.scores[places, best], found.gold[places, best], found.scores


def _gaps(confidence: Floats, right: Bools, found: Classified, equal: str) -> Floats:
    """(documents, bins): sums of confidence minus right; their sizes over all documents are the error."""
    _, of = _bins(confidence, BINS, equal)
    rows = np.zeros((found.documents, BINS))
    np.add.at(rows, (found.of, of), confidence - right)
    return rows


def _bins(confidence: Floats, bins: int, equal: str) -> tuple[Floats, Integers]:
    """(bins + 1,) edges and (items,) places. Bins of equal width hold their upper edge; equal items share a bin."""
    _check(confidence)
    if equal not in (WIDTH, MASS):
        raise ValueError(f"bins of equal {equal!r}; there are: {WIDTH}, {MASS}")
    edges = np.linspace(0, 1, bins + 1)
    if equal == MASS and len(confidence):
        edges = np.percentile(confidence, 100 * edges)
    of = np.searchsorted(edges[1:-1], confidence, side="left")
    return edges, of


def _check(probabilities: Floats) -> None:
    outside = ~((probabilities >= 0) & (probabilities <= 1))  # NaN is neither
    if outside.any():
        item = int(np.argwhere(outside)[0][0])
        raise ValueError(f"item {item}: {float(probabilities[outside][0])} is no probability; one in [0, 1] expected")


def _slope(logs: Floats, gold: Integers, inverse: float) -> tuple[float, float]:
    """First and second derivative of the loss with respect to 1 / T."""
    probabilities = _softmax(logs * inverse)
    mean = (probabilities * logs).sum(axis=1)
    variance = (probabilities * logs**2).sum(axis=1) - mean**2
    return float((mean - logs[np.arange(len(gold)), gold]).mean()), float(variance.mean())


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
