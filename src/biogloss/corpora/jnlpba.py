"""JNLPBA 2004: activation of the IL-2 gene (DNA) in T cells (cell_type).

The 2,000 abstracts of its training set with their text; the development part is our own, by document. ``protein`` is
narrower than what other corpora call a gene, so it is positive for Gene and silent elsewhere.
"""

from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, file, part
from biogloss.documents import Document, Span, entity_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Entity
    from biogloss.formats._source import Report

CARD = Card(
    name="jnlpba",
    title="JNLPBA 2004 (GENIA)",
    citation="Collier and Kim 2004, W04-1213",
    url="http://www.geniaproject.org/shared-tasks/bionlp-jnlpba-shared-task-2004",
    licence="GENIA Project License, attribution",
    ship=True,
    heads={
        "protein": ("Gene",),
        "DNA": ("DNA",),
        "RNA": ("RNA",),
        "cell_type": ("CellType",),
        "cell_line": ("CellLine",),
    },
    exhaustive=frozenset({"DNA", "RNA", "CellType", "CellLine"}),
    counts={"train": (1799, 46242), "dev": (200, 5048)},
    example="the IL-2 gene (DNA) in T cells (cell_type)",
)


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The abstracts of one split, with the corpus's own types."""
    with lzma.open(file("ner", "jnlpba", "train-brat.jsonl.xz"), "rt", encoding="utf8") as lines:
        return iter(part((_document(json.loads(line)) for line in lines), split, dev="jnlpba_dev"))


def _document(record: dict[str, str]) -> Document:
    text = record["txt"]
    return Document(str(record["id"]), text, entities=tuple(_entities(text, record["ann"])))


def _entities(text: str, annotations: str) -> Iterator[Entity]:
    for line in annotations.splitlines():
        if line.startswith("T"):
            number, place, _ = line.split("\t")
            label, start, end = place.split(" ")
            yield entity_at(text, Span(int(start), int(end)), label, id=number)
