"""Symptom2Disease: "My skin itches and has scaly patches." is told by someone with Psoriasis; 24 diseases.

The texts are short, alike, and probably written for the purpose rather than collected: scores on them are high and say
little about patients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.corpora._card import Card, Gold, file, unique
from biogloss.corpora._rows import table_rows
from biogloss.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.formats._source import Report

DISEASES = (
    *("Acne", "Arthritis", "Bronchial Asthma", "Cervical spondylosis", "Chicken pox", "Common Cold", "Dengue"),
    *("Dimorphic Hemorrhoids", "Fungal infection", "Hypertension", "Impetigo", "Jaundice", "Malaria", "Migraine"),
    *("Pneumonia", "Psoriasis", "Typhoid", "Varicose Veins", "allergy", "diabetes", "drug reaction"),
    *("gastroesophageal reflux disease", "peptic ulcer disease", "urinary tract infection"),
)
CARD = Card(
    name="symptom2disease",
    title="Symptom2Disease",
    citation="Niyar R. Barman et al. 2023, Kaggle",
    url="https://www.kaggle.com/datasets/niyarrbarman/symptom2disease",
    licence="None stated",
    ship=False,
    tasks=("classification",),
    gold={"classification": Gold(DISEASES, {"train": 1153})},
    counts={"train": (1153, 0)},
    unit="passage",
    example="My skin itches and has scaly patches: Psoriasis",
)


def documents(split: str, report: Report) -> Iterator[Document]:
    """The texts, all of them ``train``; 47 that came before are left out."""
    found = list(_read(split))
    kept = unique(found)
    report["symptom2disease: text that came before left out"] += len(found) - len(kept)
    return iter(kept)


def _read(split: str) -> Iterator[Document]:
    for row in table_rows(file("classification", "symptom2disease.csv"), ("index", "label", "text")):
        yield Document(f"{split}:{row.number}", row["text"], labels=(row.one_of("label", DISEASES),))
