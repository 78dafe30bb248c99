"""What a user says about a file of terms that the file does not say itself."""

from __future__ import annotations

from dataclasses import dataclass

from biogloss.knowledge.curies import curie


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file.

    Args:
        source: what the vocabulary is called; the file's name where it is empty.
        version: of its content.
        type: the type of concepts whose row or prefix does not say it.
        prefix: put before identifiers that have none.
        encoding: of text files.
    """

    source: str = ""
    version: str = ""
    type: str = ""
    prefix: str = ""
    encoding: str = "utf-8"

    def identifier(self, text: str) -> str:
        """The CURIE of an identifier in the file.

        Raises:
            ValueError: it is none.
        """
        return curie(f"{self.prefix}:{text}" if self.prefix and ":" not in text else text)


TYPES = {
    **dict.fromkeys(("MONDO", "DOID", "HP", "OMIM", "Orphanet", "ICD10", "ICD10CM", "ICD9CM", "ICD11"), "Disease"),
    **dict.fromkeys(("CHEBI", "DrugBank", "RXNORM", "ATC", "CAS"), "Chemical"),
    **dict.fromkeys(("NCBIGene", "HGNC", "Ensembl", "UniProt"), "Gene"),
    "NCBITaxon": "Species",
    "UBERON": "Anatomy",
    "CL": "CellType",
    "Cellosaurus": "CellLine",
}
"""The type of a concept by its prefix, where nothing else says it."""
