"""How bulk annotation scales: documents a second with one and with two processes and with Ray, and what PubMed takes.

    python benchmarks/scale.py [--model FOLDER] [--quick] [--price 0.04]

Texts: records of a PubMed file as they come, titles alone among them (every twentieth; without the data catalogue those
of examples/, repeated), as four files of JSON lines. All steps of `biogloss annotate` run, identifiers among them, into
shards. A speed is that of a run at work: from the first finished shard to the last, by the times of their files, so
that loading the model and starting Ray, which are paid once, do not count; medians over rounds in which each side has
its turn. Efficiency at two processes is their speed over twice that of one. Measure on a quiet machine: how busy it was
before each turn is printed.

The estimate for PubMed multiplies what was measured: core-hours from the speed of one process, the reading of the XML
from the speed of the reader, bytes from the shards and the manifest. The price is what you pay for a core-hour.

The last line is one JSON object: `efficiency_2` and `ray_documents_per_second` (two processes; null where Ray is not
installed).
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil

import _machine
from _machine import ROOT
from biogloss.documents import Document
from biogloss.documents.jsonl import to_line
from biogloss.formats import pubmed_xml
from biogloss.pipeline import gloss
from biogloss.pipeline.bulk import Asked, Scale, annotate_shards, worker
from biogloss.pipeline.bulk.plan import TASKS_A_WORKER
from biogloss.pipeline.files import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = ("biogloss", "ctranslate2", "tokenizers", "numpy", "ray", "pyarrow")
EVERY_RECORD = 20
FILES = 4
PUBMED_RECORDS, PUBMED_FILES = 38_000_000, 1_274
SHARD_DOCUMENTS = 1000
"""Of a real run, for the estimate; the runs here make smaller ones, to have many."""


@dataclass(frozen=True)
class Side:
    """Who does the work: the name, the engine, and how many processes."""

    name: str
    engine: str
    workers: int


ONE, TWO, RAY = Side("1 process", "local", 1), Side("2 processes", "local", 2), Side("Ray, 2 processes", "ray", 2)


@dataclass(frozen=True)
class Cost:
    """What was measured beside speed: bytes of output and of manifest, memory of a process, speed of the reader."""

    document_bytes: float = 0.0
    shard_manifest_bytes: float = 0.0
    megabytes: float = 0.0
    read_per_second: float = 0.0


def main() -> None:
    """Print the table, the estimate and the JSON line."""
    options = _options()
    documents, rounds, shard = (80, 1, 4) if options.quick else (1200, 3, 10)
    print(_machine.describe(PACKAGES), flush=True)
    sides = [ONE, TWO, *([RAY] if find_spec("ray") else [])]
    with TemporaryDirectory() as place:
        folder = Path(place)
        inputs = _inputs(folder / "in", documents)
        measured = _Measured(folder, inputs, options.model, shard)
        turns: dict[Side, Callable[[], float]] = {side: partial(measured.speed, side) for side in sides}
        speeds = {side: median(found) for side, found in _machine.rounds(turns, rounds).items()}
        cost = replace(measured.cost(), read_per_second=_reading_speed())
    efficiency = speeds[TWO] / (2 * speeds[ONE])
    print(_table(speeds))
    print(f"efficiency at two processes {efficiency:.2f}; before turns {measured.busy()}")
    print(_estimate(speeds[ONE], cost, options.price))
    ray = round(speeds[RAY], 2) if RAY in speeds else None
    print(json.dumps({"efficiency_2": round(efficiency, 3), "ray_documents_per_second": ray}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=gloss.EMBEDDED, help="an inference folder; default: the embedded model")
    parser.add_argument("--price", type=float, default=0.04, help="of a core-hour, for the estimate; default: 0.04")
    parser.add_argument("--quick", action="store_true", help="few documents, one round; only a smoke test")
    return parser.parse_args()


def _inputs(folder: Path, documents: int) -> Path:
    folder.mkdir()
    lines = [to_line(document) + "\n" for document in islice(_records(), documents)]
    for number in range(FILES):
        (folder / f"{number}.jsonl").write_text("".join(lines[number::FILES]), encoding="utf-8")
    return folder


def _pubmed() -> Path:
    catalogue = _machine.data_folder() / "pubmed" / "pubmed21n1298.xml.gz"
    return catalogue if catalogue.exists() else ROOT / "examples" / "pubmed_sample.xml"


def _records() -> Iterator[Document]:
    path = _pubmed()
    print(f"texts: {path.name}")
    if path.suffix == ".gz":
        yield from islice(_read(path), 0, None, EVERY_RECORD)
    else:
        for number, document in enumerate(cycle(list(_read(path)))):
            yield replace(document, id=str(number))


def _read(path: Path) -> Iterator[Document]:
    return (document for document in pubmed_xml.read(path) if isinstance(document, Document))


def _reading_speed() -> float:
    """Records a second that the reader of PubMed's XML gives."""
    started = time.process_time()
    count = sum(1 for _ in islice(_read(_pubmed()), 3000))
    return count / (time.process_time() - started)


class _Measured:
    """Runs over the same inputs, and what is seen of them."""

    def __init__(self, folder: Path, inputs: Path, model: str, shard: int) -> None:
        self._folder = folder
        self._inputs = inputs
        self._asked = Asked(models=(model,))
        self._shard = shard
        self._busy: list[float] = []
        self._megabytes = 0.0
        self._last = folder

    def speed(self, side: Side) -> float:
        """Documents a second of a run at work."""
        self._busy.append(psutil.cpu_percent(interval=1.0))
        self._last = self._folder / f"out-{len(self._busy)}"
        job = Job((self._inputs,), self._last, workers=side.workers)
        ended = threading.Event()
        watching = threading.Thread(target=self._watch, args=(ended,))
        watching.start()
        try:
            summary = annotate_shards(job, self._asked, Scale(side.engine, documents=self._shard))
        finally:
            ended.set()
            watching.join()
        if summary.failed:
            sys.exit(f"not measured: {summary.failures[0]}")
        times = sorted((path.stat().st_mtime_ns, _lines(path)) for path in self._last.glob("part-*"))
        return sum(count for _, count in times[1:]) / ((times[-1][0] - times[0][0]) / 1e9)

    def _watch(self, ended: threading.Event) -> None:
        """The most memory that one process of a run takes."""
        while not ended.wait(0.2):
            for child in psutil.Process().children():
                try:
                    if worker.__name__ in child.cmdline():
                        self._megabytes = max(self._megabytes, child.memory_info().rss / 1e6)
                except psutil.NoSuchProcess:  # it ended between two looks
                    continue

    def busy(self) -> str:
        """How busy others kept the machine before each turn."""
        return "the machine was busy to " + ", ".join(f"{share:.0f} %" for share in self._busy)

    def cost(self) -> Cost:
        """Of the last run, its bytes; of all, their memory."""
        manifest = json.loads((self._last / "_run" / "manifest.json").read_text(encoding="utf-8"))
        size = sum(shard["size"] for shard in manifest["shards"])
        listed = len(json.dumps(manifest["shards"], indent=1))
        return Cost(size / manifest["documents"], listed / len(manifest["shards"]), self._megabytes)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _table(speeds: dict[Side, float]) -> str:
    rows = [(side.name, f"{speed:.1f}", f"{speed / speeds[ONE]:.2f} x") for side, speed in speeds.items()]
    return _machine.table(("", "documents/s", "of one process"), rows)


def _estimate(speed: float, cost: Cost, price: float) -> str:
    """What all of PubMed takes, and what breaks first, from what was measured."""
    hours = PUBMED_RECORDS / speed / 3600
    shards = PUBMED_RECORDS // SHARD_DOCUMENTS + PUBMED_FILES
    reading = PUBMED_RECORDS / cost.read_per_second / 3600
    crowded = PUBMED_FILES // TASKS_A_WORKER
    days, pace = hours / 24, shards / (hours / 1000) / 3600
    size, listed = PUBMED_RECORDS * cost.document_bytes / 1e9, shards * cost.shard_manifest_bytes / 1e6
    times = f"{days / _machine.CORES:,.0f} days on this machine, {24 * days / 64:,.1f} hours on 64 cores"
    lines = (
        f"PubMed, {PUBMED_RECORDS:,} records in {PUBMED_FILES:,} files, from the figures above (not run):",
        f"{hours:,.0f} core-hours, {price * hours:,.0f} at {price} each: {times}, {hours / 1000:,.1f} on 1,000",
        f"{reading:,.1f} of them for reading; above {crowded:,} processes files are shared, and read more than once",
        f"{size:,.0f} GB of JSON lines in {shards:,} shards of one folder, as many small files beside them while the",
        f"run lasts, and a manifest of {listed:,.0f} MB",
        f"{cost.megabytes:,.0f} MB of memory a process: {64 * cost.megabytes / 1000:,.0f} GB for 64",
        f"what breaks first: the shared folder, in which 1,000 processes sync {pace:,.1f} shards a second and write as",
        "many records of them. Larger shards (--shard-documents), or several runs, each of some of the files into a",
        "folder of its own, are the way out",
    )
    return "\n  ".join(lines)


if __name__ == "__main__":
    main()
