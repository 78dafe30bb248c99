"""Hallmarks of cancer: abstracts and which of ten hallmarks they show evidence of, such as Inducing angiogenesis.

    {"id": "11", "text": "They died .", "labels": "< <Resisting cell death--Apoptosis ANDInducing angiogenesis--"}

Labels stand sentence by sentence, with finer ones behind ``--``; here an abstract has the hallmarks of all its
sentences, none to six. The text is cut into tokens and has one sentence a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._rows import Row, json_rows
from biogloss.documents import Citation, Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

HALLMARKS = (
    *("Activating invasion and metastasis", "Avoiding immune destruction", "Cellular energetics"),
    *("Enabling replicative immortality", "Evading growth suppressors", "Genomic instability and mutation"),
    *("Inducing angiogenesis", "Resisting cell death", "Sustaining proliferative signaling"),
    *("Tumor promoting inflammation",),
)
CARD = Card(
    name="hoc",
    title="Hallmarks of cancer (HoC)",
    citation="Baker et al. 2016, doi:10.1093/bioinformatics/btv585",
    url="https://github.com/sb895/Hallmarks-of-Cancer",
    licence="GPL-3.0",
    ship=False,
    tasks=("classification",),
    gold={"classification": Gold(HALLMARKS, {"train": 1968})},
    counts={"train": (1482, 0)},
    example="An abstract on how tumours grow vessels: Inducing angiogenesis",
)
_NOTHING = frozenset({"", "NULL"})


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The abstracts, all of them ``train``, each with any number of labels."""
    assert split == "train"
    for row in json_rows(file("classification", "hoc-RESTRICTED.jsonl.xz"), {"id": str, "text": str, "labels": str}):
        with row.reading():
            yield Document(row["id"], row["text"], labels=_labels(row), citation=Citation(pmid=row["id"]))


def _labels(row: Row) -> tuple[str, ...]:
    named = {part.split("--")[0].strip() for one in row["labels"].split("<") for part in one.split("AND")} - _NOTHING
    if unknown := named - set(HALLMARKS):
        raise row.damaged(f"hallmark {min(unknown)[:60]!r}", expected=f"one of {', '.join(HALLMARKS)}")
    return tuple(sorted(named))
