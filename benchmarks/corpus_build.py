"""How fast a corpus is built: MB/s of each stage on one core, and of the whole with its peak of memory.

    BIOGLOSS_DATA=... python benchmarks/corpus_build.py --quick

MB are a million bytes of UTF-8 text before cleaning; seconds are processor time of this one process, so that other work
on the machine counts less. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")

from _machine import data_folder, describe, table  # noqa: I001 - the threads are set first

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


T = TypeVar("T")


def main() -> None:
    """Measure, print a table, then one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 MB of texts instead of all of two collections")
    quick = parser.parse_args().quick
    data_folder()
    print(describe(["numpy", "tokenizers", "safetensors"]))
    recipe = _recipe()
    documents = list(islice(_texts(recipe), 1200 if quick else None))
    megabytes = sum(len(text.encode()) for text in documents) / 1e6
    rates = {name: megabytes / seconds for name, seconds in _stages(documents).items()}
    rates["all, from file to shard"] = _whole(documents)
    print(table(["stage", "MB/s"], [[name, f"{rate:.1f}"] for name, rate in rates.items()]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 10 if sys.platform != "darwin" else 1 << 20)
    found = {"megabytes": round(megabytes, 1), "peak_mb": round(peak)}
    print(json.dumps({**found, "mb_per_second": {name: round(rate, 2) for name, rate in rates.items()}}))


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
