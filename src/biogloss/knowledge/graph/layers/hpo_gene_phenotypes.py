"""Which phenotypes come with variants of a gene: NCBIGene:16 AARS1 and HP:0002460 distal muscle weakness.

Each comes over a disease, which is the evidence's reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.graph.layers import _hpo

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

CARD = _hpo.card(
    "hpo_gene_phenotypes", "phenotypes of genes", "biolink:has_phenotype", statements=316_589, edges=259_012
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement a row; the frequency is the evidence's label."""
    return _hpo.of_genes(CARD, path, "genes_to_phenotype.txt", report, "frequency")
