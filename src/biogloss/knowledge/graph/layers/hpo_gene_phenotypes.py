"""Which phenotypes come with variants of a gene: NCBIGene:16 AARS1 and HP:0002460 distal muscle weakness.

Each comes over a disease, which is the evidence's reference.
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
    name="hpo_gene_phenotypes",
    title="Human Phenotype Ontology, phenotypes of genes",
    version=_hpo.VERSION,
    licence=_hpo.LICENCE,
    url=_hpo.URL,
    citation=_hpo.CITATION,
    infores="infores:hpo-annotations",
    predicates=("biolink:has_phenotype",),
    pins=(_hpo.PIN,),
    counts={"statements": 316_589, "edges": 259_012},
)
_COLUMNS = ("ncbi_gene_id", "gene_symbol", "hpo_id", "hpo_name", "frequency", "disease_id")


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement a row; the frequency is the evidence's label."""
    for gene, symbol, term, name, frequency, over in _hpo.rows(path, "genes_to_phenotype.txt", *_COLUMNS):
        report["rows"] += 1
        yield made(
            CARD,
            named(f"NCBIGene:{gene}", symbol, GENE),
            "biolink:has_phenotype",
            named(term, name, PHENOTYPE),
            reference=_hpo.disease(over),
            label="" if frequency == "-" else frequency,
        )
