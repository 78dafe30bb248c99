"""Heads fitted to the encoder as it is, before both are trained: linear probing, then fine-tuning.

    12,062 abstracts    ->    states (12,062, 384)    ->    the head (684, 384) of least loss    ->    fine-tuning

A head of chance weights sends its first errors down into the encoder, and bends what that knows before there is a head
to use it (Kumar et al. 2022, 2202.10054). Of many classes with few documents each, such a head also learns little but
how common they are in as many steps as there is time for. One pass without gradients and a convex problem are cheap.

The loss is that of the task, over states of mean 0 and variance 1 in each direction, and half the squared weights over
the number of items beside it, which is the least that keeps what never errs from growing without end. Of more than fits
into memory at once it is the mean of parts.

Such a head has no dropout: means of states are long and differ little, so a head that tells them apart is far off where
a tenth of their numbers is missing. The encoder below it keeps its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch

from biogloss.training import states
from biogloss.training.precision import multiplied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from biogloss.models._torch_heads import PooledHead
    from biogloss.models.encoder import HeadedModel
    from biogloss.models.tokenizer import Tokenizer
    from biogloss.training.lesson import Lesson

STEPS = 40
MOST_NUMBERS = 250_000_000
"""Documents times classes, or times the width of states where that is more: a gigabyte."""
AT_ONCE = 10_000_000
"""Logits that are in memory at once."""
TINY = 1e-6
"""A spread that is none, as a share of the largest."""


def fit(lessons: Sequence[Lesson], model: HeadedModel, tokenizer: Tokenizer, precision: str) -> None:
    """Set the heads of all tasks that a recipe wants fitted first, with the encoder as it is.

    Args:
        lessons: whose training documents are read, each once; some of all, evenly, where there are too many.
        model: its other heads stay as they are.
        tokenizer: of the model.
        precision: of the pass through the encoder, resolved.

    Raises:
        ConfigError: no training document has a piece.
    """
    for lesson in lessons:
        if lesson.learned.linear_probe:
            head = cast("PooledHead", model.heads[lesson.name])
            most = max(1, MOST_NUMBERS // max(lesson.task.outputs, head.out.in_features))
            with multiplied(precision):
                found, targets = states.known(lesson, model, head, tokenizer, most=most)
            weight, bias = fitted(
                torch.from_numpy(found), torch.from_numpy(targets), lesson.task.loss, lesson.task.outputs
            )
            with torch.no_grad():
                head.out.weight.copy_(weight)
                head.out.bias.copy_(bias)


def fitted(
    found: Tensor, targets: Tensor, loss_of: Callable[[Tensor, Tensor], Tensor], classes: int
) -> tuple[Tensor, Tensor]:
    """The head of least loss.

    Args:
        found: states (items, width) float32.
        targets: (items,) int64, or of several classes an item (items, classes) float32.
        loss_of: logits (items, classes) and targets to a mean, over items or over all targets.
        classes: how many.

    Returns:
        Weight (classes, width) and bias (classes,), for states as they came.
    """
    middle, spread = found.mean(dim=0), found.std(dim=0, correction=0)
    spread = torch.where(spread > TINY * spread.max(), spread, 1.0)
    scaled = (found - middle) / spread
    weight = torch.zeros(classes, found.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    by_item = classes if targets.ndim > 1 else 1
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")
    rows_at_once = max(1, AT_ONCE // classes)
    slices = list(zip(torch.split(scaled, rows_at_once), torch.split(targets, rows_at_once), strict=True))

    def closure() -> Tensor:
        optimizer.zero_grad()
        total = (weight**2).sum() / (2 * len(found))
        total.backward()  # type: ignore[no-untyped-call]
        for rows, right in slices:
            loss = by_item * loss_of(rows @ weight.T + bias, right) * (len(rows) / len(found))
            loss.backward()  # type: ignore[no-untyped-call]
            total = total + loss.detach()
        return total.detach()

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch has none for it
    unscaled = weight.detach() / spread
    return unscaled, bias.detach() - unscaled @ middle
