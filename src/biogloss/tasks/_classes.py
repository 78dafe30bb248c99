"""One of several classes, or any number of them: targets, losses and probabilities that tasks on items share.

    exclusive   softmax over the classes, one of which is right          target 2
    several     a sigmoid for each class                                 target (0, 0, 1, 1)

Where classes are rare: ``balanced`` weighs a class by the inverse of its share of the training items (King and Zeng
2001), ``focal`` counts an item less the surer the model is of it (Lin et al. 2017, arXiv 1708.02002, its gamma).
``smoothing`` takes a share of the target's certainty and spreads it over all classes (Szegedy et al. 2016), for labels
that annotators disagree on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from biogloss.errors import ConfigError
from biogloss.tasks._examples import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loss:
    """How far logits are from targets.

    Args:
        weights: of the classes, in their order; none means 1 each.
        focal: exponent of focal loss; 0 is plain cross-entropy.
        smoothing: share in [0, 1) that is spread over all classes.
    """

    weights: tuple[float, ...] = ()
    focal: float = 0.0
    smoothing: float = 0.0

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy in nats, a scalar: the mean over items (and, of several, over classes).

        Args:
            logits: (items, classes) float.
            targets: (items,) int64, UNKNOWN where nothing is known; of several (items, classes) float32 in {0, 1}, or
                UNKNOWN.
        """
        return self._several(logits, targets) if targets.is_floating_point() else self._exclusive(logits, targets)

    def _exclusive(self, logits: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional  # noqa: PLC0415 - annotating never imports torch

        known = targets != UNKNOWN
        weight = logits.new_tensor(self.weights) if self.weights else None
        each = functional.cross_entropy(
            logits, targets, weight=weight, ignore_index=UNKNOWN, reduction="none", label_smoothing=self.smoothing
        )
        if self.focal:
            right = logits.softmax(-1).gather(-1, targets.clamp(min=0)[:, None])[:, 0]
            each = each * (1 - right) ** self.focal
        counted = known.float() if weight is None else weight[targets.clamp(min=0)] * known
        return each.sum() / counted.sum().clamp(min=1e-6)

    def _several(self, logits: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional  # noqa: PLC0415

        known = (targets != UNKNOWN).float()
        wanted = targets.clamp(min=0) * (1 - self.smoothing) + self.smoothing / 2
        # The weight of a class is that of its presence; absence counts 1.
        weight = logits.new_tensor(self.weights) if self.weights else None
        each = functional.binary_cross_entropy_with_logits(logits, wanted, pos_weight=weight, reduction="none")
        if self.focal:
            surprise = (targets.clamp(min=0) - logits.sigmoid()).abs()
            each = each * surprise**self.focal
        return (each * known).sum() / known.sum().clamp(min=1)


def divergence(one: Tensor, other: Tensor, *, several: bool) -> Tensor:
    """How far two passes' logits (items, classes) are from each other, a scalar in nats.

    The mean of both Kullback-Leibler divergences, over items; of several classes, over them too.
    """
    if several:
        return ((one.sigmoid() - other.sigmoid()) * (one - other)).mean() / 2
    first, second = one.log_softmax(-1), other.log_softmax(-1)
    return ((first.exp() - second.exp()) * (first - second)).sum(-1).mean() / 2


def fitted(kind: type[T], counts: Mapping[str, int], what: str, *, balanced: bool, **options: Any) -> T:  # noqa: ANN401
    """A task with the classes that occur, sorted, or those that the options name.

    Args:
        kind: its class, with the fields ``labels`` and ``loss_of``.
        counts: class -> how many training items have it.
        what: what has a class, for the message.
        balanced: weigh classes by the inverse of how often they occur.
        options: its other fields.

    Raises:
        ConfigError: nothing has a class, or there is but one where each item has one.
    """
    labels = tuple(options.pop("labels", ())) or tuple(sorted(counts))
    if not labels:
        raise ConfigError(
            f"{what} has a class to learn; expected training documents with them. Those of a table are read by "
            "biogloss convert table.csv --label-column NAME -o train.jsonl"
        )
    if len(labels) == 1 and not options.get("several"):
        raise ConfigError(f"{what} has another class than {labels[0]}: one class; expected two or more to tell apart")
    weights = _balanced([counts.get(label, 0) for label in labels]) if balanced else ()
    loss = Loss(weights=weights, **options.pop("loss", {}))
    make: Any = kind
    return cast("T", make(labels=labels, loss_of=loss, **options))


def _balanced(counts: Sequence[int]) -> tuple[float, ...]:
    """The weight of each class by the inverse of how often it occurs, 1 on the average item; 1 if it never does."""
    total, seen = sum(counts), sum(count > 0 for count in counts)
    return tuple(total / (seen * count) if count else 1.0 for count in counts)


def one(label: str | None, labels: Sequence[str]) -> int:
    """The target of an item with one class, or with a class that is not known."""
    return labels.index(label) if label in labels else UNKNOWN


def some(own: Collection[str], labels: Iterable[str]) -> NDArray[np.float32]:
    """The target of an item with any number of classes, (classes,) float32."""
    return np.array([label in own for label in labels], dtype=np.float32)


def rounded(row: NDArray[np.float64]) -> list[float]:
    """Probabilities as documents have them, and so as thresholds meet them: these are tuned by what documents say."""
    return [round(share, 3) for share in row.tolist()]


def scores(labels: Sequence[str], row: NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
    """A document's ``label_scores``: the probability of each class, by name."""
    return tuple(sorted(zip(labels, rounded(row), strict=True)))


def mean(logits: Sequence[NDArray[np.float32]], *, several: bool) -> NDArray[np.float32]:
    """The logits (items, classes) of the mean of the probabilities that each of several models' logits stand for."""
    wide = np.stack(logits).astype(np.float64)
    if several:
        presence, absence = (-np.logaddexp(0, sign * wide) for sign in (-1, 1))
        odds: NDArray[np.float64] = np.logaddexp.reduce(presence) - np.logaddexp.reduce(absence)
        return odds.astype(np.float32)
    shares = wide - np.logaddexp.reduce(wide, axis=-1, keepdims=True)
    logs: NDArray[np.float64] = np.logaddexp.reduce(shares) - np.log(len(shares))
    return logs.astype(np.float32)


def probabilities(logits: NDArray[np.float32], *, several: bool) -> NDArray[np.float64]:
    """(items, classes) logits to probabilities: of several each by itself, else they sum to 1."""
    wide = logits.astype(np.float64)
    if several:
        made: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(wide, -60, 60)))
        return made
    shifted = np.exp(wide - wide.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return shares
