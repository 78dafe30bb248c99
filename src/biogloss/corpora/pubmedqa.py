"""PubMedQA: "Does zinc shorten the common cold?" and an abstract without its conclusions: yes, no or maybe.

The expert-labelled half that is for training. The long answer, which is the conclusions, is never read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._parts import joined
from biogloss.corpora._rows import Row, json_table
from biogloss.documents import Citation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document
    from biogloss.formats._source import Report

ANSWERS = ("yes", "no", "maybe")
CARD = Card(
    name="pubmedqa",
    title="PubMedQA, expert-labelled",
    citation="Jin et al. 2019, doi:10.18653/v1/D19-1259",
    url="https://pubmedqa.github.io/",
    licence="MIT",
    ship=True,
    tasks=("question_answering",),
    gold={"question_answering": Gold(ANSWERS, {"train": 500})},
    counts={"train": (500, 0)},
    unit="question",
    example="Does zinc shorten the common cold? with an abstract: maybe",
)
_FIELDS = {"QUESTION": str, "CONTEXTS": list, "final_decision": str}


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The questions, all of them ``train``, with the sections of their abstract joined by one space."""
    assert split == "train"
    for pmid, row in json_table(file("qa", "pubmedqa-500.json"), _FIELDS):
        with row.reading():
            texts = {"context": _context(row), "question": row["QUESTION"]}
            yield joined(pmid, texts, labels=(row.one_of("final_decision", ANSWERS),), citation=Citation(pmid=pmid))


def _context(row: Row) -> str:
    if not all(isinstance(context, str) for context in row["CONTEXTS"]):
        raise row.damaged("CONTEXTS holds something else than text", expected="a list of texts")
    return " ".join(row["CONTEXTS"])
