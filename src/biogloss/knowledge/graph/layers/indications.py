"""What drugs are given for: DrugBank:DB00843 donepezil treats DOID:10652 Alzheimer's disease.

Three physicians judged each pair: it modifies the disease (``DM``), it eases symptoms (``SYM``), or it is no indication
(``NOT``), which is negated evidence.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import CHEMICAL, DISEASE, TREATS
from biogloss.knowledge.graph.layers._card import Card, made, named
from biogloss.knowledge.graph.statement import ASSERTED
from biogloss.knowledge.sources._card import CATALOGUE, Pin, located

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

PIN = Pin(
    "indications.tsv",
    "bc956b0092fab88975a07932b89382a0ed593d3d21df23395440cfd9a067a917",
    f"{CATALOGUE}knowledge/pharmacotherapydb",
)
CARD = Card(
    name="indications",
    title="PharmacotherapyDB, indications of drugs",
    version="1.0",
    licence="CC0 1.0; of the sources it was compiled from, some are for non-commercial use",
    url="https://doi.org/10.6084/m9.figshare.3103054",
    citation="Himmelstein et al. 2017, doi:10.7554/eLife.26726",
    infores="infores:pharmacotherapydb",
    predicates=(TREATS, "biolink:ameliorates_condition"),
    pins=(PIN,),
    counts={"statements": 1_388, "edges": 1_388},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement a row."""
    text = located(path, PIN).read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(text), delimiter="\t"):
        report[f"rows of category {row['category']}"] += 1
        yield made(
            CARD,
            named(f"DrugBank:{row['drugbank_id']}", row["drug"], CHEMICAL),
            CARD.predicates[row["category"] == "SYM"],
            named(row["doid_id"], row["disease"], DISEASE),
            assertion="negated" if row["category"] == "NOT" else ASSERTED,
            label=row["category"],
        )
