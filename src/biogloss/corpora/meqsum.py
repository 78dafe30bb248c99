"""MeQSum: a consumer's question to the National Library of Medicine, and what it comes to: "Who makes nulytely?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora import _xlsx
from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._parts import joined
from biogloss.corpora._rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document
    from biogloss.formats._source import Report

CARD = Card(
    name="meqsum",
    title="MeQSum, summaries of consumers' health questions",
    citation="Ben Abacha and Demner-Fushman 2019, doi:10.18653/v1/P19-1215",
    url="https://github.com/abachaa/MeQSum",
    licence="CC-BY-4.0",
    ship=True,
    tasks=("summarisation",),
    gold={"summarisation": Gold((), {"train": 1000})},
    counts={"train": (1000, 0)},
    unit="question",
    example="Can you tell me where I can order nulytely: Who makes nulytely?",
)
_COLUMNS = {"A": "File", "B": "CHQ", "C": "Summary"}


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The questions, all of them ``train``."""
    path = file("summarisation", "meqsum.xlsx")
    for number, cells in _xlsx.rows(path):
        row = Row(str(path), number, {name: cells.get(column, "") for column, name in _COLUMNS.items()}, "row")
        if number == 1:
            if list(row.fields.values()) != list(row.fields):
                raise row.damaged(f"the header is {row.fields}", expected=", ".join(row.fields))
            continue
        with row.reading():
            yield joined(f"{split}:{number}", {"question": row["CHQ"], "summary": row["Summary"]})
