"""Which rare diseases a gene is behind: NCBIGene:16 AARS1 and OMIM:613287, as HPO's annotations of genes have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.curies import curie
from biogloss.knowledge.graph.biolink import DISEASE, GENE
from biogloss.knowledge.graph.layers import _hpo
from biogloss.knowledge.graph.layers._card import made, named

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = _hpo.card(
    "gene_diseases",
    "diseases of genes (from OMIM and Orphanet)",
    "biolink:gene_associated_with_condition",
    statements=12_302,
    edges=12_302,
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement for each gene and disease; a row of the file is a phenotype, so most come many times."""
    names = {row[0]: row[1] for row in _hpo.rows(path, "phenotype.hpoa", "database_id", "disease_name")}
    seen: set[tuple[str, str]] = set()
    for gene, symbol, disease in _hpo.rows(path, "genes_to_phenotype.txt", "ncbi_gene_id", "gene_symbol", "disease_id"):
        if (gene, disease) in seen:
            report["repeated rows"] += 1
            continue
        seen.add((gene, disease))
        yield made(
            CARD,
            named(f"NCBIGene:{gene}", symbol, GENE),
            "biolink:gene_associated_with_condition",
            named(curie(disease), names.get(disease, ""), DISEASE),
        )
