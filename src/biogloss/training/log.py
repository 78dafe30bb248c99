"""The record of a run: JSON lines in its folder, a progress line on the terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import IO, Any

SECONDS_BETWEEN_LINES = 30.0


class RunLog:
    """Writes events to ``log.jsonl`` and tells a person about them.

    Args:
        path: the JSON lines file; a resumed run appends.
        total: pieces of the whole run, for the time left.
        stream: where a person reads; standard error by default.
        quiet: record and show nothing, for all processes of several but one.
        peak: operations that the machine can do in a second; 0 where that is not known.
    """

    def __init__(
        self, path: Path, total: int, stream: IO[str] | None = None, *, quiet: bool = False, peak: float = 0.0
    ) -> None:
        self._file = (Path(os.devnull) if quiet else path).open("a", encoding="utf-8", newline="\n")
        self._stream = self._file if quiet else stream or sys.stderr
        self._total = total
        self._peak = peak
        self._started = time.monotonic()
        self._shown = 0.0
        self._pieces = 0
        self._operations = 0.0
        self._loss = 0.0

    def event(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Record something that happened, and show it."""
        self._file.write(json.dumps({"event": kind, "seconds": round(self.seconds, 1), **fields}) + "\n")
        self._file.flush()
        shown = " ".join(f"{key}={value}" for key, value in fields.items())
        print(f"\r{kind}: {shown}", file=self._stream, flush=True)

    def step(self, step: int, loss: float, pieces: int, done: int, operations: float = 0.0) -> None:
        """Count one step; ``done`` pieces of the whole run are behind us. Shown and recorded twice a minute."""
        self._pieces += pieces
        self._operations += operations
        self._loss = loss if not self._loss else 0.98 * self._loss + 0.02 * loss
        interval = 1.0 if self._stream.isatty() else SECONDS_BETWEEN_LINES
        if self.seconds - self._shown < interval:
            return
        self._shown = self.seconds
        rate = self._pieces / self.seconds
        left = (self._total - done) / rate
        share = self._operations / self.seconds / self._peak if self._peak else 0.0
        speed = f"{rate:,.0f} pieces/s" + (f"  {100 * share:.0f} % of peak" if share else "")
        line = f"step {step:,}  loss {self._loss:.4f}  {speed}  {left / 60:.0f} min left"
        end = "" if self._stream.isatty() else "\n"
        print(f"\r{line}   ", end=end, file=self._stream, flush=True)
        record = {"event": "step", "seconds": round(self.seconds, 1), "step": step, "loss": round(self._loss, 4)}
        record |= {"pieces_per_second": round(rate)} | ({"peak_share": round(share, 3)} if share else {})
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()

    @property
    def seconds(self) -> float:
        """Since this process began the run."""
        return time.monotonic() - self._started

    def close(self) -> None:
        """Close the file."""
        self._file.close()
