"""cMedTC, criteria of Chinese clinical trials: 年龄18-75岁 is about Age; 44 classes.

Characters that HTML escapes (``&gt;``) stand in the texts as they do in the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file
from biogloss.corpora._rows import Row, cell_rows
from biogloss.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

CLASSES = (
    *("Addictive Behavior", "Address", "Age", "Alcohol Consumer", "Allergy Intolerance", "Bedtime", "Blood Donation"),
    *("Capacity", "Compliance with Protocol", "Consent", "Data Accessible", "Device", "Diagnostic", "Diet"),
    *("Disabilities", "Disease", "Education", "Encounter", "Enrollment in other studies", "Ethical Audit"),
    *("Ethnicity", "Exercise", "Gender", "Healthy", "Laboratory Examinations", "Life Expectancy", "Literacy"),
    *("Multiple", "Neoplasm Status", "Non-Neoplasm Disease Stage", "Nursing", "Oral related"),
    *("Organ or Tissue Status", "Pharmaceutical Substance or Drug", "Pregnancy-related Activity", "Receptor Status"),
    *("Researcher Decision", "Risk Assessment", "Sexual related", "Sign", "Smoking Status"),
    *("Special Patient Characteristic", "Symptom", "Therapy or Surgery"),
)
CARD = Card(
    name="cmedtc",
    title="cMedTC (ChineseBLUE), criteria of clinical trials, Chinese",
    citation="Zhang et al. 2020, arXiv:2008.10813",
    url="https://github.com/alibaba-research/ChineseBLUE",
    licence="Apache-2.0",
    ship=True,
    tasks=("classification",),
    gold={"classification": Gold(CLASSES, {"train": 14562, "dev": 1550})},
    counts={"train": (14562, 0), "dev": (1550, 0)},
    unit="sentence",
    example="年龄18-75岁: Age",
)
_FILES = {"train": "train.txt.xz", "dev": "dev.txt"}


def documents(split: str, report: Report) -> Iterator[Document]:
    """The criteria of one split.

    Of the training part 44 texts that came before, each time with another class, and four that are also in the
    development part are left out.
    """
    seen = {row["text"] for row in _rows("dev")} if split == "train" else set[str]()
    for row in _rows(split):
        if row["text"] in seen:
            report.note("cmedtc: text that came before, or is in the development part, left out")
            continue
        seen.add(row["text"])
        label = row.one_of("label", CLASSES)
        yield Document(f"{split}:{row.number}", row["text"], language="zh", labels=(label,))


def _rows(split: str) -> Iterator[Row]:
    return cell_rows(file("chinese", "cmedtc", _FILES[split]), ("label", "text"), "\t")
