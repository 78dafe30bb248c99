"""What the speed benchmarks share: the machine in words, its matrix-product ceiling, rounds side by side, tables.

Intel Xeon, 2 cores (avx2, avx512_vnni), Linux 6.1, Python 3.11.9; numpy 2.4.6, torch 2.13.0
"""

from __future__ import annotations

import os
import platform
import re
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Self, TypeVar

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
CORES = psutil.cpu_count() or 1
MATRICES = ((2048, 2048, 2048), (1024, 384, 1536), (4096, 1536, 384), (1024, 768, 3072))
"""Rows x inner x columns: a large square one, and the feed-forward layers of both encoders at 1,024 and 4,096 rows."""
INSTRUCTIONS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
BUSY_SHARE = 0.05

K = TypeVar("K")


def data_folder() -> Path:
    """The data catalogue, made known to the corpora too: ``BIOGLOSS_DATA``, or ``../shared/data`` beside this tree."""
    return Path(os.environ.setdefault("BIOGLOSS_DATA", str(ROOT.parent / "shared" / "data")))


def describe(packages: Iterable[str]) -> str:
    """The machine and the versions, on one line."""
    words = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    named = re.search(r"model name\s*:\s*(.+)", words)
    has = [name for name in INSTRUCTIONS if re.search(rf"\b{name}\b", words)]
    cpu = named.group(1) if named else platform.processor() or platform.machine()
    machine = f"{cpu}, {CORES} cores ({', '.join(has) or 'instruction sets not known'})"
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{machine}, {system}; {', '.join(f'{name} {_version(name)}' for name in packages)}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def ceiling(threads: int, *, seconds: float = 0.15) -> float:
    """The fastest float32 matrix product of ``MATRICES`` with torch, in GFLOP/s; each is repeated for ``seconds``."""
    import torch  # noqa: PLC0415 - so that a process of our side alone never sees it

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    best = 0.0
    for rows, inner, columns in MATRICES:
        left, right = torch.rand(rows, inner), torch.rand(inner, columns)
        out = left @ right
        started, times = time.perf_counter(), []
        while time.perf_counter() - started < seconds:
            start = time.perf_counter()
            torch.mm(left, right, out=out)
            times.append(time.perf_counter() - start)
        best = max(best, 2 * rows * inner * columns / median(times) / 1e9)
    torch.set_num_threads(before)
    return best


@dataclass(frozen=True)
class Shape:
    """Layers, width and feed-forward width of an encoder."""

    layers: int
    width: int
    inner: int

    @property
    def weights(self) -> int:
        """The weights that every piece is multiplied with: embeddings, biases and norms left out."""
        return self.layers * (4 * self.width**2 + 2 * self.width * self.inner)

    def operations(self, pieces: float, *, window: float = 254) -> float:
        """Useful operations of one forward pass over a text, attention within windows of so many pieces."""
        return 2 * pieces * (self.weights + 2 * self.layers * self.width * min(pieces, window))


def shape(config: Any) -> Shape:
    """The shape in a ``transformers`` configuration."""
    return Shape(config.num_hidden_layers, config.hidden_size, config.intermediate_size)


def trainable() -> Path | None:
    """The trainable model in ``packages/`` of this tree, if there is one."""
    found = (path.parent for path in sorted(ROOT.glob("packages/**/biogloss.json")))
    return next((folder for folder in found if (folder / "model.safetensors").exists()), None)


def rounds(sides: Mapping[K, Callable[[], float]], count: int) -> dict[K, list[float]]:
    """Measure each side once a round, every second round backwards, so that drift and order hit all alike."""
    found: dict[K, list[float]] = {name: [] for name in sides}
    for number in range(count):
        for name in list(sides)[:: 1 if number % 2 == 0 else -1]:
            found[name].append(sides[name]())
    return found


class Load:
    """The share of the machine that others took (a hypervisor's too) while the body of ``with`` ran."""

    share = 0.0

    def __enter__(self) -> Self:
        self._started, self._before = time.perf_counter(), _others()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._started
        self.share = max(0.0, (_others() - self._before) / seconds / CORES)

    def __str__(self) -> str:
        taken = f"others took {100 * self.share:.0f} % of the machine during the rounds"
        return taken if self.share < BUSY_SHARE else f"NOT QUIET: {taken}; measure again on a quiet machine"


def _others() -> float:
    """Seconds of all processors spent on everything but this process, since the start of the machine."""
    spent, own = psutil.cpu_times(), psutil.Process().cpu_times()
    kinds = ("user", "nice", "system", "irq", "softirq", "steal")
    return float(sum(getattr(spent, kind, 0.0) for kind in kinds) - own.user - own.system)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the first to the left, the others to the right."""
    cells = [header, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = (
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in places)
        for places in (list(enumerate(zip(row, widths, strict=True))) for row in cells)
    )
    return "\n".join(lines)
