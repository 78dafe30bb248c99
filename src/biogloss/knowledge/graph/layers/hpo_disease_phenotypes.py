"""Which phenotypes a rare disease has: OMIM:619340 has HP:0011097 epileptic spasm, in 1 of 2 (PMID:31675180).

That a disease does not have one (``NOT``) is negated evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.curies import curie
from biogloss.knowledge.graph.biolink import DISEASE, PHENOTYPE, RELATED
from biogloss.knowledge.graph.layers import _hpo
from biogloss.knowledge.graph.layers._card import made, named
from biogloss.knowledge.graph.statement import ASSERTED

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = _hpo.card(
    "hpo_disease_phenotypes",
    "phenotypes of rare diseases",
    "biolink:has_phenotype",
    "biolink:has_mode_of_inheritance",
    RELATED,
    statements=271_702,
    edges=271_111,
)
_ASPECTS = {"P": "biolink:has_phenotype", "H": "biolink:has_phenotype", "I": "biolink:has_mode_of_inheritance"}
"""Phenotypes, past history and inheritance; clinical course and modifiers are related to the disease, no more."""
_COLUMNS = ("database_id", "disease_name", "qualifier", "hpo_id", "reference", "frequency", "aspect")


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement a row; the frequency is the evidence's label."""
    names = _hpo.names(path)
    for identifier, name, qualifier, term, reference, frequency, aspect in _hpo.rows(path, "phenotype.hpoa", *_COLUMNS):
        report[f"rows of aspect {aspect}"] += 1
        yield made(
            CARD,
            named(curie(identifier), name, DISEASE),
            _ASPECTS.get(aspect, RELATED),
            named(term, names.get(term, ""), PHENOTYPE),
            assertion="negated" if qualifier == "NOT" else ASSERTED,
            reference=reference,
            label=frequency,
        )
