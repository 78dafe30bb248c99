"""How often a name alone gives the right identifier: gold mentions of development parts, looked up in an index.

    python benchmarks/linking.py INDEX             every development part of the data catalogue
    python benchmarks/linking.py INDEX --quick     20 documents of each, 100 bootstrap samples

Each mention that has an identifier in the corpus is looked up by its text, without its context: as it stands but for
capitals; by its normal form too; and with the mentions of the training part as further names (the identifier they have
most often there). It is right when the best identifier is one of the gold ones. Genes are looked up among those of all
species in the index, the human one first, and among those of the gold gene's own species. Intervals are 95 % bootstrap
intervals over documents. Names per second are distinct mentions of all parts, all at once, on one thread. Last line:
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import _machine
from biogloss import corpora
from biogloss.evaluation.bootstrap import Estimate, Measure, Name, estimates
from biogloss.evaluation.rates import ratio
from biogloss.knowledge import Terms
from biogloss.knowledge.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document

QUICK_DOCUMENTS = 20
HUMAN_FIRST = ("NCBITaxon:9606", "NCBITaxon:10090")
REPETITIONS = 5

Ids = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A development part, the mentions of it that are looked up, and the vocabularies of their identifiers."""

    name: str
    corpus: str
    label: str
    namespaces: Ids
    types: Ids


PARTS = (
    Part("bc5cdr_disease", "bc5cdr", "Disease", ("MESH",), ("Disease", "Other")),
    Part("bc5cdr_chemical", "bc5cdr", "Chemical", ("MESH",), ("Chemical", "Other")),
    Part("ncbi_disease", "ncbi_disease", "Disease", ("MESH", "OMIM"), ("Disease", "Other")),
    Part("nlm_gene", "nlm_gene", "Gene", ("NCBIGene",), ("Gene",)),
    Part("gnormplus", "gnormplus", "Gene", ("NCBIGene",), ("Gene",)),
)


@dataclass(frozen=True)
class Mention:
    """Its text and its gold identifiers."""

    text: str
    gold: Ids


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="an index of terms, as `biogloss terms build` writes it")
    parser.add_argument("--quick", action="store_true", help="20 documents of each part, 100 bootstrap samples")
    options = parser.parse_args()
    _machine.data_folder()
    opening, memory = opened_alone(options.index)
    rows: list[tuple[str, ...]] = []
    report: dict[str, object] = {}
    with Terms.open(options.index) as terms:
        for part in PARTS:
            found = part_scores(terms, part, quick=options.quick)
            rows += [(part.name, way, *cells(score)) for way, score in found.items()]
            report[part.name] = {way: round(100 * score.value, 2) for way, (score, _) in found.items()}
        speed = names_per_second(terms, quick=options.quick)
    print(_machine.describe(("numpy",)))
    print(_machine.table(("mentions", "looked up by", "accuracy (95 % interval)", "mentions with an id"), rows))
    print(f"{speed:,.0f} distinct names a second; opened in {opening:.3f} s; {memory:.0f} MB resident after looking up")
    report |= {"names_per_second": round(speed), "open_seconds": round(opening, 4), "rss_mb": round(memory)}
    print(json.dumps(report))


def cells(found: tuple[Estimate, int]) -> tuple[str, str]:
    """A score and how many mentions it is of, for the table."""
    score, mentions = found
    return f"{100 * score.value:.1f} ({100 * score.low:.1f}-{100 * score.high:.1f})", f"{mentions:,}"


def part_scores(terms: Terms, part: Part, *, quick: bool) -> dict[str, tuple[Estimate, int]]:
    """The accuracy of each way of looking up, and how many mentions it is of."""
    dev = [mentions(document, part.label) for document in corpora.labelled(part.corpus, "dev")]
    dev = dev[:QUICK_DOCUMENTS] if quick else dev
    names = {mention.text for document in dev for mention in document}
    known = training_names(part)
    same, normal = looked_up(terms, part, names, exact=True), looked_up(terms, part, names)
    ways: dict[str, Callable[[Mention], str]] = {
        "same name": lambda mention: same.get(mention.text, ""),
        "normal form": lambda mention: normal.get(mention.text, ""),
        "normal form, training names": lambda mention: (
            known.get(normalise(mention.text)) or normal.get(mention.text, "")
        ),
    }
    if part.label == "Gene":
        of_species = by_species(terms, part, dev)
        ways["normal form, species known"] = lambda mention: of_species.get((mention.text, mention.gold), "")
    samples = 100 if quick else 1000
    return {way: accuracy(dev, lookup, samples) for way, lookup in ways.items()}


def mentions(document: Document, label: str) -> list[Mention]:
    """The mentions of a type that have an identifier."""
    found = [entity for entity in document.entities if entity.label == label and entity.links]
    return [Mention(entity.text, tuple(link.id for link in entity.links)) for entity in found]


def training_names(part: Part) -> dict[str, str]:
    """The identifier that a normal form has most often in the training part."""
    counts: dict[str, Counter[str]] = {}
    for document in corpora.labelled(part.corpus, "train"):
        for mention in mentions(document, part.label):
            counts.setdefault(normalise(mention.text), Counter()).update(mention.gold)
    return {name: min(found, key=lambda id_: (-found[id_], id_)) for name, found in counts.items()}


def looked_up(terms: Terms, part: Part, names: set[str], *, exact: bool = False) -> dict[str, str]:
    """The best identifier of each name; where several species have it, that of the first of ``HUMAN_FIRST``."""
    hits = terms.find(sorted(names), types=part.types, namespaces=part.namespaces)
    kept = {name: [hit for hit in found if not exact or hit.level in ("exact", "case")] for name, found in hits.items()}
    order = {taxon: place for place, taxon in enumerate(HUMAN_FIRST)}
    return {
        name: min(found, key=lambda hit: (-hit.score, order.get(hit.taxon, len(order)))).id
        for name, found in kept.items()
        if found
    }


def by_species(terms: Terms, part: Part, dev: Sequence[Sequence[Mention]]) -> dict[tuple[str, Ids], str]:
    """The best identifier of each mention among the genes of the species that its gold gene is of."""
    wanted = {(mention.text, mention.gold) for document in dev for mention in document}
    by_taxon: dict[str, list[tuple[str, Ids]]] = {}
    for text, gold in wanted:
        by_taxon.setdefault(taxon_of(terms, gold[0]), []).append((text, gold))
    found: dict[tuple[str, Ids], str] = {}
    for taxon, pairs in by_taxon.items():
        if taxon:
            hits = terms.find({text for text, _ in pairs}, types=part.types, namespaces=part.namespaces, taxa=[taxon])
            found |= {(text, gold): hits[text][0].id for text, gold in pairs if hits[text]}
    return found


def taxon_of(terms: Terms, gene: str) -> str:
    """The species of a gene, where the index knows it."""
    ids = (gene, *terms.same([gene])[gene])
    return next((concept.taxon for id_ in ids if (concept := terms.concept(id_)) and concept.taxon), "")


def accuracy(dev: Sequence[Sequence[Mention]], lookup: Callable[[Mention], str], samples: int) -> tuple[Estimate, int]:
    """The share of mentions whose identifier is a gold one, and how many there are."""
    right = np.array([sum(lookup(mention) in mention.gold for mention in document) for document in dev], float)
    gold = np.array([len(document) for document in dev], float)

    def values(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return ratio(times @ right, times @ gold)[:, None]

    measure = Measure((Name("all", "accuracy"),), len(dev), values)
    return estimates(measure, samples=samples)[Name("all", "accuracy")], int(gold.sum())


def names_per_second(terms: Terms, *, quick: bool) -> float:
    """Distinct mentions of all parts, looked up at once as the type they have; the median of ``REPETITIONS``."""
    names: Mapping[Part, list[str]] = {
        part: sorted(
            {m.text for document in corpora.labelled(part.corpus, "dev") for m in mentions(document, part.label)}
        )
        for part in PARTS[: 1 if quick else None]
    }
    seconds = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        for part, texts in names.items():
            terms.find(texts, types=part.types, namespaces=part.namespaces)
        seconds.append(time.process_time() - start)
    return sum(map(len, names.values())) / sorted(seconds)[len(seconds) // 2]


ALONE = """
import sys, time
from biogloss.knowledge import Terms
start = time.perf_counter()
terms = Terms.open(sys.argv[1])
terms.find(["metformin"])
print(time.perf_counter() - start)
names = [name.rstrip("\\n") for name in sys.stdin]
terms.find(names, namespaces=["MESH"])
for name in names[:200]: terms.similar(name, namespaces=["MESH"])
import psutil
print(psutil.Process().memory_info().rss / 1e6)
"""


def opened_alone(index: Path) -> tuple[float, float]:
    """Seconds to open the index and look up one name, and megabytes resident after many, in a process of its own."""
    part = PARTS[0]
    names = {m.text for document in corpora.labelled(part.corpus, "dev") for m in mentions(document, part.label)}
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(index)],
        input="\n".join(sorted(names)),
        text=True,
        capture_output=True,
        check=True,
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


if __name__ == "__main__":
    main()
