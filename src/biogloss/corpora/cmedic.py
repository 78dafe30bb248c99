"""cMedIC, what Chinese searchers of health topics intend: 做血常规要多少钱 (what does a blood count cost) has class 1.

The classes are numbers in the files; their publisher says that there are no, weak and firm intention, and not which is
which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._rows import cell_rows
from biogloss.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CLASSES = ("0", "1", "2")
CARD = Card(
    name="cmedic",
    title="cMedIC (ChineseBLUE), intent of searches, Chinese",
    citation="Zhang et al. 2020, arXiv:2008.10813",
    url="https://github.com/alibaba-research/ChineseBLUE",
    licence="Apache-2.0",
    ship=True,
    tasks=("classification",),
    gold={"classification": Gold(CLASSES, {"train": 1683, "dev": 123, "test": 84})},
    counts={"train": (1683, 0), "dev": (123, 0), "test": (84, 0)},
    unit="question",
    example="做血常规要多少钱: 1",
)


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The searches of one split."""
    for row in cell_rows(file("chinese", "cmedic", f"{split}.txt"), ("label", "text"), "\t"):
        label = row.one_of("label", CLASSES)
        yield Document(f"{split}:{row.number}", row["text"], language="zh", labels=(label,))
