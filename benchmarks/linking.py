"""How often a mention gets the right identifier: gold mentions of development parts, and mentions that a model finds.

    python benchmarks/linking.py                     the index that ships, every development part of the data catalogue
    python benchmarks/linking.py --index INDEX       another one, as `biogloss terms build` writes it
    python benchmarks/linking.py --quick             20 documents of each part, 100 bootstrap samples

Each gold mention that has an identifier is linked in its document, whose other mentions and abbreviations are known
too; it is right when the best identifier is one of the gold ones, however sure the linker is of it. Beside that stand
simpler ways: the best identifier of the same name, and of the same normal form with the mentions of the training part
as further names. Genes are linked with the species that the linker reads in the text, and with that of the gold gene.
The linker has learned from the training parts of these corpora, never from the development parts. End to end, the
embedded model finds mentions and the linker links them; one counts as right with exact offsets, type and a gold
identifier. That is told of test parts, for the model has learned to find the mentions of the development parts.
Intervals are 95 % bootstrap intervals over documents. Speeds are of distinct mentions on one thread. Genes of mouse and
fly need an index that has them. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

import _machine
from biogloss import corpora
from biogloss.evaluation.bootstrap import Estimate, Measure, Name, estimates
from biogloss.evaluation.rates import ratio
from biogloss.knowledge import Terms, shipped
from biogloss.knowledge.linker import Learnt, Linker, Surroundings, ranker, wanted
from biogloss.knowledge.linker.nearness import Nearness
from biogloss.knowledge.normalise import normalise
from biogloss.pipeline import embed, gloss
from biogloss.pipeline.steps import linking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.documents import Document, Entity
    from biogloss.knowledge.linker import Mention

QUICK_DOCUMENTS = 20
REPETITIONS = 3
RERANKED = 200
"""Mentions by which the speed of ranking with an encoder is measured."""
PUBLISHED = {"bc5cdr_disease": 93.5, "bc5cdr_chemical": 96.6, "ncbi_disease": 92.4}
"""Accuracy on test parts of BioSyn with SapBERT (github.com/dmis-lab/BioSyn), whose names are of MEDIC and CTD."""


@dataclass(frozen=True)
class Part:
    """A development part, the type of its mentions, and the vocabularies of their identifiers."""

    name: str
    corpus: str
    label: str
    namespaces: tuple[str, ...]


PARTS = (
    Part("bc5cdr_disease", "bc5cdr", "Disease", ("MESH",)),
    Part("bc5cdr_chemical", "bc5cdr", "Chemical", ("MESH",)),
    Part("ncbi_disease", "ncbi_disease", "Disease", ("MESH", "OMIM")),
    Part("nlm_gene", "nlm_gene", "Gene", ("NCBIGene",)),
    Part("gnormplus", "gnormplus", "Gene", ("NCBIGene",)),
)
GENES = ("nlm_gene", "gnormplus")

Way = tuple[list[int], list[int]]
"""Of each document how many mentions are right, and how many there are."""


def main() -> None:
    """Print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", default="", help="an index of terms; left out, the one that ships")
    parser.add_argument("--quick", action="store_true", help="20 documents of each part, 100 bootstrap samples")
    parser.add_argument("--end-to-end", type=int, default=500, metavar="N", help="documents of each part to annotate")
    options = parser.parse_args()
    _machine.data_folder()
    index = shipped.located(options.index)
    limit, samples = (QUICK_DOCUMENTS, 100) if options.quick else (None, 1000)
    report: dict[str, object] = {}
    rows = []
    with Terms.open(index) as terms:
        found = {part: part_ways(terms, part, limit) for part in PARTS}
        for part, ways in found.items():
            rows += [(part.name, *row(way, counts, samples, PUBLISHED.get(part.name))) for way, counts in ways.items()]
            report[part.name] = value(ways["linked"])
        genes = [found[part]["linked, species known"] for part in PARTS if part.name in GENES]
        report["gene"] = value(([n for one, _ in genes for n in one], [n for _, one in genes for n in one]))
        print(_machine.describe(("numpy", "ctranslate2")))
        print(f"{index}: {', '.join(source.name for source in terms.sources())}")
        header = ("mentions", "identifier of", "accuracy (95 % interval)", "mentions with an id", "published")
        print(_machine.table(header, rows))
        report |= speeds(terms, limit)
        report |= end_to_end(terms, min(options.end_to_end, limit or options.end_to_end), samples)
    seconds, megabytes = opened_alone(index)
    print(f"opened in {seconds:.3f} s; {megabytes:.0f} MB resident after linking (a process of its own)")
    print(json.dumps({**report, "rss_mb": round(megabytes), "open_seconds": round(seconds, 4)}))


def part_ways(terms: Terms, part: Part, limit: int | None) -> dict[str, Way]:
    """What each way of finding identifiers gets right in a part."""
    documents = list(corpora.labelled(part.corpus, "dev"))[:limit]
    gold = [golden(document, part.label) for document in documents]
    what = wanted(part.namespaces, (), terms.types())
    names = sorted({entity.text for document in gold for entity, _ in document})
    hits = terms.find(names, types=what.types(part.label), namespaces=part.namespaces)
    same = {name: own[0].id for name, own in hits.items() if own and own[0].level in ("exact", "case")}
    normal = {name: own[0].id for name, own in hits.items() if own}
    trained = training_names(part)
    step = linking.Linking(Linker(terms, what))
    linked = [best(step, bare(document, part.label)) for document in documents]
    ways = {
        "same name": [[same.get(entity.text) for entity, _ in own] for own in gold],
        "normal form or training": [
            [trained.get(normalise(entity.text), normal.get(entity.text)) for entity, _ in own] for own in gold
        ],
        "linked": [[ids.get(entity.id) for entity, _ in own] for own, ids in zip(gold, linked, strict=True)],
    }
    if part.label == "Gene":
        by_taxon = partial(of_species, terms, part, {})
        ways["linked, species known"] = [by_taxon(*pair) for pair in zip(documents, gold, strict=True)]
    sizes = [len(own) for own in gold]
    return {way: (right(found, gold), sizes) for way, found in ways.items()}


def golden(document: Document, label: str) -> list[tuple[Entity, frozenset[str]]]:
    """The mentions of a type that have identifiers, with these."""
    own = [entity for entity in document.entities if entity.label == label]
    return [(entity, gold) for entity in own if (gold := corpora.identifiers(entity))]


def bare(document: Document, label: str) -> Document:
    """The document with the mentions of a type, without their identifiers."""
    return document.with_entities(replace(entity, links=()) for entity in document.entities if entity.label == label)


def best(step: linking.Linking, document: Document) -> dict[str, str]:
    """The best identifier of each entity, however sure."""
    return {name: choices[0].id for name, choices in step.choices(document).items() if choices}


def of_species(
    terms: Terms,
    part: Part,
    steps: dict[str, linking.Linking],
    document: Document,
    gold: Sequence[tuple[Entity, frozenset[str]]],
) -> list[str | None]:
    """The best identifier of each gene among those of the species of its gold gene, where the index knows that."""
    found: list[str | None] = []
    own = bare(document, part.label)
    mentions, around = linking.mentions(own), linking.surroundings(own)
    for entity, ids in gold:
        taxon = taxon_of(terms, min(ids))
        if taxon not in steps:
            what = wanted(part.namespaces, [taxon] if taxon else (), terms.types())
            steps[taxon] = linking.Linking(Linker(terms, what))
        step = steps[taxon]
        known = Surroundings(taxon, taxon, frozenset({taxon})) if taxon else around[entity.id]
        choices = step.linker.choices(mentions[entity.id], known)
        found.append(next((choice.id for choice in choices if choice.taxon in {taxon, ""} or not taxon), None))
    return found


def taxon_of(terms: Terms, gene: str) -> str:
    """The species of a gene, where the index knows it."""
    ids = (gene, *terms.same([gene])[gene])
    return next((concept.taxon for id_ in ids if (concept := terms.concept(id_)) and concept.taxon), "")


def training_names(part: Part) -> dict[str, str]:
    """The identifier that a normal form has most often in the training part."""
    counts: dict[str, Counter[str]] = {}
    for document in corpora.labelled(part.corpus, "train"):
        for entity, gold in golden(document, part.label):
            counts.setdefault(normalise(entity.text), Counter()).update(gold)
    return {name: min(found, key=lambda id_: (-found[id_], id_)) for name, found in counts.items()}


def right(found: Sequence[Sequence[str | None]], gold: Sequence[Sequence[tuple[Entity, frozenset[str]]]]) -> list[int]:
    """Of each document how many identifiers are gold ones."""
    return [
        sum(name in ids for name, (_, ids) in zip(names, own, strict=True))
        for names, own in zip(found, gold, strict=True)
    ]


def value(way: Way) -> float:
    """Accuracy in percent."""
    return round(100 * sum(way[0]) / sum(way[1]), 2)


def row(way: str, counts: Way, samples: int, published: float | None) -> tuple[str, str, str, str]:
    """A row of the table."""
    one, all_ = (np.array(numbers, float) for numbers in counts)

    def values(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return ratio(times @ one, times @ all_)[:, None]

    shown = interval(estimate(len(one), values, samples))
    return way, shown, f"{sum(counts[1]):,}", str(published or "") if way == "linked" else ""


def estimate(documents: int, values: object, samples: int) -> Estimate:
    """A score with its interval."""
    measure = Measure((Name("all", "score"),), documents, values)  # type: ignore[arg-type]
    return estimates(measure, samples=samples)[Name("all", "score")]


def interval(score: Estimate) -> str:
    """A score and its interval, in percent."""
    return f"{100 * score.value:.1f} ({100 * score.low:.1f}-{100 * score.high:.1f})"


def end_to_end(terms: Terms, documents: int, samples: int) -> dict[str, object]:
    """F1 of mentions that the embedded model finds and the linker links."""
    rows: list[tuple[str, ...]] = []
    report: dict[str, object] = {}
    for part in PARTS[:3]:
        what = wanted(part.namespaces, (), terms.types())
        pipeline = gloss.load(types=[part.label], link=linking.Linking(Linker(terms, what)))
        counts = []
        for document in list(corpora.labelled(part.corpus, "test"))[:documents]:
            gold = {(entity.spans, name) for entity, ids in golden(document, part.label) for name in ids}
            own = golden(document, part.label)
            found = [entity for entity in pipeline(document.with_entities(())).entities if entity.links]
            counts.append((sum((entity.spans, entity.concept) in gold for entity in found), len(found), len(own)))
        hits, found_, gold_ = np.array(counts, float).T

        def values(
            times: NDArray[np.float64], hits: object = hits, total: object = found_ + gold_
        ) -> NDArray[np.float64]:
            return ratio(2 * (times @ hits), times @ total)[:, None]  # type: ignore[operator]

        score = estimate(len(counts), values, samples)
        rows.append((part.name, interval(score), f"{len(counts):,}"))
        report[f"{part.name}_end_to_end"] = round(100 * score.value, 2)
    print(_machine.table(("found and linked", "F1 (95 % interval)", "documents"), rows))
    return report


def speeds(terms: Terms, limit: int | None) -> dict[str, object]:
    """Distinct mentions a second: those that names settle, those that are sought otherwise, and with an encoder."""
    mentions = distinct(limit)
    linker = Linker(terms)
    named = linker.ways.by_name(mentions)
    is_settled = {m: bool(linker.annotated(m)) or linker.ways.settled(m, named[m]) for m in mentions}
    settled = [mention for mention, is_ in is_settled.items() if is_]
    others = [mention for mention, is_ in is_settled.items() if not is_]
    encoder = partial(embed.embed, model=embed.load(gloss.folder(gloss.EMBEDDED)))
    by_name, otherwise = rate(terms, settled, Learnt()), rate(terms, others, Learnt())
    nearness = Learnt(nearness=Nearness(encoder, ranker.Ranker.shipped()))
    reranked = rate(terms, others[:: max(1, len(others) // RERANKED)], nearness, times=1)
    share = len(settled) / len(mentions)
    total = 1 / (share / by_name + (1 - share) / otherwise)
    print(f"{len(mentions):,} distinct mentions: {100 * share:.0f} % settled by a name, {by_name:,.0f} a second;")
    print(f"the others {otherwise:,.0f} a second, {reranked:,.0f} with an encoder; all together {total:,.0f} a second")
    return {
        "names_per_second": round(by_name),
        "reranked_per_second": round(reranked),
        "total_per_second": round(total),
    }


def distinct(limit: int | None) -> list[Mention]:
    """The distinct mentions of all parts."""
    found: dict[Mention, None] = {}
    for part in PARTS:
        for document in list(corpora.labelled(part.corpus, "dev"))[:limit]:
            found.update(dict.fromkeys(linking.mentions(bare(document, part.label)).values()))
    return list(found)


def rate(terms: Terms, mentions: Sequence[Mention], learnt: Learnt, times: int = REPETITIONS) -> float:
    """Mentions a second of processor time, the median; a linker that knows none of them yet."""
    seconds = []
    for _ in range(times):
        linker = Linker(terms, learnt=learnt)
        start = time.process_time()
        linker.all_choices([(mention, linking.NOWHERE) for mention in mentions])
        seconds.append(time.process_time() - start)
    return len(mentions) / sorted(seconds)[len(seconds) // 2]


ALONE = """
import sys, time
from biogloss.knowledge import Terms
from biogloss.knowledge.linker import Linker, Mention, Surroundings
start = time.perf_counter()
linker = Linker(Terms.open(sys.argv[1]))
linker.choices(Mention("metformin", "Chemical"))
print(time.perf_counter() - start)
linker.all_choices([(Mention(*line.rstrip("\\n").split("\\t")), Surroundings()) for line in sys.stdin])
import psutil
print(psutil.Process().memory_info().rss / 1e6)
"""


def opened_alone(index: Path) -> tuple[float, float]:
    """Seconds to open the index and link one name, and megabytes resident after many, in a process of its own."""
    lines = [f"{mention.text}\t{mention.label}" for mention in distinct(QUICK_DOCUMENTS)]
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(index)], input="\n".join(lines), text=True, capture_output=True, check=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


if __name__ == "__main__":
    main()
