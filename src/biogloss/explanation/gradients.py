"""Integrated gradients: how much each piece adds to what a model says (Sundararajan et al. 2017, arXiv 1703.01365).

    "The patient has gout."     Disease at gout: log-odds 5.1, of masks in place of all words -2.3
                                gout +6.2, has +0.8, The -0.1, ...: together 7.4

The gradients of the log-odds with respect to the input embeddings are integrated on the straight line from a baseline,
the embedding of the mask in place of every piece, to the embeddings of the text. What the pieces add sums to what the
text changes (*completeness*); a sum over steps is that integral but nearly, and how nearly is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from biogloss.explanation.question import NO_PIECE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from biogloss.explanation.asker import Asker
    from biogloss.explanation.question import Question

FIRST_STEPS, MOST_STEPS = 20, 320
TOLERANCE = 0.05
LEAST_DIFFERENCE = 0.01
"""Nats: an error is measured against no smaller difference, which would be one of rounding."""


@dataclass(frozen=True, slots=True)
class Integrated:
    """What each piece adds, and how far to trust it.

    Args:
        pieces: (pieces,) nats, of a number on its scale of 1; 0 for those that are not read.
        output: what the model says of the text.
        baseline: what it says of masks.
        steps: of the sum that stands for the integral.
    """

    pieces: NDArray[np.float64]
    output: float
    baseline: float
    steps: int

    @property
    def error(self) -> float:
        """By how much the sum of the pieces misses the difference of the outputs, as a share of it."""
        difference = self.output - self.baseline
        return abs(float(self.pieces.sum()) - difference) / max(abs(difference), LEAST_DIFFERENCE)


def integrated_gradients(
    asker: Asker, question: Question, *, tolerance: float = TOLERANCE, most_steps: int = MOST_STEPS
) -> Integrated:
    """What each piece adds, with as many steps as completeness asks for, doubled from 20 on.

    Args:
        asker: with the model.
        question: about the item.
        tolerance: the completeness error that is small enough.
        most_steps: no more steps than these, however large the error.
    """
    steps = min(FIRST_STEPS, most_steps)
    while True:
        found = of_steps(asker, question, steps)
        if found.error <= tolerance or steps >= most_steps:
            return found
        steps = min(2 * steps, most_steps)


def of_steps(asker: Asker, question: Question, steps: int) -> Integrated:
    """What each piece adds, by Gauss-Legendre quadrature on so many steps."""
    text = asker.embeddings(question.ids)
    start = asker.embeddings(baseline(question, asker.mask))
    places, weights = np.polynomial.legendre.leggauss(steps)
    mean = torch.zeros_like(text, dtype=torch.float64)
    at_once = asker.variants_at_once(question)
    for first in range(0, steps, at_once):
        some = slice(first, first + at_once)
        along = torch.from_numpy((1 + places[some]) / 2).float().view(-1, 1, 1, 1)
        gradients = _gradients(asker, question, start + along * (text - start))
        mean += (torch.from_numpy(weights[some] / 2).view(-1, 1, 1, 1) * gradients.double()).sum(0)
    values = (mean * (text - start).double()).sum(-1).numpy()
    with torch.inference_mode():
        ends = asker.log_odds(question, torch.stack([start, text])).mean(1).double().tolist()
    return Integrated(question.per_piece(values), ends[1], ends[0], steps)


def baseline(question: Question, mask: int) -> NDArray[np.int64]:
    """(windows, seq): the ids with the mask in place of every piece of the text; special tokens stay."""
    return np.where(question.shown == NO_PIECE, question.ids, mask)


def _gradients(asker: Asker, question: Question, embeddings: Tensor) -> Tensor:
    """Of the mean log-odds of each variant, in the shape of the embeddings."""
    embeddings = embeddings.detach().requires_grad_()
    outputs = asker.log_odds(question, embeddings).mean(1)
    (gradients,) = torch.autograd.grad(outputs.sum(), embeddings)
    return gradients
