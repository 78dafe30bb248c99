"""Make what the linker has learned: the table of annotators' choices, and the weights that rank and calibrate.

    $ BIOGLOSS_DATA=../shared/data python tools/link_ranker.py INDEX
    $ BIOGLOSS_DATA=../shared/data python tools/link_ranker.py INDEX --rerank my-encoder

Both come from the training parts of corpora that may be given away; development parts tell how good and how calibrated
the result is, and nothing else. While the weights are fitted, what annotators chose in a document is left out of what
is known about that document. Two files are written into ``src/biogloss/knowledge/linker``: ``mentions.tsv`` and
``ranker.toml``. With ``--rerank`` only ``linker.toml`` is written, into that folder: the weights of an encoder.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from biogloss import corpora
from biogloss.knowledge import Terms
from biogloss.knowledge.linker import Learnt, Linker, _features, learned, nearness, ranker
from biogloss.knowledge.normalise import normalise
from biogloss.pipeline import embed
from biogloss.pipeline.steps import linking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Document
    from biogloss.knowledge.linker import Mention, Surroundings
    from biogloss.knowledge.linker._ways import Way

FOLDER = Path(__file__).resolve().parents[1] / "src" / "biogloss" / "knowledge" / "linker"
CORPORA = {
    "bc5cdr": ("Disease", "Chemical"),
    "ncbi_disease": ("Disease",),
    "nlm_gene": ("Gene",),
    "gnormplus": ("Gene",),
}
HELD_OUT = (*CORPORA, "biored")
MIN_USES = 25
"""A feature of fewer candidates gets no weight."""
PENALTY = 1.0
OWN = {"own": 6.0}
"""Not learned: who brings a vocabulary means it."""
GENERAL = ("Disease", "Chemical")
"""The types whose mentions together teach the weights for those of any other type."""
MAX_TAUGHT = 3000
"""Mentions of a type that teach the weights of an encoder: each takes some four vectors."""

Key = tuple[str, str, str]
Table = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Example:
    """A mention with its gold identifiers, and all that is known about it."""

    document: str
    mention: Mention
    around: Surroundings
    gold: frozenset[str]


@dataclass(frozen=True)
class Row:
    """An example with the features of its candidates."""

    example: Example
    table: Table


def main() -> None:
    """Write both files, or the one of an encoder, and print what is reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="an index of terms")
    parser.add_argument("--rerank", type=Path, help="an inference folder, to fit the weights of its encoder")
    options = parser.parse_args()
    held = held_out()
    train = [example for example in examples("train") if example.document not in held]
    counts = list(table(train))
    with Terms.open(options.index) as terms:
        linker = Linker(terms, learnt=Learnt(annotated=learned.Learned(counts)))
        taught, dev = by_label(rows(linker, train, own_counts(train))), by_label(rows(linker, examples("dev"), {}))
        if options.rerank:
            shipped = ranker.Ranker.shipped()
            encoder = nearness.Nearness(partial(embed.embed, model=embed.load(options.rerank)), shipped)
            taught = {label: nearer(linker, encoder, shipped, own) for label, own in taught.items()}
            dev = {label: nearer(linker, encoder, shipped, own) for label, own in dev.items()}
            print("as it ships, of what names do not settle:")
            show(shipped, dev)
    weights = {label: fitted(own) for label, own in taught.items()}
    weights[ranker.ANY] = fitted([row for label in GENERAL for row in taught[label]])
    if options.rerank:
        write_weights(options.rerank / nearness.WEIGHTS, weights)
    else:
        write_table(FOLDER / learned.FILE, counts)
        write_weights(FOLDER / ranker.FILE, weights)
    show(ranker.Ranker(weights), dev)


def held_out() -> set[str]:
    """The ids of documents of development and test parts."""
    parts = [(name, split) for name in HELD_OUT for split in ("dev", "test") if split in corpora.card(name).counts]
    return {document.id for name, split in parts for document in corpora.documents(name, split)}


def examples(split: str) -> Iterator[Example]:
    """The mentions of one split that have an identifier, each with its surroundings."""
    for name, labels in CORPORA.items():
        for document in corpora.labelled(name, split):
            yield from of_document(document, labels)


def of_document(document: Document, labels: Sequence[str]) -> Iterator[Example]:
    """Those of one document."""
    own, around = linking.mentions(document), linking.surroundings(document)
    for entity in document.entities:
        if entity.label in labels and (gold := corpora.identifiers(entity)):
            yield Example(document.id, own[entity.id], around[entity.id], gold)


def table(train: Iterable[Example]) -> Iterator[tuple[str, str, str, int]]:
    """How often each identifier stands for each normal form, of short and of long forms."""
    counts = sum(own_counts(train).values(), Counter[Key]())
    return ((*key, count) for key, count in sorted(counts.items()))


def own_counts(train: Iterable[Example]) -> dict[str, Counter[Key]]:
    """By document what it adds to the table."""
    own: defaultdict[str, Counter[Key]] = defaultdict(Counter)
    for example in train:
        mention = example.mention
        forms = {form for text in (mention.text, mention.long) if (form := normalise(text))}
        own[example.document].update((mention.label, form, name) for form in forms for name in example.gold)
    return own


def rows(linker: Linker, found: Iterable[Example], own: Mapping[str, Counter[Key]]) -> list[Row]:
    """The features of each mention's candidates, without what its own document has added to the table."""
    found = list(found)
    named = linker.ways.by_name(dict.fromkeys(example.mention for example in found))
    otherwise: dict[Mention, list[Way]] = {}
    made = []
    for example in found:
        mention, ways = example.mention, named[example.mention]
        counts = without(linker.annotated(mention), mention, own.get(example.document, {}))
        if not counts and not linker.ways.settled(mention, ways):
            if mention not in otherwise:
                otherwise[mention] = linker.ways.otherwise(mention, ways)
            ways = [*ways, *otherwise[mention]]
        # Gold has ids of the usual vocabularies only: whether others are right cannot be learned from it.
        ways = [way for way in ways if linker.wanted.has(mention.label, way.hit.id)]
        candidates = linker.assembled(mention, ways, counts)
        added = _features.in_document(candidates.hits, candidates.taxa, example.around)
        made.append(Row(example, {name: {**values, **added[name]} for name, values in candidates.features.items()}))
    return made


def without(counts: Mapping[str, int], mention: Mention, own: Mapping[Key, int]) -> Counter[str]:
    """Counts of a mention without those of its document."""
    left = Counter(counts)
    form = normalise(mention.long or mention.text)
    left.subtract(
        {name: count for (label, other, name), count in own.items() if (label, other) == (mention.label, form)}
    )
    return +left


def by_label(found: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by the type of their mentions."""
    grouped: dict[str, list[Row]] = {}
    for row in found:
        grouped.setdefault(row.example.mention.label, []).append(row)
    return grouped


def nearer(linker: Linker, encoder: nearness.Nearness, weights: ranker.Ranker, found: Sequence[Row]) -> list[Row]:
    """The rows that names do not settle, with the features that an encoder adds; of many, evenly chosen ones."""
    unclear = []
    for row in found:
        scores = weights.scores(row.example.mention.label, row.table)
        if nearness.is_unclear(scores):
            unclear.append(Row(row.example, {name: row.table[name] for name in nearness.best(scores)}))
    unclear = unclear[:: max(1, len(unclear) // MAX_TAUGHT)]
    made = []
    for row in unclear:
        added = encoder.features(row.example.mention, {name: linker.name(name) for name in row.table})
        made.append(Row(row.example, {name: {**own, **added[name]} for name, own in row.table.items()}))
    return made


def fitted(found: Sequence[Row]) -> dict[str, float]:
    """The weights that make the gold, or where no candidate is gold none of them, most likely."""
    uses = Counter(name for row in found for own in row.table.values() for name in own)
    names = sorted(name for name, count in uses.items() if count >= MIN_USES)
    lines = [[own.get(name, 0.0) for name in names] for row in found for own in row.table.values()]
    matrix = np.array(lines)
    gold = np.array([identifier in row.example.gold for row in found for identifier in row.table])
    owner = np.repeat(np.arange(len(found)), [len(row.table) for row in found])
    best = minimize(
        lambda weights: loss(weights, matrix, gold, owner, len(found)),
        np.zeros(len(names)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 500},
    )
    return {name: round(float(weight), 3) for name, weight in zip(names, best.x, strict=True)} | OWN


def loss(
    weights: NDArray[np.float64],
    matrix: NDArray[np.float64],
    gold: NDArray[np.bool_],
    owner: NDArray[np.int64],
    count: int,
) -> tuple[float, NDArray[np.float64]]:
    """Minus the mean log probability of what is right, with a penalty, and its gradient.

    Args:
        weights: (features,).
        matrix: (candidates, features).
        gold: (candidates,) whether each is right.
        owner: (candidates,) the mention of each.
        count: of mentions.
    """
    sums = matrix @ weights
    high = np.zeros(count)
    np.maximum.at(high, owner, sums)
    parts, none = np.exp(sums - high[owner]), np.exp(-high)
    whole = np.bincount(owner, parts, count) + none
    has = np.bincount(owner, gold, count) > 0
    right = np.where(has, np.bincount(owner, parts * gold, count), none)
    of_right = np.where(gold, parts / np.maximum(right[owner], 1e-300), 0.0)
    value = -np.log(np.maximum(right / whole, 1e-300)).mean() + PENALTY / count * (weights @ weights) / 2
    return value, matrix.T @ (parts / whole[owner] - of_right) / count + PENALTY / count * weights


def write_table(path: Path, counts: Iterable[tuple[str, str, str, int]]) -> None:
    """One row a line, with tabs between."""
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in counts), encoding="utf-8")


def write_weights(path: Path, weights: Mapping[str, Mapping[str, float]]) -> None:
    """One table a type, readable."""
    lines = ["# What speaks for an identifier, and how much; made by tools/link_ranker.py.\n"]
    for label, own in weights.items():
        lines += [f"\n[{label}]\n", *(f"{name} = {weight}\n" for name, weight in own.items())]
    path.write_text("".join(lines), encoding="utf-8")


def show(weights: ranker.Ranker, dev: Mapping[str, Sequence[Row]]) -> None:
    """Accuracy, the share whose gold is among the candidates, and the mean gap between probability and accuracy."""
    for label, own in dev.items():
        best = []
        for row in own:
            scores = weights.scores(label, row.table)
            top = max(scores, key=lambda name: scores[name], default="")
            best.append((scores.get(top, 0.0), top in row.example.gold))
        score, right = np.array([pair[0] for pair in best]), np.array([pair[1] for pair in best])
        reachable = np.mean([any(name in row.example.gold for name in row.table) for row in own])
        tenth = np.minimum((score * 10).astype(int), 9)
        gap = sum(abs((score - right)[tenth == number].sum()) for number in range(10)) / len(own)
        print(f"{label}: {len(own):,} mentions, {100 * right.mean():.1f} % right, {100 * reachable:.1f} % reachable,")
        print(f"  calibration error {100 * gap:.1f} %")


if __name__ == "__main__":
    main()
