"""Relations and roles of sentences that a model finds in abstracts, on development parts, with 95 % intervals.

    python benchmarks/abstracts_quality.py                    the embedded model
    python benchmarks/abstracts_quality.py my-model --quick   the first 20 documents of each part

Relations of BioRED count when both concepts and the label are right. Once they are sought between the concepts that the
corpus gives, which says what the relations alone are worth, and once from the bare text, by every step of `biogloss
annotate`: entities, identifiers, relations. Roles are told of the sentences that the corpus gives. What is scored
taught and chose nothing. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import _machine
from biogloss import corpora
from biogloss.errors import Failure
from biogloss.evaluation import overall
from biogloss.evaluation.bootstrap import Name
from biogloss.pipeline import gloss
from biogloss.pipeline.steps import model as neural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.documents import Document
    from biogloss.evaluation.bootstrap import Estimate

RELATIONS, ROLES = "biored", "section_roles"
QUICK_DOCUMENTS, MOST_DOCUMENTS = 20, 2000
WORKERS = 2
PACKAGES = ("biogloss", "ctranslate2")


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default=gloss.EMBEDDED)
    parser.add_argument("--quick", action="store_true", help=f"the first {QUICK_DOCUMENTS} documents of each part")
    options = parser.parse_args()
    _machine.data_folder()
    print(_machine.describe(PACKAGES), flush=True)
    limit = QUICK_DOCUMENTS if options.quick else MOST_DOCUMENTS
    rows = [*related(options.model, limit), *roles(options.model, limit)]
    columns = ["corpus", "what", "label", "items", "precision", "recall", "score (95 % interval)"]
    print(_machine.table(columns, [_shown(row) for row in rows]))
    print(json.dumps({"model": str(options.model), "rows": rows}))


def related(model: str, limit: int) -> Iterator[dict[str, Any]]:
    """Relations between the corpus' own concepts, then from the text alone."""
    gold = list(corpora.labelled(RELATIONS, "dev"))[:limit]
    _, relations = neural.step(gloss.folder(model)).apart()
    if relations is None:
        raise SystemExit(f"{model} finds no relations")
    given = relations.many([replace(document, relations=()) for document in gold])
    yield from _relations("between given concepts", gold, given)
    bare = [replace(document, entities=(), relations=()) for document in gold]
    yield from _relations("from the text alone", gold, _annotated(model, bare))


def _annotated(model: str, documents: Sequence[Document]) -> list[Document]:
    found = []
    for result in gloss.load(model, workers=WORKERS).pipe(documents, workers=WORKERS):
        if isinstance(result, Failure):
            raise SystemExit(str(result))
        found.append(result)
    return found


def _relations(what: str, gold: Sequence[Document], found: Sequence[Document]) -> Iterator[dict[str, Any]]:
    """The scores of each label and of all, of concepts, whichever comes first; other labels are another corpus'."""
    labels = frozenset(relation.label for document in gold for relation in document.relations)
    kept = [replace(one, relations=tuple(rel for rel in one.relations if rel.label in labels)) for one in found]
    scored = overall.scored(gold, kept, [overall.RELATIONS], overall.Choices(symmetric=labels))
    (concepts,) = (one for one in scored if one.rule == "concept level")
    for label in (*sorted(labels), "micro"):
        rates = [concepts.estimates[Name(label, metric)] for metric in ("precision", "recall", "f1")]
        counts = sum(relation.label in {label} | (labels if label == "micro" else set()) for relation in _all(gold))
        yield _row(RELATIONS, what, label, counts, rates)


def roles(model: str, limit: int) -> Iterator[dict[str, Any]]:
    """The roles of the sentences of structured abstracts, whose headings are not in the text."""
    gold = list(corpora.labelled(ROLES, "dev"))[:limit]
    marks = [tuple(replace(mark, label="") for mark in document.marks) for document in gold]
    text, _ = neural.step(gloss.folder(model), workers=WORKERS).apart()
    found = text.many([replace(one, marks=own, entities=()) for one, own in zip(gold, marks, strict=True)])
    (scored,) = overall.scored(gold, found, [overall.ROLES])
    count = sum(bool(mark.label) for document in gold for mark in document.marks)
    yield _row(ROLES, "accuracy", "all", count, [scored.estimates[Name("all", "accuracy")]])


def _all(gold: Sequence[Document]) -> Iterator[Any]:
    return (relation for document in gold for relation in document.relations)


def _row(corpus: str, what: str, label: str, items: int, rates: Sequence[Estimate]) -> dict[str, Any]:
    *others, score = rates
    found = {"corpus": corpus, "what": what, "label": label, "items": items}
    found |= {key: round(100 * one.value, 2) for key, one in zip(("precision", "recall"), others, strict=False)}
    return found | {key: round(100 * getattr(score, key), 2) for key in ("value", "low", "high")}


def _shown(row: dict[str, Any]) -> list[str]:
    interval = f"{row['value']:.1f} ({row['low']:.1f}-{row['high']:.1f})"
    rates = [f"{row[key]:.1f}" if key in row else "" for key in ("precision", "recall")]
    return [row["corpus"], row["what"], row["label"], f"{row['items']:,}", *rates, interval]


if __name__ == "__main__":
    main()
