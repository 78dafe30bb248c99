"""What `biogloss annotate --relations` finds with the embedded model, on documents that taught and chose nothing.

    python benchmarks/relations_quality.py                     the half of BioRED's development part that is held out
    python benchmarks/relations_quality.py --model my-model    another model with a head of relations

Once between the entities and identifiers that the corpus gives, and once from bare text, where entities and
identifiers are the model's own: then two relations are of the same pair where mentions of both arguments overlap. What
is said is *right* where the corpus has that relation of the pair, or any where it is said with the general label;
*related* where it has any; *found* are relations of the corpus of which something right is said. The other half of that
part fitted the probabilities (`tools/add_relations.py`). Brackets: 95 % intervals by drawing documents again. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import _machine
from biogloss import corpora
from biogloss.documents import Document
from biogloss.evaluation.bootstrap import Name, estimates
from biogloss.evaluation.rates import MICRO, rates
from biogloss.models import folder as folders
from biogloss.pipeline import gloss
from biogloss.pipeline.steps import model as neural
from biogloss.pipeline.steps import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.documents import Span

CORPUS, PART = "biored", "dev"
SURE = (0.7, 0.8, 0.9)
"""Least probabilities of what is told beside what the model says."""
ALL = "all"
SHARES = {"right": "precision", "found": "recall"}


@dataclass(frozen=True)
class Stated:
    """A relation between two concepts, each by where it is mentioned."""

    label: str
    types: str
    ends: tuple[frozenset[Span], frozenset[Span]]
    score: float

    def same_pair(self, other: Stated) -> bool:
        """Whether mentions of both arguments overlap those of the other."""
        (one, two), (first, second) = self.ends, other.ends
        return (_meet(one, first) and _meet(two, second)) or (_meet(one, second) and _meet(two, first))


def main() -> None:
    """Print two tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=gloss.EMBEDDED)
    folder = gloss.folder(parser.parse_args().model)
    _machine.data_folder()
    general = folders.settings(folder).head(neural.RELATIONS).options.get("general", "")
    gold = [sentences.step()(document) for document in halves()[1]]
    related = neural.step(folder, on_request=True).apart()[1]
    assert related is not None
    given = related.many([replace(document, relations=()) for document in gold])
    bare = [Document(document.id, document.text, marks=document.marks) for document in gold]
    text = [one for one in gloss.load(folder, relations=True).pipe(bare) if isinstance(one, Document)]
    rows = [*told("given entities", gold, given, general), *told("bare text", gold, text, general)]
    print(_machine.describe(("biogloss",)))
    print(json.dumps({"documents": len(gold), "rows": rows}))


def halves() -> tuple[list[Document], list[Document]]:
    """The development part in two, by turns in the order of their ids: for the temperature, and held out."""
    ordered = sorted(corpora.labelled(CORPUS, PART), key=lambda document: document.id)
    return ordered[::2], ordered[1::2]


def told(what: str, gold: Sequence[Document], said: Sequence[Document], general: str) -> list[dict[str, object]]:
    """Print how good relations are by the types of their pair, and by their probability; the same as rows."""
    print(f"\n{what}\n\n| pair | relations | said | right, % | related, % | found, % |\n|---|---:|---:|---:|---:|---:|")
    both = [(list(stated(one)), list(stated(other))) for one, other in zip(gold, said, strict=True)]
    rows = [(name, row) for name, row in rows_of(both, general).items()]
    for least in SURE:
        sure = [(own, [one for one in other if one.score >= least]) for own, other in both]
        rows.append((f"all, probability {least:g} or more", rows_of(sure, general)[ALL]))
    for name, row in rows:
        right, found = (f"{row[key]:.0f} ({row[key + '_low']:.0f}-{row[key + '_high']:.0f})" for key in SHARES)
        print(f"| {name} | {row['gold']:.0f} | {row['said']:.0f} | {right} | {row['related']:.0f} | {found} |")
    return [{"input": what, "pair": name, **row} for name, row in rows]


def rows_of(both: Sequence[tuple[list[Stated], list[Stated]]], general: str) -> dict[str, dict[str, float]]:
    """The figures of each pair of types, and of all, shares in percent."""
    types = sorted({one.types for own, _ in both for one in own})
    counts = np.array([[_counts(own, said, kind, general) for kind in types] for own, said in both], dtype=float)
    measured = estimates(rates(types, counts[..., :4]))
    sums = np.concatenate([counts.sum(axis=0), counts.sum(axis=(0, 1))[None]])
    rows = {}
    for name, (_, _, gold, said, related) in zip((*types, MICRO), sums.tolist(), strict=True):
        own = rows[ALL if name == MICRO else name] = {
            "gold": gold,
            "said": said,
            "related": 100 * related / max(1, said),
        }
        for key, metric in SHARES.items():
            share = measured[Name(name, metric)]
            own |= {key: 100 * share.value, f"{key}_low": 100 * share.low, f"{key}_high": 100 * share.high}
    return rows


def _counts(gold: Sequence[Stated], said: Sequence[Stated], types: str, general: str) -> tuple[int, ...]:
    """Of one pair of types: found, right, gold, said, related."""
    own = [one for one in gold if one.types == types]
    mine = [one for one in said if one.types == types]
    found = sum(any(other.label in {one.label, general} and other.same_pair(one) for other in said) for one in own)
    in_gold = [[other.label for other in gold if one.same_pair(other)] for one in mine]
    right = sum(bool(labels) and one.label in {*labels, general} for one, labels in zip(mine, in_gold, strict=True))
    return found, right, len(own), len(mine), sum(map(bool, in_gold))


def stated(document: Document) -> Iterator[Stated]:
    """The relations of a document, a pair and label once."""
    spans: dict[str, set[Span]] = defaultdict(set)
    types: dict[str, str] = {}
    for entity in document.entities:
        for reference in (entity.id, *(link.id for link in entity.links)):
            spans[reference] |= set(entity.spans)
            types.setdefault(reference, entity.label)
    seen = set()
    for relation in document.relations:
        ends = tuple(reference for _, reference in relation.arguments)
        if len(ends) == len(set(ends)) == 2 and (key := (relation.label, frozenset(ends))) not in seen:
            seen.add(key)
            kinds = "-".join(sorted(types[reference] for reference in ends))
            one, other = (frozenset(spans[reference]) for reference in ends)
            yield Stated(relation.label, kinds, (one, other), 1.0 if relation.score is None else relation.score)


def _meet(one: frozenset[Span], other: frozenset[Span]) -> bool:
    return any(first.start < second.end and second.start < first.end for first in one for second in other)


if __name__ == "__main__":
    main()
