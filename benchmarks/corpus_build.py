"""How fast a corpus is built: MB/s of each stage on one core, and of the whole with its peak of memory.

    BIOGLOSS_DATA=... python benchmarks/corpus_build.py --quick
    BIOGLOSS_DATA=... python benchmarks/corpus_build.py --gigabytes 1

MB are a million bytes of UTF-8 text before cleaning; seconds are processor time of one process, so that other work on
the machine counts less. ``--gigabytes`` makes so much text out of the catalogue's (the same at every call) and builds a
corpus of it in a process of its own, whose peak of memory is the one that is told. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import string
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")

from _machine import data_folder, describe, table  # noqa: I001 - the threads are set first

from biogloss.pipeline.steps.sentences import sentences
from biogloss.preparation.build import build, tokenizer_file
from biogloss.preparation.cleaning import CLEANERS, cleaned
from biogloss.preparation.duplicates import Duplicates
from biogloss.preparation.language import is_in
from biogloss.preparation.overlap import Overlap
from biogloss.preparation.pieces import PieceMaker
from biogloss.preparation.recipe import Recipe, Source
from biogloss.preparation.sources import Text, texts
from biogloss.preparation.words import WordHashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


EVALUATION = ("bc5cdr", "ncbi_disease")
SENTENCES = (4, 14)  # of a made document: as many characters as an abstract has, 1,400 in the mean
REPEATED = 0.02  # of the made documents repeat the one before
T = TypeVar("T")


def main() -> None:
    """Measure, print a table, then one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 MB of texts instead of all of two collections")
    parser.add_argument("--gigabytes", type=float, help="build a corpus of so much text instead: 1, or 0.05 for a look")
    given = parser.parse_args()
    data_folder()
    print(describe(["numpy", "tokenizers", "safetensors"]))
    if given.gigabytes:
        _print_large(given.gigabytes)
    else:
        _print_stages(quick=given.quick)


def _print_stages(*, quick: bool) -> None:
    recipe = _recipe()
    documents = list(islice(_texts(recipe), 1200 if quick else None))
    megabytes = sum(len(text.encode()) for text in documents) / 1e6
    rates = {name: megabytes / seconds for name, seconds in _stages(documents).items()}
    rates["all, from file to shard"] = _whole(documents)
    print(table(["stage", "MB/s"], [[name, f"{rate:.1f}"] for name, rate in rates.items()]))
    found = {"megabytes": round(megabytes, 1), "peak_mb": _peak_mb()}
    print(json.dumps({**found, "mb_per_second": {name: round(rate, 2) for name, rate in rates.items()}}))


def _print_large(gigabytes: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        megabytes = _alone(_write_mixed, Path(name), int(gigabytes * 1e9))
        counts, core_seconds, seconds, peak = _alone(_built, Path(name))
    rows = [
        ["MB of text", f"{megabytes:,.0f}"],
        *([reason, f"{count:,}"] for reason, count in sorted(counts.items())),
        ["processor seconds", f"{core_seconds:,.0f}"],
        ["seconds", f"{seconds:,.0f}"],
        ["MB a processor second", f"{megabytes / core_seconds:.2f}"],
        ["MB a second", f"{megabytes / seconds:.2f}"],
        ["peak of memory, MB", f"{peak:,}"],
    ]
    print(table(["", ""], rows))
    found = {"megabytes": round(megabytes, 1), "mb_per_core_second": round(megabytes / core_seconds, 2)}
    print(json.dumps({**found, "peak_mb": peak}))


def _alone(work: Callable[..., T], *given: object) -> T:
    """The result of a function in a new process, so that its peak of memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(work, *given).result()


def _write_mixed(folder: Path, size: int) -> float:
    """Write at least so many bytes of text as records; tells how many million. Every call makes the same.

    A document is sentences of different texts of the catalogue with a name in it that no other has, so that words go on
    growing as they do in real text; a few documents repeat the one before.
    """
    rng = random.Random(1)
    pool = [text[span.start : span.end] for text in _texts(_recipe()) for span in sentences(text)]
    written, number, document = 0, 0, ""
    with (folder / "texts.jsonl").open("w", encoding="utf-8") as stream:
        while written < size:
            if not document or rng.random() >= REPEATED:
                name = "".join(rng.choices(string.ascii_lowercase, k=9))
                document = " ".join([f"We studied {name}.", *rng.choices(pool, k=rng.randint(*SENTENCES))])
            number += 1
            written += len(document.encode())
            stream.write(json.dumps({"id": number, "text": document}) + "\n")
    return written / 1e6


def _built(folder: Path) -> tuple[dict[str, int], float, float, int]:
    """Build a corpus of the records: counts, processor seconds, seconds, and the peak of memory in MB."""
    core_started, started = time.process_time(), time.perf_counter()
    made = build(replace(_recipe(folder), evaluation=EVALUATION), folder / "corpus")
    return made.counts["copy"], time.process_time() - core_started, time.perf_counter() - started, _peak_mb()


def _peak_mb() -> int:
    """The most memory that this process has had, in million bytes."""
    unit = 1024 if sys.platform != "darwin" else 1
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


def _recipe(folder: Path | None = None) -> Recipe:
    if folder is not None:
        return Recipe(sources=(Source(name="copy", paths=(str(folder / "texts.jsonl"),), fields=("text",)),))
    abstracts = Source(name="abstracts", paths=("data:text/abstracts.jsonl.xz",), fields=("title", "abstract"))
    answers = Source(name="answers", paths=("data:qa/medquad.jsonl.xz",), fields=("question", "answer"))
    return Recipe(sources=(abstracts, answers))


def _texts(recipe: Recipe) -> Iterable[str]:
    return (found.text for _, found in texts(recipe) if isinstance(found, Text))


def _stages(documents: Sequence[str]) -> dict[str, float]:
    """Seconds of each stage over all documents; the pieces once with an empty memory and once with a full one."""
    hashes, duplicates = WordHashes(), Duplicates(near=True)
    maker = PieceMaker(tokenizer_file(None))
    overlap = Overlap(documents[::50], hashes)
    words = [hashes(text) for text in documents]
    stages: dict[str, Callable[[str], object]] = {
        "clean": lambda text: cleaned(text, tuple(CLEANERS)),
        "language": lambda text: is_in(text, "en"),
        "hash words": hashes,
    }
    seconds = {name: _seconds(stage, documents) for name, stage in stages.items()}
    seconds["duplicates"] = _seconds(lambda one: duplicates.remember(duplicates.reason(one)[1]), words)
    seconds["overlap"] = _seconds(overlap.found, words)
    seconds["sentences and pieces, new words"] = _seconds(lambda text: maker(text, "en"), documents)
    seconds["sentences and pieces, known words"] = _seconds(lambda text: maker(text, "en"), documents)
    return seconds


def _seconds(stage: Callable[[T], object], given: Iterable[T]) -> float:
    started = time.process_time()
    for one in given:
        stage(one)
    return time.process_time() - started


def _whole(documents: Sequence[str]) -> float:
    """MB/s of a build from a file of JSON lines, everything counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "texts.jsonl"
        lines = (json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(documents))
        path.write_text("".join(lines), encoding="utf-8")
        started = time.process_time()
        build(_recipe(folder), folder / "corpus")
        seconds = time.process_time() - started
    return sum(len(text.encode()) for text in documents) / 1e6 / seconds


if __name__ == "__main__":
    main()
