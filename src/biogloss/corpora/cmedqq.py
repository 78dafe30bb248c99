"""cMedQQ, do two Chinese searches ask the same: 乳腺癌中期有什么症状 and 乳腺癌中期症状 do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._parts import joined
from biogloss.corpora._rows import cell_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document
    from biogloss.formats._source import Report

DIFFERENT, SAME = "different", "same"
CARD = Card(
    name="cmedqq",
    title="cMedQQ (ChineseBLUE), pairs of searches, Chinese",
    citation="Zhang et al. 2020, arXiv:2008.10813",
    url="https://github.com/alibaba-research/ChineseBLUE",
    licence="Apache-2.0",
    ship=True,
    tasks=("pairs",),
    gold={"pairs": Gold((DIFFERENT, SAME), {"train": 16071, "dev": 1793})},
    counts={"train": (16071, 0), "dev": (1793, 0)},
    unit="question",
    example="乳腺癌中期有什么症状 and 乳腺癌中期症状: same",
)
_FILES = {"train": "train.txt.xz", "dev": "dev.txt"}
_LABELS = {"0": DIFFERENT, "1": SAME}


def documents(split: str, _report: Report) -> Iterator[Document]:
    """The pairs of one split."""
    for row in cell_rows(file("chinese", "cmedqq", _FILES[split]), ("label", "first", "second"), "\t"):
        texts = {"first": row["first"], "second": row["second"]}
        label = _LABELS[row.one_of("label", tuple(_LABELS))]
        yield joined(f"{split}:{row.number}", texts, language="zh", labels=(label,))
