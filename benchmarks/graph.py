"""How fast a graph of a million statements answers, and how fast documents become one.

    python benchmarks/graph.py --wheels FOLDER [--graph FILE] [--documents FILE]

The graph is made of the curated layers whose wheels are in the folder (kept in FILE, where it is named, for the next
time). Questions are asked of concepts at the ends of statements drawn at random, so that concepts with many statements
come as often as they have statements: harder than concepts drawn at random. Documents are those of BioRED, BC5CDR and
PGR, with their relations, or a file of annotated ones. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import _machine
from biogloss import corpora
from biogloss.errors import Failure, InputError
from biogloss.formats import _detect
from biogloss.knowledge.graph import layers, paths
from biogloss.knowledge.graph.build import Reading, record
from biogloss.knowledge.graph.query import Graph
from biogloss.knowledge.graph.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from biogloss.documents import Document

CORPORA = (("biored", "train"), ("biored", "dev"), ("cdr", "train"), ("pgr", "train"))
QUESTIONS = 100
AT_ONCE = 256
K, LONGEST = 10, 3
PACKAGES = ("biogloss", "numpy")


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, required=True, help="folder of the pinned files of the layers")
    parser.add_argument("--graph", type=Path, help="where the graph of the layers is, or is kept")
    parser.add_argument("--documents", type=Path, help="annotated documents, in place of the corpora")
    options = parser.parse_args()
    _machine.data_folder()
    print(_machine.describe(PACKAGES))
    with TemporaryDirectory() as folder, _machine.Load() as load:
        rate = built(documents(options.documents), Path(folder) / "documents.graph")
        place = options.graph or Path(folder) / "layers.graph"
        if not place.exists():
            fill(place, options.wheels)
        with Graph.open(place) as graph:
            size = graph.counts()
            print(f"{size.nodes:,} concepts, {size.edges:,} statements, {size.evidence:,} pieces of evidence")
            near, ways = ask(graph)
    print(load)
    found = {"neighbours_ms": near, "paths_ms": ways, "edges": size.edges, "build_documents_per_second": rate}
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))


def fill(place: Path, wheels: Path) -> None:
    """Put every layer whose files are there into a new graph."""
    with Store.create(place) as store:
        for name in layers.names():
            start = time.perf_counter()
            try:
                store.put([layers.record(name, wheels, Counter())])
                print(f"{name}: {time.perf_counter() - start:.0f} s")
            except InputError as error:
                print(f"{name} left out: {error}")
        store.optimise()


def documents(file: Path | None) -> list[Document]:
    """The documents of a file, or of the corpora that have relations and identifiers."""
    if file is None:
        return [one for corpus, split in CORPORA for one in corpora.documents(corpus, split)]
    return [one for one in _detect.open_documents(file) if not isinstance(one, Failure)]


def built(found: Sequence[Document], place: Path) -> float:
    """Documents that become part of a new graph, a second."""
    start = time.perf_counter()
    with Store.create(place) as store:
        for at in range(0, len(found), AT_ONCE):
            store.put([record(one, Reading(), Counter()) for one in found[at : at + AT_ONCE]])
    seconds = time.perf_counter() - start
    print(f"{len(found):,} documents in {seconds:.1f} s")
    return len(found) / seconds


def ask(graph: Graph) -> tuple[float, float]:
    """Milliseconds of a question for neighbours, and of one for paths, at the median."""
    rows = graph.rows(
        "SELECT s.id, o.id FROM edges e JOIN nodes s ON s.number = e.subject JOIN nodes o ON o.number = e.object"
        f" WHERE e.number % 997 = 0 LIMIT {20 * QUESTIONS}"
    )
    random_ = random.Random(17)
    ends = [identifier for row in rows for identifier in row]
    pairs = [pair for pair in (random_.sample(ends, 2) for _ in range(QUESTIONS)) if pair[0] != pair[1]]
    near = timed("neighbours", (partial(graph.neighbours, one, limit=100) for one, _ in pairs))
    ways = timed(
        f"{K} best paths of up to {LONGEST} steps",
        (partial(paths.best, graph, *pair, k=K, longest=LONGEST) for pair in pairs),
    )
    return near, ways


def timed(words: str, questions: Iterable[Callable[[], object]]) -> float:
    """The median, after printing it with the slowest twentieth."""
    found = []
    for question in questions:
        start = time.perf_counter()
        question()
        found.append(1000 * (time.perf_counter() - start))
    print(f"{words}: median {median(found):.1f} ms, 95 of 100 within {quantiles(found, n=20)[-1]:.1f} ms")
    return median(found)


if __name__ == "__main__":
    main()
