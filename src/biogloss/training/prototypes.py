"""Classes told from a few examples each, without training: the nearest class mean (Snell et al. 2017, 1703.05175).

    5 texts a class -> 5 states (384,) a class -> a mean (384,) a class -> a row of the head

Of a text or sentence with the mean state x, class c with the mean m counts ``-s |x - m|^2``, and softmax makes that a
probability. Lengths are those of :mod:`biogloss.training.whitening`. All that differs between classes is linear in x,
so the head is the one that training would have made: ``w = 2 s m``, ``b = -s |m|^2``. (A cosine would not be: it needs
the length of x.) Where a text may have several classes, each is told from the mean of the texts that have it against
the mean of those that do not.

How sure to be, ``s``, is learned from the shots themselves: each is told by means, and in units, that it is no part of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from biogloss.errors import ConfigError
from biogloss.training import states
from biogloss.training.whitening import whiten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.models._torch_heads import PooledHead
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.training.lesson import Lesson
    from biogloss.training.whitening import Whitened

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

HALVINGS = 60
LEAST = 1e-3
"""The least scale, where one of 1 makes shots as far from means as they are on average differ by a nat."""


def fit(lessons: Sequence[Lesson], model: HeadedModel, tokenizer: Tokenizer) -> None:
    """Set the heads of all tasks that a recipe wants told by prototypes, with the encoder as it is.

    Args:
        lessons: whose training documents are the shots, each once.
        model: its other heads stay as they are.
        tokenizer: of the model.

    Raises:
        ConfigError: a class has no shot.
    """
    for lesson in lessons:
        if lesson.learned.prototypes:
            head = cast("PooledHead", model.heads[lesson.name])
            found, targets = states.known(lesson, model, head, tokenizer)
            weight, bias = _head(lesson, found.astype(np.float64), targets)
            with torch.no_grad():
                head.out.weight.copy_(torch.from_numpy(weight))
                head.out.bias.copy_(torch.from_numpy(bias))


def _head(lesson: Lesson, shots: Floats, targets: NDArray[np.float32] | NDArray[np.int64]) -> tuple[Floats, Floats]:
    if targets.ndim > 1:
        return of_several(shots, targets > 0.5)
    counts = np.bincount(targets.astype(np.int64), minlength=len(lesson.task.labels))
    if lacking := [label for label, count in zip(lesson.task.labels, counts, strict=True) if not count]:
        raise ConfigError(f"{lesson.name}: no training document has the class {', '.join(lacking)}; leave it out")
    return of_one(shots, targets.astype(np.int64))


def of_one(states: Floats, targets: Ints) -> tuple[Floats, Floats]:
    """The head for items that have one class each.

    Args:
        states: (items, width).
        targets: (items,) classes from 0; each has an item.

    Returns:
        Weight (classes, width) and bias (classes,). What all classes have in common is left out.
    """
    white = whiten(states, targets[:, None] == np.arange(targets.max() + 1))
    means, counts = _means(white.states, targets)
    distances = _left_out(white, targets, means, counts)
    scale = _scale([(distances[counts[targets] > 1], targets[counts[targets] > 1])], means)
    common = means.mean(axis=0)
    return _unwhitened(white, 2 * scale * (means - common), -scale * ((means**2).sum(axis=1) - (common**2).sum()))


def of_several(states: Floats, targets: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The head for items that may have any number of classes.

    Args:
        states: (items, width).
        targets: (items, classes), whether an item has a class.

    Returns:
        Weight (classes, width) and bias (classes,). A class that all items have, or none, is told by that alone.
    """
    white = whiten(states, targets)
    questions, asked = [], []
    for place, own in enumerate(targets.T.astype(np.int64)):
        if 0 < own.sum() < len(own):
            means, counts = _means(white.states, own)
            several = counts[own] > 1
            questions.append((place, means))
            asked.append((_left_out(white, own, means, counts)[several], own[several]))
    scale = _scale(asked, np.concatenate([np.zeros((0, states.shape[1])), *(means for _, means in questions)]))
    weight = np.zeros((targets.shape[1], states.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0) * np.log(len(states) + 1)
    for place, (without, having) in questions:
        weight[place] = 2 * scale * (having - without)
        bias[place] = -scale * ((having**2).sum() - (without**2).sum())
    return _unwhitened(white, weight, bias)


def _unwhitened(white: Whitened, weight: Floats, bias: Floats) -> tuple[Floats, Floats]:
    """A head for states as the encoder has them, of one for whitened states."""
    weight = weight @ white.turned
    return weight, bias - weight @ white.middle


def _means(states: Floats, targets: Ints) -> tuple[Floats, Ints]:
    """The mean state (classes, width) of each class, and how many it is of."""
    counts = np.bincount(targets)
    sums = np.zeros((len(counts), states.shape[1]))
    np.add.at(sums, targets, states)
    return sums / counts[:, None], counts


def _left_out(white: Whitened, targets: Ints, means: Floats, counts: Ints) -> Floats:
    """Squared distances (items, classes) of each item to the means, without the item in its own mean and in the units.

    Without one of n items, their mean is n / (n - 1) times as far from it.
    """
    states, items = white.states, np.arange(len(white.states))
    distances = (states**2).sum(axis=1)[:, None] - 2 * states @ means.T + (means**2).sum(axis=1)
    along = (states * white.rests).sum(axis=1)[:, None] - white.rests @ means.T
    of_own = counts[targets] / np.maximum(counts[targets] - 1, 1)
    distances[items, targets] *= of_own**2
    along[items, targets] *= of_own
    positive: Floats = np.maximum(distances, 0) + white.growth[:, None] * along**2
    return positive


def _scale(asked: Sequence[tuple[Floats, Ints]], means: Floats) -> float:
    """How much a squared distance counts: what makes the right classes of items most likely.

    Targets are less than certain, as Platt (1999) has them, so that shots which are told apart do not make it endless.

    Args:
        asked: distances (items, classes) and right classes (items,), of one question or several.
        means: that distances are to, for the case that there is no item.
    """
    parts = [(distances, _softened(right, distances.shape[1])) for distances, right in asked if len(right)]
    total = sum(distances.sum() for distances, _ in parts)
    if not total:  # one shot a class: their means differ by a nat on average
        spread = 2 * ((means - means.mean(axis=0)) ** 2).sum() / max(1, len(means) - 1) if len(means) else 0.0
        return float(1 / spread) if spread else 1.0
    unit = sum(distances.size for distances, _ in parts) / total
    low, high = LEAST * unit, unit
    if _slope(parts, low) >= 0:
        return float(low)
    while _slope(parts, high) < 0:
        high *= 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _slope(parts, middle) < 0 else (low, middle)
    return float((low + high) / 2)


def _softened(right: Ints, classes: int) -> Floats:
    """The targets (items, classes): nearly 1 for the right class, the rest spread over the others."""
    rest = 1 / (len(right) + 2) if classes > 1 else 0.0
    targets = np.full((len(right), classes), rest / max(1, classes - 1))
    targets[np.arange(len(right)), right] = 1 - rest
    return targets


def _slope(parts: Sequence[tuple[Floats, Floats]], scale: float) -> float:
    """How cross-entropy changes with the scale; it is convex in it."""
    total = 0.0
    for distances, targets in parts:
        shares = np.exp(-scale * (distances - distances.min(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        total += float(((targets - shares) * distances).sum())
    return total
