"""The losses of a run for TensorBoard: what steps.jsonl says, in the files that it reads.

    tensorboard --logdir runs/mine/tensorboard        encoder/loss, encoder/held_out, head/loss, ...

The extra `tensorboard`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from biogloss.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_NOT_VALUES = ("stage", "step")


class Scalars:
    """A folder of TensorBoard events: each number of a record under ``stage/name`` at its step.

    Args:
        folder: made anew at each :meth:`restart`, so that it never holds steps that were undone.

    Raises:
        MissingExtra: tensorboard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - the extra `tensorboard`
        except ImportError as error:
            raise MissingExtra("tensorboard", "tensorboard", "a record for TensorBoard") from error
        self._folder = folder
        self._open = SummaryWriter
        self._writer: SummaryWriter | None = None

    def restart(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Forget what stands there, and write these records instead."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._writer = self._open(self._folder)
        for record in records:
            self.write(record)

    def write(self, record: Mapping[str, Any]) -> None:
        """Add the numbers of a step or of an evaluation; other records have none for TensorBoard."""
        if self._writer and "step" in record:
            for name in record.keys() - _NOT_VALUES:
                self._writer.add_scalar(f"{record['stage']}/{name}", record[name], record["step"])

    def close(self) -> None:
        """Close the files."""
        if self._writer:
            self._writer.close()
