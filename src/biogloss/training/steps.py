"""The losses of each step as JSON lines, which a resumed run continues where its checkpoint was written.

{"stage": "encoder", "step": 17, "rate": 0.0002, "norm": 1.31, "loss": 2.87}
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from biogloss.training.scalars import Scalars


class Steps:
    """A file that grows by a line a step.

    Args:
        path: the file.
        writes: whether this process writes it; of several, one does.
    """

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self._path = path
        self._file = path.open("ab") if writes else None
        self._mirror: Scalars | None = None

    def mirror(self, scalars: Scalars) -> None:
        """Let the same stand in TensorBoard's files from now on, and what stands here already."""
        self._mirror = scalars
        self._retell()

    def _retell(self) -> None:
        if self._mirror:
            self.size()
            lines = self._path.read_text(encoding="utf-8").splitlines()
            self._mirror.restart(json.loads(line) for line in lines)

    def write(self, record: Mapping[str, Any]) -> None:
        """Add a line; numbers are written so that reading gives the same ones."""
        if self._file:
            self._file.write((json.dumps(record) + "\n").encode())
        if self._mirror:
            self._mirror.write(record)

    def size(self) -> int:
        """Bytes so far, all of them on the disk."""
        if not self._file:
            return 0
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def cut(self, size: int) -> None:
        """Forget what was written after ``size`` bytes."""
        if self._file:
            self._file.flush()
            self._file.truncate(size)
            self._file.seek(size)
            self._retell()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
        if self._mirror:
            self._mirror.close()
