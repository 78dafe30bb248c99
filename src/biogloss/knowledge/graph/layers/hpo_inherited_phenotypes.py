"""Phenotypes of genes with all that they are kinds of: who has a tibiotalar synostosis has a synostosis, too.

A million rows that follow from ``hpo_gene_phenotypes`` and the hierarchy; for questions about groups of phenotypes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.biolink import GENE, PHENOTYPE
from biogloss.knowledge.graph.layers import _hpo
from biogloss.knowledge.graph.layers._card import Card, made, named

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = Card(
    name="hpo_inherited_phenotypes",
    title="Human Phenotype Ontology, phenotypes of genes, with all ancestors",
    version=_hpo.VERSION,
    licence=_hpo.LICENCE,
    url=_hpo.URL,
    citation=_hpo.CITATION,
    infores="infores:hpo-annotations",
    predicates=("biolink:has_phenotype",),
    pins=(_hpo.PIN,),
    counts={"statements": 1_040_432, "edges": 874_453},
)
_COLUMNS = ("ncbi_gene_id", "gene_symbol", "hpo_id", "hpo_name", "disease_id")


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement a row."""
    for gene, symbol, term, name, over in _hpo.rows(path, "phenotype_to_genes.txt", *_COLUMNS):
        report["rows"] += 1
        yield made(
            CARD,
            named(f"NCBIGene:{gene}", symbol, GENE),
            "biolink:has_phenotype",
            named(term, name, PHENOTYPE),
            reference=_hpo.disease(over),
        )
