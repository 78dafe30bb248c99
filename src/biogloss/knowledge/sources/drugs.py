"""Drug names: DrugBank's open vocabulary with MedlinePlus's and NHS's brands. DrugBank:DB00331 metformin."""

from __future__ import annotations

import bz2
from typing import TYPE_CHECKING, Any

from biogloss.knowledge.concept import Concept, clean, synonyms
from biogloss.knowledge.readers.kinds import kind_of
from biogloss.knowledge.sources._card import Card, Pin, content
from biogloss.knowledge.sources._pickled import plain

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

PIN = Pin(
    "drug_named_entity_recognition-2.0.9-py3-none-any.whl",
    "dc0c9cb4487b4cd31c123f941cd9d5edfc55facdb280ab65e7b2cd08d3fd391c",
    "drug-named-entity-recognition==2.0.9",
)
CARD = Card(
    name="drugs",
    title="DrugBank Open Data vocabulary, with the names of MedlinePlus and the NHS",
    version="2025-07",
    licence="CC0 1.0 (DrugBank Open Data); public domain (MedlinePlus); OGL 3.0 (NHS)",
    ship=True,
    url="https://go.drugbank.com/releases/latest#open-data",
    citation="Wishart et al. 2018, doi:10.1093/nar/gkx1037; Wood 2023, Drug Named Entity Recognition",
    types=("Chemical",),
    pins=(PIN,),
    counts={"concepts": 12_279, "names": 49_939},
)
MIN_CHARACTERS = 3


def dictionary(path: Path) -> dict[str, Any]:
    """The package's tables: each variant of a name, and what is known of each drug."""
    packed = content(path, PIN, "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2")
    return dict(plain(bz2.decompress(packed), file=PIN.file))


def variants(table: dict[str, list[str]]) -> dict[str, list[str]]:
    """The names of each canonical name, in the table's order."""
    found: dict[str, list[str]] = {}
    for variant, canonicals in table.items():
        for canonical in canonicals:
            found.setdefault(canonical, []).append(variant)
    return found


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The drugs that have a DrugBank identifier; those of MeSH alone are in the source ``mesh``.

    The package's MeSH identifiers are not used: half of them are those of a drug's action instead (metformin has
    that of hypoglycemic agents).
    """
    tables = dictionary(path)
    names = variants(tables["drug_variant_to_canonical"])
    seen: set[str] = set()
    for canonical, drug in tables["drug_canonical_to_data"].items():
        identifier = drug.get("drugbank_id", "")
        if not identifier or identifier in seen:
            report["drug without an identifier of its own left out"] += 1
            continue
        seen.add(identifier)
        name = clean(drug.get("name", canonical))
        texts = [*drug.get("synonyms", ()), *names.get(canonical, ())]
        others = [(text, kind_of(text, name)) for text in texts if len(text) >= MIN_CHARACTERS and text != canonical]
        yield Concept(
            f"DrugBank:{identifier}",
            "Chemical",
            name,
            source=CARD.name,
            version=CARD.version,
            synonyms=synonyms(name, others),
        )
