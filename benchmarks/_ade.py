"""ADE between mentions that a model finds: what `relations-ade` learns from and is scored on.

    python benchmarks/_ade.py ade-marked.jsonl       two minutes

The corpus marks only mentions of a stated effect, so that in a sentence without one there is nothing to relate, and in
the others nearly every pair is. Here the embedded model, which has not seen the corpus, marks drugs and diseases in all
sentences: a drug beside the disease that it treats is then a pair of which an effect must be denied, and nothing tells
it from the others but what the sentence says. Two mentions that overlap those of a stated effect are one; an effect of
which the model has not found both ends is left out, and counted.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from itertools import chain, product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import _machine
import biogloss
from biogloss import corpora
from biogloss.corpora.ade import EFFECT
from biogloss.documents import Document, Entity, Mark, Relation, Span
from biogloss.documents.jsonl import to_line
from biogloss.documents.sentences import SENTENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TYPES = ("Chemical", "Disease")


def main() -> None:
    """Write the file, and say what it has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    _machine.data_folder()
    given = list(corpora.labelled("ade", "train"))
    found = list(marked(given))
    output.write_text("".join(f"{to_line(document)}\n" for document in found), encoding="utf-8")
    stated = sum(len(_effects(document)) for document in given)
    kept = [pairs for own, said in zip(given, found, strict=True) for pairs in _pairs(own, said.entities) if pairs]
    related = sum(len(document.relations) for document in found)
    every = sum(prod(Counter(one.label for one in document.entities)[kind] for kind in TYPES) for document in found)
    print(f"{output}: {len(found):,} sentences, {len(kept):,} of {stated:,} effects, {related:,} of {every:,} pairs")


def marked(given: Sequence[Document]) -> Iterator[Document]:
    """The documents with a model's mentions in place of their own, and the effects between these."""
    bare = [Document(document.id, document.text, citation=document.citation) for document in given]
    for document, said in zip(given, biogloss.load(link=False).pipe(bare), strict=True):
        assert isinstance(said, Document), said
        entities = tuple(replace(one, attributes=()) for one in said.entities if one.label in TYPES)
        relations = (
            Relation(f"R{number}", EFFECT, tuple(zip(TYPES, pair, strict=True)))
            for number, pair in enumerate(dict.fromkeys(chain(*_pairs(document, entities))), 1)
        )
        whole = (Mark(Span(0, len(document.text)), SENTENCE),)
        yield replace(document, entities=entities, relations=tuple(relations), labels=(), marks=whole)


def _effects(document: Document) -> list[Relation]:
    return [relation for relation in document.relations if relation.label == EFFECT]


def _pairs(document: Document, entities: Sequence[Entity]) -> Iterator[list[tuple[str, ...]]]:
    """Of each effect of a document the ids of the mentions, drug and disease, that overlap its own."""
    own = {entity.id: entity for entity in document.entities}
    for effect in _effects(document):
        yield list(product(*(_overlapping(own[reference], entities) for _, reference in effect.arguments)))


def _overlapping(entity: Entity, entities: Sequence[Entity]) -> list[str]:
    whole = Span(entity.start, entity.end)
    return [one.id for one in entities if one.label == entity.label and any(map(whole.overlaps, one.spans))]


if __name__ == "__main__":
    main()
