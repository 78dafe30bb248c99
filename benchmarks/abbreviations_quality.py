"""How many of the abbreviation definitions of 1,250 abstracts are found, against the Ab3P corpus (Sohn et al. 2008).

    python benchmarks/abbreviations_quality.py [--quick]

A pair counts when short form and long form are both exactly those of the annotators (white space apart). The rules and
weights were tuned on the first half of the abstracts; the second half is the report. Intervals are 95 % bootstrap
intervals over abstracts. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import random
from pathlib import Path
from typing import NamedTuple

from biogloss.documents.abbreviations import abbreviations

DATA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[2] / "shared" / "data"))
FILE = DATA / "clinical" / "abbreviations-ab3p.txt.xz"
LABELLED_ABSTRACTS = 1250  # the same abstracts follow, without their pairs

Pair = tuple[str, str]


class Abstract(NamedTuple):
    """An abstract with the (short form, long form) pairs that annotators found in it."""

    id: str
    text: str
    gold: frozenset[Pair]


class Counts(NamedTuple):
    """Pairs in both, predicted, and annotated."""

    right: int
    found: int
    gold: int


def abstracts(path: Path) -> list[Abstract]:
    """The labelled abstracts, in the file's order."""
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        lines = stream.read().split("\n")
    starts = [number for number, line in enumerate(lines) if line.strip().isdigit() and len(line.strip()) > 4]
    records = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return [_abstract(record) for record in records[:LABELLED_ABSTRACTS]]


def _abstract(record: list[str]) -> Abstract:
    is_pair = [line.startswith("  ") and "|" in line for line in record]
    pairs = [line.split("|", 1) for line, pair in zip(record, is_pair, strict=True) if pair]
    text = [
        line
        for line, pair in zip(record[1:], is_pair[1:], strict=True)
        if not pair and not line.startswith("//") and line.strip()
    ]
    return Abstract(record[0].strip(), "\n".join(text), frozenset((_spaced(s), _spaced(long)) for s, long in pairs))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def counts(abstract: Abstract) -> Counts:
    """Compare the pairs found in an abstract with its gold pairs."""
    text = abstract.text
    found = {
        (_spaced(text[pair.short.start : pair.short.end]), _spaced(text[pair.long.start : pair.long.end]))
        for pair in abbreviations(text)
    }
    return Counts(len(found & abstract.gold), len(found), len(abstract.gold))


def scores(rows: list[Counts]) -> tuple[float, float, float]:
    """Precision, recall and F1 in per cent."""
    right, found, gold = (sum(column) for column in zip(*rows, strict=True))
    return 100 * right / max(found, 1), 100 * right / max(gold, 1), 200 * right / max(found + gold, 1)


def intervals(rows: list[Counts], *, samples: int, rng: random.Random) -> list[tuple[float, float]]:
    """The 95 % bootstrap intervals of the three scores."""
    drawn = [scores(rng.choices(rows, k=len(rows))) for _ in range(samples)]
    cut = round(samples * 0.025)
    return [(column[cut], column[-cut - 1]) for column in map(sorted, zip(*drawn, strict=True))]


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200 bootstrap samples instead of 2,000")
    options = parser.parse_args()
    rows = [counts(abstract) for abstract in abstracts(FILE)]
    half = len(rows) // 2
    print(f"{'half':<8}{'precision':>24}{'recall':>24}{'F1':>24}{'pairs':>8}")
    for name, part in (("first", rows[:half]), ("second", rows[half:])):
        result = scores(part)
        bounds = intervals(part, samples=200 if options.quick else 2000, rng=random.Random(0))
        cells = [f"{value:.2f} ({low:.2f}-{high:.2f})" for value, (low, high) in zip(result, bounds, strict=True)]
        print(f"{name:<8}" + "".join(f"{cell:>24}" for cell in cells) + f"{sum(row.gold for row in part):>8}")
    report: dict[str, object] = dict(zip(("precision", "recall", "f1"), (round(v, 2) for v in result), strict=True))
    report["f1_interval"] = [round(bound, 2) for bound in bounds[2]]
    report["pairs"] = sum(row.gold for row in part)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
