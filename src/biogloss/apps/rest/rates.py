"""How often a key may ask: a bucket of tokens each, which fills up over a minute.

rates.take("3f9a01c2", 60)     0.0: go on; else the seconds until the next token
"""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 10_000


class Rates:
    """The buckets of all keys. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when

    def take(self, who: str, per_minute: int) -> float:
        """Take a token; returns 0, or the seconds to wait for one. Nothing is limited to 0."""
        if per_minute <= 0:
            return 0.0
        now = self._clock()
        tokens, when = self._buckets.pop(who, (float(per_minute), now))
        tokens = min(float(per_minute), tokens + (now - when) * per_minute / 60)
        is_left = tokens >= 1
        self._buckets[who] = (tokens - 1 if is_left else tokens, now)
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        return 0.0 if is_left else (1 - tokens) * 60 / per_minute
