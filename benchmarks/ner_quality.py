"""Strict and partial mention F1 of what `biogloss annotate` finds with a model, with 95 % intervals.

    python benchmarks/ner_quality.py                     the embedded model, every corpus of the data catalogue
    python benchmarks/ner_quality.py my-model --quick    the first 20 documents of each part
    python benchmarks/ner_quality.py my-model --corpora bc5cdr ncbi_disease

Each corpus is scored on the types of which it marks every mention, by every step, abbreviations included. Development
parts that the embedded model has learned from (`with_dev` of its recipe) are left out; test parts, which the catalogue
has of BC5CDR and NCBI disease, taught and chose nothing. The last line is one JSON object, a list of rows.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss import corpora, recipes
from biogloss.errors import Failure
from biogloss.evaluation.entities import ALL, scores
from biogloss.models import folder as folders
from biogloss.pipeline import gloss
from biogloss.training.recipe import PREFIX, Recipe

if TYPE_CHECKING:
    from biogloss.documents import Document

QUICK_DOCUMENTS = 20
RECIPE = "ner-relations-roles-en"  # of the embedded model
WORKERS = 2


@dataclass(frozen=True)
class Row:
    """One corpus part and type; figures in percent."""

    corpus: str
    part: str
    label: str
    mentions: int
    precision: float
    recall: float
    f1: float
    low: float
    high: float
    partial_f1: float


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default=gloss.EMBEDDED)
    parser.add_argument("--quick", action="store_true", help="the first 20 documents of each part")
    known = corpora.names("ner")
    parser.add_argument("--corpora", nargs="+", default=known, choices=known, metavar="NAME")
    arguments = parser.parse_args()
    labels = folders.settings(gloss.folder(arguments.model)).head("ner").labels
    pipeline = gloss.load(arguments.model, workers=WORKERS, link=False)
    limit = QUICK_DOCUMENTS if arguments.quick else None
    is_embedded = arguments.model == gloss.EMBEDDED
    recipe = recipes.load(RECIPE, Recipe, prefix=PREFIX)
    learned = {name for task in recipe.tasks for name in task.with_dev} if is_embedded else set()
    rows = []
    print("| corpus | part | type | mentions | precision | recall | F1 (95 % interval) | partial F1 |")
    print("|---|---|---|---:|---:|---:|---|---:|")
    for name in arguments.corpora:
        for part in corpora.card(name).counts:
            if part != "train" and not (part == "dev" and name in learned):
                rows += (found := part_rows(pipeline, labels, name, part, limit))
                for row in found:
                    print(line(row), flush=True)
    print(json.dumps({"model": Path(arguments.model).name, "rows": [vars(row) for row in rows]}))


def part_rows(pipeline: gloss.Gloss, known: tuple[str, ...], name: str, part: str, limit: int | None) -> list[Row]:
    """The scores of one part of one corpus."""
    gold = list(corpora.labelled(name, part))[:limit]
    found = annotated(pipeline, gold)
    labels = [label for label in known if label in corpora.card(name).exhaustive]
    strict = scores(gold, found, labels=labels)
    partial = scores(gold, found, labels=labels, match="partial", samples=0)
    rows = []
    for label, score in strict.items():
        if score.counts.gold and (label != ALL or len(labels) > 1):
            counts = score.counts
            percents = (counts.precision, counts.recall, counts.f1, score.low, score.high, partial[label].counts.f1)
            rows.append(Row(name, part, label, counts.gold, *(round(100 * value, 2) for value in percents)))
    return rows


def annotated(pipeline: gloss.Gloss, gold: list[Document]) -> list[Document]:
    """The texts alone, annotated."""
    found = []
    for result in pipeline.pipe((document.with_entities(()) for document in gold), workers=WORKERS):
        if isinstance(result, Failure):
            raise SystemExit(str(result))
        found.append(result)
    return found


def line(row: Row) -> str:
    """A row of a Markdown table."""
    interval = f"{row.f1:.1f} ({row.low:.1f}-{row.high:.1f})"
    figures = f"{row.mentions:,} | {row.precision:.1f} | {row.recall:.1f} | {interval} | {row.partial_f1:.1f}"
    return f"| {row.corpus} | {row.part} | {row.label} | {figures} |"


if __name__ == "__main__":
    main()
