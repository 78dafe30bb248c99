"""Phenotypes of genes with all that they are kinds of: who has a tibiotalar synostosis has a synostosis, too.

A million rows that follow from ``hpo_gene_phenotypes`` and the hierarchy; for questions about groups of phenotypes.
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
    "hpo_inherited_phenotypes",
    "phenotypes of genes, with all ancestors",
    "biolink:has_phenotype",
    statements=1_040_432,
    edges=874_453,
)


def statements(path: Path, report: Counter[str]) -> Iterator[Statement]:
    """A statement a row."""
    return _hpo.of_genes(CARD, path, "phenotype_to_genes.txt", report)
