"""What a user says about a file of terms that the file does not say itself."""

from __future__ import annotations

from dataclasses import dataclass

from biogloss.knowledge.curies import curie, prefix_of


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

    def type_of(self, identifier: str) -> str:
        """The type of a concept of that CURIE.

        Raises:
            ValueError: neither the user nor the prefix says it.
        """
        if kind := self.type or TYPES.get(prefix_of(identifier), ""):
            return kind
        raise ValueError(f"{identifier} has no type; name one for all of them with --type, for example --type Disease")


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
