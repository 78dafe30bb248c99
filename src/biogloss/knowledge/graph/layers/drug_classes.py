"""Which class of the ATC a drug is in: DrugBank:DB00331 metformin is in ATC:A10BA, biguanides, below ATC:A10B.

A drug of several classes has their names in alphabetical order, not in that of its codes; so a class has its name from
drugs of one class alone, and its code for a name where there is none.
"""

from __future__ import annotations

import csv
from itertools import pairwise
from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import CHEMICAL, SUBCLASS
from biogloss.knowledge.graph.layers._card import Card, made, named
from biogloss.knowledge.sources._card import Pin, text_member

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Node, Statement

PIN = Pin(
    "admet_ai-2.0.1-py3-none-any.whl",
    "fef3527f637abb00d272cf824e8eef0136fe31ebde6c56881f1a8c02c0417806",
    "admet-ai==2.0.1",
)
CARD = Card(
    name="drug_classes",
    title="Anatomical Therapeutic Chemical classes of approved drugs",
    version="2023",
    licence="compiled from DrugBank (CC BY-NC 4.0); ATC: WHO Collaborating Centre for Drug Statistics Methodology",
    url="https://www.whocc.no/atc_ddd_index",
    citation="Swanson et al. 2024, doi:10.1093/bioinformatics/btae416; Wishart et al. 2018, doi:10.1093/nar/gkx1037",
    infores="infores:atc-codes-umls",
    predicates=(SUBCLASS,),
    pins=(PIN,),
    counts={"statements": 4_827, "edges": 4_827},
)
LEVELS = (1, 3, 4, 5)
"""Characters of a code down to each level: A, A10, A10B, A10BA."""


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """Each drug in its classes, then each class in the one above."""
    rows = list(csv.DictReader(text_member(path, PIN, "admet_ai/resources/data/drugbank_approved.csv")))
    names, codes = _names(rows), set[str]()
    for row in rows:
        found = list(filter(None, row["atc"].split(";")))
        if not found:
            report["drug without class left out"] += 1
        for code in found:
            codes.update(code[:level] for level in LEVELS)
            for identifier in filter(None, row["id"].split(";")):
                drug = named(f"DrugBank:{identifier}", row["name"], CHEMICAL)
                yield made(CARD, drug, SUBCLASS, _class(code, names))
    for code in sorted(codes):
        for above, below in pairwise([code[:level] for level in LEVELS if level <= len(code)]):
            if below == code:
                yield made(CARD, _class(below, names), SUBCLASS, _class(above, names))


def _names(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The name of each class that is the only one of its level for some drug."""
    found: dict[str, str] = {}
    for row in rows:
        for place, level in enumerate(LEVELS, 1):
            codes = {code[:level] for code in row["atc"].split(";") if code}
            name = row[f"atc_name_{place}"]
            if len(codes) == 1 and name and ";" not in name:
                found.setdefault(codes.pop(), name)
    return found


def _class(code: str, names: Mapping[str, str]) -> Node:
    return named(f"ATC:{code}", names.get(code, code), CHEMICAL)
