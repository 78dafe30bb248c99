"""NCBI Taxonomy: NCBITaxon:10090 Mus musculus, also house mouse."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

from biogloss.knowledge.concept import Concept, Synonym
from biogloss.knowledge.sources import _cellxgene
from biogloss.knowledge.sources._card import Card, is_own
from biogloss.knowledge.sources._own import OBO, ontology

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

CARD = Card(
    name="ncbi_taxonomy",
    title="NCBI Taxonomy, the organisms that texts speak of",
    version="2026-05-13",
    licence="public domain (U.S. National Library of Medicine); OBO release CC0 1.0",
    ship=True,
    url="https://www.ncbi.nlm.nih.gov/taxonomy",
    citation="Schoch et al. 2020, doi:10.1093/database/baaa062",
    types=("Species",),
    pins=(_cellxgene.PIN,),
    own=OBO,
    counts={"concepts": 773, "names": 1_744},
)

GIVEN = "="
"""Before a scientific name that the list itself gives."""


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The taxa of the list ``lists/taxa.tsv`` beside this module, with the everyday names that it adds.

    The release that is read holds animals only; of bacteria, viruses, fungi and plants the list has the names too. An
    own copy is read whole, all of its taxa.
    """
    if is_own(path, *CARD.pins):
        yield from ontology(path, CARD, "NCBITaxon", report)
        return
    listed = common()
    wanted = frozenset(listed)
    found = _cellxgene.concepts(
        _cellxgene.terms(path, "NCBITaxon-ontology-v2026-05-13"),
        source=(CARD.name, CARD.version),
        type_of=lambda identifier, _: "Species" if identifier in wanted else "",
        xrefs={},
        report=report,
    )
    for concept in found:
        yield _with(concept, listed.pop(concept.id))
    for identifier, (name, *others) in listed.items():
        if not name.startswith(GIVEN):
            report["listed taxon that the release does not have"] += 1
            continue
        concept = Concept(identifier, "Species", name.removeprefix(GIVEN), source=CARD.name, version=CARD.version)
        yield _with(concept, tuple(others))


def common() -> dict[str, tuple[str, ...]]:
    """The identifier of each taxon in the list, with its names there."""
    text = resources.files("biogloss.knowledge.sources").joinpath("lists", "taxa.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: tuple(row[1:]) for row in rows}


def _with(concept: Concept, everyday: tuple[str, ...]) -> Concept:
    known = {text.lower() for text, _ in concept.names()}
    new = [name for name in (_short(concept.name), *everyday) if name and name.lower() not in known]
    return replace(concept, synonyms=(*concept.synonyms, *map(Synonym, dict.fromkeys(new))))


def _short(name: str) -> str:
    """The short form, "E. coli" for "Escherichia coli"; nothing where a name is not of two words."""
    genus, _, species = name.partition(" ")
    return f"{genus[0]}. {species}" if species.islower() and " " not in species and genus.istitle() else ""
