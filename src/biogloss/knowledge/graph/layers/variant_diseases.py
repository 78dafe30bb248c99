"""Which disease a variant comes with: UniProtVariant:VAR_000006 and UniProtDisease:DI-00042."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from biogloss.errors import FormatError
from biogloss.knowledge import sources
from biogloss.knowledge.concept import Concept
from biogloss.knowledge.graph.biolink import DISEASE
from biogloss.knowledge.graph.layers import _uniprot
from biogloss.knowledge.graph.layers._card import Card, made, named
from biogloss.knowledge.sources._card import member

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="variant_diseases",
    title="UniProt, human variants and the diseases they come with",
    version=_uniprot.CARD.version,
    licence=_uniprot.CARD.licence,
    url="https://www.uniprot.org/docs/humsavar",
    citation=_uniprot.CARD.citation,
    infores="infores:uniprot",
    predicates=("biolink:associated_with",),
    pins=(_uniprot.PIN,),
    counts={"statements": 40_434, "edges": 40_288},
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement for each variant and disease; what the variant means clinically is the evidence's label."""
    variants = dict(_uniprot.variants(path))
    found = (concept for concept in sources.read("uniprot_diseases", path, report) if isinstance(concept, Concept))
    diseases = {concept.id: named(concept.id, concept.name, DISEASE) for concept in found}
    for variant, disease in _pairs(path):
        node = diseases.get(f"UniProtDisease:{disease}")
        if variant not in variants or node is None:
            report["row of an unknown variant or disease left out"] += 1
            continue
        yield made(CARD, variants[variant].node, CARD.predicates[0], node, label=variants[variant].significance)


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """(variant, disease) of each row; both are references, which is why they are no fields with a text."""
    options = {"load_dtd": False, "no_network": True, "resolve_entities": False}
    with member(path, _uniprot.PIN, f"{_uniprot.FOLDER}variant_phenotypes.xml") as stream:
        try:
            for _, record in etree.iterparse(stream, tag="record", **options):
                found = {field.get("name"): field.get("ref", "") for field in record.iterfind("field")}
                yield found.get("variant", ""), found.get("phenotype", "")
                record.clear()
        except etree.XMLSyntaxError as error:
            raise FormatError(f"no XML ({error})", file="variant_phenotypes.xml") from error
