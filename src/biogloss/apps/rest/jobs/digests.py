"""What was made of the results of finished jobs: made once, kept for the latest few, and forgotten with the job.

digests.of("4f...", lambda: read(store.placed("4f...")))
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")
KEPT = 8


class Digests:
    """What is kept, by the ids of jobs. ``is_there`` says whether a job still is."""

    def __init__(self, is_there: Callable[[str], bool]) -> None:
        self._is_there = is_there
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def __contains__(self, identifier: str) -> bool:
        """Whether something is kept of a job."""
        return identifier in self._kept

    def of(self, identifier: str, make: Callable[[], Made]) -> Made:
        """What is kept of a job, or made of it now."""
        with self._lock:
            if identifier in self._kept:
                self._kept.move_to_end(identifier)
                found: Made = self._kept[identifier]
                return found
        made = make()
        with self._lock:
            self._kept[identifier] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if not self._is_there(identifier):  # removed meanwhile
            self.forget(identifier)
        return made

    def forget(self, identifier: str) -> None:
        """Keep nothing of a job."""
        with self._lock:
            self._kept.pop(identifier, None)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()
