"""How many of BioRED's variant mentions the patterns find, by exact and by overlapping characters.

    python benchmarks/variants_quality.py [--quick]

The patterns were tuned on BioRED's training part; the development part is the report. Mentions that the corpus writes
in words ("glycine to glutamine", "TT genotype") count as missed. Intervals are 95 % bootstrap intervals over documents.
Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from biogloss.documents import Document
from biogloss.formats import pubtator
from biogloss.pipeline.steps.variants import variants

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[2] / "shared" / "data")) / "relations" / "biored"
GOLD_LABEL = "SequenceVariant"


class Counts(NamedTuple):
    """Mentions of one document: exact in both; predicted that touch gold; gold that are touched; predicted; gold."""

    right: int
    touching: int
    touched: int
    found: int
    gold: int


def documents(name: str) -> Iterator[Document]:
    """The readable documents of one file."""
    return (document for document in pubtator.read(DATA / name) if isinstance(document, Document))


def counts(document: Document) -> Counts:
    """Compare the variants found in a document's text with its gold mentions."""
    gold = {(entity.start, entity.end) for entity in document.entities if entity.label == GOLD_LABEL}
    found = {(entity.start, entity.end) for entity in variants(document.text)}
    touching = sum(any(a < d and c < b for c, d in gold) for a, b in found)
    touched = sum(any(a < d and c < b for c, d in found) for a, b in gold)
    return Counts(len(gold & found), touching, touched, len(found), len(gold))


def scores(rows: list[Counts]) -> dict[str, float]:
    """Precision, recall and F1 in per cent, exact and overlapping."""
    right, touching, touched, found, gold = (sum(column) for column in zip(*rows, strict=True))
    precision, recall = touching / max(found, 1), touched / max(gold, 1)
    return {
        "precision": 100 * right / max(found, 1),
        "recall": 100 * right / max(gold, 1),
        "f1": 200 * right / max(found + gold, 1),
        "overlap_precision": 100 * precision,
        "overlap_recall": 100 * recall,
        "overlap_f1": 200 * precision * recall / max(precision + recall, 1e-9),
    }


def interval(rows: list[Counts], name: str, *, samples: int, rng: random.Random) -> list[float]:
    """The 95 % bootstrap interval of one score."""
    drawn = sorted(scores(rng.choices(rows, k=len(rows)))[name] for _ in range(samples))
    cut = round(samples * 0.025)
    return [round(drawn[cut], 2), round(drawn[-cut - 1], 2)]


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200 bootstrap samples instead of 2,000")
    options = parser.parse_args()
    for name in ("Train.PubTator", "Dev.PubTator"):
        rows = [counts(document) for document in documents(name)]
        result = scores(rows)
        print(f"{name} ({sum(row.gold for row in rows)} mentions)")
        for kind in ("", "overlap_"):
            cells = "  ".join(f"{score} {result[kind + score]:6.2f}" for score in ("precision", "recall", "f1"))
            print(f"  {'overlapping' if kind else 'exact':<12}{cells}")
    report: dict[str, object] = {name: round(value, 2) for name, value in result.items()}
    report["f1_interval"] = interval(rows, "f1", samples=200 if options.quick else 2000, rng=random.Random(0))
    print(json.dumps(report | {"mentions": sum(row.gold for row in rows)}))


if __name__ == "__main__":
    main()
