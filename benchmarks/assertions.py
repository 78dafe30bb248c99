"""How well negation is told for 1,229 findings of de-identified clinical reports, beside NegEx, and how fast.

    python benchmarks/assertions.py [--quick] [--errors]

The sentences are the half of NegEx's test kit that is there for development (Chapman et al. 2001, Harkema et al. 2009).
Every second report was looked at while the rules were written (``seen``); the others were not (``unseen``), and they
are the report. Six findings that do not stand in their sentence are left out. Intervals are 95 % bootstrap intervals
over reports. ``--errors`` prints what goes wrong in the reports that may be looked at. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import sys
import time
from collections import defaultdict
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import _negex
from biogloss.documents import Document, Span, attributes_of, entity_at
from biogloss.pipeline.steps import assertions, sections, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

DATA = Path(os.environ.get("BIOGLOSS_DATA", Path(__file__).parents[2] / "shared" / "data"))
FILE = DATA / "clinical" / "negex-half.tsv"

STEPS = (sections.step(), sentences.step(), assertions.step())


class Finding(NamedTuple):
    """A finding in its sentence, and whether annotators called it negated."""

    report: str
    text: str
    start: int
    end: int
    negated: bool


class Counts(NamedTuple):
    """Findings called negated by both, by the program and by the annotators."""

    right: int
    found: int
    gold: int


def findings(path: Path) -> list[Finding]:
    """The findings of the file, in its order, but those that are not in their sentence, where they are in capitals."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as stream:
        return [found for row in csv.DictReader(stream, delimiter="\t") if (found := _finding(row))]


def _finding(row: dict[str, str]) -> Finding | None:
    concept, text = row["Concept"], row["Sentence"]
    match = re.search(_spaced(concept.upper()), text) or re.search(_spaced(concept), text, re.IGNORECASE)
    return match and Finding(row["Report No."], text, match.start(), match.end(), row["Negation"] == "Negated")


def _spaced(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def halves(rows: Sequence[Finding]) -> dict[str, list[Finding]]:
    """The findings of every second report, and those of the others."""
    reports = dict.fromkeys(row.report for row in rows)
    half_of = dict(zip(sorted(reports, key=int), cycle(("seen", "unseen"))))
    return {half: [row for row in rows if half_of[row.report] == half] for half in ("seen", "unseen")}


def ours(row: Finding) -> bool:
    """Whether the steps say that a finding is negated."""
    return attributes_of(_annotated(_document(row)).entities[0]).get("negation") == "negated"


def _document(row: Finding) -> Document:
    entity = entity_at(row.text, Span(row.start, row.end), "Disease", id="T1")
    return Document("1", row.text, entities=(entity,))


def _annotated(document: Document) -> Document:
    for step in STEPS:
        document = step(document)
    return document


def negex(row: Finding) -> bool:
    """Whether NegEx says so."""
    return _negex.negated(row.text, (row.start, row.end))


def counts(rows: Iterable[Finding], tell: Callable[[Finding], bool]) -> list[Counts]:
    """What a program finds, a row for each report."""
    by_report: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for row in rows:
        by_report[row.report].append((tell(row), row.negated))
    return [
        Counts(sum(a and b for a, b in pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs))
        for pairs in by_report.values()
    ]


def scores(rows: Sequence[Counts]) -> tuple[float, float, float]:
    """Precision, recall and F1 in per cent."""
    right, found, gold = (sum(column) for column in zip(*rows, strict=True))
    return 100 * right / max(found, 1), 100 * right / max(gold, 1), 200 * right / max(found + gold, 1)


def intervals(rows: Sequence[Counts], *, samples: int, rng: random.Random) -> list[tuple[float, float]]:
    """The 95 % bootstrap intervals of the three scores, over reports."""
    drawn = [scores(rng.choices(rows, k=len(rows))) for _ in range(samples)]
    cut = round(samples * 0.025)
    return [(column[cut], column[-cut - 1]) for column in map(sorted, zip(*drawn, strict=True))]


def entities_per_second(rows: Sequence[Finding], *, passes: int) -> float:
    """Entities that the step alone gets through a second of processor time, in the fastest of so many passes.

    Sentences are marked already; ten of them make a document, each with one entity.
    """
    step = STEPS[-1]
    documents = [_joined(rows[start : start + 10]) for start in range(0, len(rows), 10)]
    times = []
    for _ in range(passes):
        start = time.process_time()
        for document in documents:
            step(document)
        times.append(time.process_time() - start)
    return len(rows) / min(times)


def _joined(rows: Sequence[Finding]) -> Document:
    text, entities = "", []
    for number, row in enumerate(rows, 1):
        span = Span(row.start + len(text), row.end + len(text))
        entities.append((span, f"T{number}"))
        text += row.text + "\n\n"
    made = tuple(entity_at(text, span, "Disease", id=name) for span, name in entities)
    return sentences.step()(Document("1", text, entities=made))


def _print_errors(rows: Iterable[Finding]) -> None:
    for row in rows:
        if ours(row) != row.negated:
            start, end = max(0, row.start - 150), row.end + 100
            missed = "missed" if row.negated else "wrong "
            print(f"{missed} {row.report}: {' '.join(row.text[start:end].split())}")


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200 bootstrap samples, five passes for the speed")
    parser.add_argument("--errors", action="store_true", help="print the errors of the reports that were seen")
    options = parser.parse_args()
    samples = 200 if options.quick else 2000
    halved = halves(findings(FILE))
    parts = {**halved, "all": [row for half in halved.values() for row in half]}
    report: dict[str, object] = {}
    print(f"{'reports':<10}{'':<10}{'precision':>24}{'recall':>24}{'F1':>24}{'negated':>9}{'findings':>9}")
    for part, rows in parts.items():
        for name, tell in (("Biogloss", ours), ("NegEx", negex)):
            found = counts(rows, tell)
            result, bounds = scores(found), intervals(found, samples=samples, rng=random.Random(0))
            cells = [f"{value:.1f} ({low:.1f}-{high:.1f})" for value, (low, high) in zip(result, bounds, strict=True)]
            print(
                f"{part:<10}{name:<10}"
                + "".join(f"{cell:>24}" for cell in cells)
                + f"{sum(one.gold for one in found):>9}{len(rows):>9}"
            )
            report[f"{part}_{name.lower()}"] = [round(value, 1) for value in result]
            report[f"{part}_{name.lower()}_f1_interval"] = [round(bound, 1) for bound in bounds[2]]
    if options.errors:
        _print_errors(halved["seen"])
    speed = entities_per_second(parts["all"], passes=5 if options.quick else 50)
    print(f"{speed:,.0f} entities a second of processor time, about one a sentence")
    report["negation_f1"] = report["unseen_biogloss"][2]  # type: ignore[index]
    print(json.dumps(report | {"entities_per_second": round(speed)}))


if __name__ == "__main__":
    main()
