"""CTranslate2 against ONNX Runtime, int8 against float32: development F1, batch invariance and speed of one model.

    python benchmarks/runtimes.py runs/ner-bc5cdr/model [--quick]

Exports the trainable folder four ways and annotates the development parts of BC5CDR and NCBI disease with each, one
thread. "changed" counts the documents whose annotations differ when they are annotated alone and in reversed company.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from biogloss import corpora
from biogloss.evaluation.entities import scores
from biogloss.models.export import PRECISIONS, RUNTIMES, export
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline.steps import model as neural

if TYPE_CHECKING:
    from biogloss.documents import Document

CORPORA = ("bc5cdr", "ncbi_disease")
QUICK_DOCUMENTS = 8


def main() -> None:
    """Print a row for each runtime and precision, and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_DOCUMENTS} documents a corpus")
    parser.add_argument("--documents", type=int, help="the first so many of each corpus; all where left out")
    arguments = parser.parse_args()
    limit = QUICK_DOCUMENTS if arguments.quick else arguments.documents
    gold = {name: list(corpora.labelled(name, "dev"))[:limit] for name in CORPORA}
    pieces = sum(
        len(own)
        for documents in gold.values()
        for own in Tokenizer(arguments.model / "tokenizer.json").many([document.text for document in documents])
    )
    rows = {}
    print(f"{'runtime':<24}{'BC5CDR F1':>10}{'NCBI F1':>10}{'changed':>9}{'pieces/s':>10}{'MB':>7}")
    for runtime in RUNTIMES:
        for precision in PRECISIONS:
            name = f"{runtime} {precision}"
            rows[name] = row = measure(arguments.model, runtime, precision, gold, pieces)
            print(
                f"{name:<24}{row['bc5cdr']:>10.2f}{row['ncbi_disease']:>10.2f}{row['changed']:>9}"
                f"{row['pieces_per_second']:>10,}{row['megabytes']:>7}"
            )
    print(json.dumps(rows))


def measure(
    model: Path, runtime: str, precision: str, gold: dict[str, list[Document]], pieces: int
) -> dict[str, float]:
    """One runtime's figures."""
    with TemporaryDirectory() as place:
        folder = export(model, Path(place) / "model", runtime=runtime, precision=precision)
        step = neural.step(folder)
        row: dict[str, float] = {"megabytes": round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1)}
        changed, started = 0, time.perf_counter()
        found = {name: step.many(documents) for name, documents in gold.items()}
        seconds = time.perf_counter() - started
        for name, documents in gold.items():
            labels = sorted(corpora.card(name).exhaustive)
            row[name] = round(100 * scores(documents, found[name], labels=labels, samples=0)["all"].counts.f1, 2)
            again = step.many(documents[::-1])[::-1]
            alone = [step(document) for document in documents]
            changed += sum(not one == two == three for one, two, three in zip(found[name], again, alone, strict=True))
    return row | {"changed": changed, "pieces_per_second": round(pieces / seconds)}


if __name__ == "__main__":
    main()
