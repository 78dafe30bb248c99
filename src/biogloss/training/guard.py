"""Tells a step that would spoil a run: a loss that is no number, or far above those before it.

guard = Guard(spike=8.0)
guard.objects(2.31)      False, and 2.31 is remembered
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from statistics import median

REMEMBERED, NEEDED = 128, 32
LEAST_SPREAD = 0.01  # of the median: where the losses hardly differ, their spread says nothing
_NORMAL = 1.4826  # the standard deviation of a normal distribution over its median absolute deviation


@dataclass
class Guard:
    """The losses of recent steps.

    Args:
        spike: how many times the spread above the median is too far; the spread is a robust standard deviation.
        recent: losses of earlier steps, for a run that goes on.
    """

    spike: float
    recent: list[float] = field(default_factory=list)

    def objects(self, loss: float, norm: float = 0.0) -> bool:
        """Whether the step must not be taken, by its loss and the norm of its gradient; else the loss is remembered."""
        if not (isfinite(loss) and isfinite(norm)) or loss > self._limit():
            return True
        self.recent = [*self.recent[1 - REMEMBERED :], loss]
        return False

    def _limit(self) -> float:
        if len(self.recent) < NEEDED:
            return float("inf")
        middle = median(self.recent)
        spread = _NORMAL * median(abs(loss - middle) for loss in self.recent)
        return middle + self.spike * max(spread, LEAST_SPREAD * abs(middle))
