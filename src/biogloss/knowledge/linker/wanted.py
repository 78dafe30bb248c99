"""Which concepts a mention may stand for: those of its type, and ids of the vocabularies that are wanted of it.

    Disease    concepts of type Disease or Other, ids of MeSH, else OMIM, else whatever the concept has

These are the identifiers that PubTator and most corpora use. ``Other`` are descriptors of MeSH that are nothing else:
findings and processes that texts speak of as diseases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from biogloss.errors import ConfigError
from biogloss.knowledge.curies import namespace, prefix_of

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPES = {
    "Disease": ("Disease", "Other"),
    "Chemical": ("Chemical", "Other"),
    "Anatomy": ("Anatomy", "CellType"),
    "CellType": ("CellType", "Anatomy"),
}
"""The types of the concepts that mentions of a type may stand for, where they are others than it."""
VOCABULARIES = {
    "Disease": ("MESH", "OMIM"),
    "Chemical": ("MESH",),
    "Gene": ("NCBIGene",),
    "Species": ("NCBITaxon",),
    "Anatomy": ("UBERON", "CL"),
    "CellType": ("CL", "UBERON"),
    "": ("MESH", "NCBIGene", "NCBITaxon", "UBERON", "CL"),
}
"""The vocabularies that ids are wanted of where the user names none, the preferred first."""


@dataclass(frozen=True)
class Wanted:
    """What the user wants of mentions.

    Args:
        vocabularies: of all types, in place of :data:`VOCABULARIES`; then an id of another one is never given.
        taxa: species of genes, as ``NCBITaxon:9606``; none for all.
        known: the types of concepts that the index has.
    """

    vocabularies: tuple[str, ...] = ()
    taxa: frozenset[str] = frozenset()
    known: frozenset[str] = field(default=frozenset(), compare=False)

    def types(self, label: str) -> tuple[str, ...]:
        """Of concepts for mentions of a type; nothing where the index has none, and for mentions without a type."""
        return tuple(name for name in TYPES.get(label, (label,)) if name in self.known)

    def takes(self, label: str) -> bool:
        """Whether mentions of a type can be linked at all."""
        return not label or bool(self.types(label))

    def ids(self, label: str) -> tuple[str, ...]:
        """The vocabularies of ids for mentions of a type."""
        return self.vocabularies or VOCABULARIES.get(label, ())

    def has(self, label: str, identifier: str) -> bool:
        """Whether an id is of a vocabulary that is wanted for mentions of a type."""
        ids = self.ids(label)
        return not ids or prefix_of(identifier) in ids

    @property
    def others(self) -> bool:
        """Whether an id of another vocabulary is better than none."""
        return not self.vocabularies


def wanted(vocabularies: Iterable[str], taxa: Iterable[str], known: Iterable[str]) -> Wanted:
    """What a user wants, with prefixes and identifiers in the form in which the index has them.

    Raises:
        ConfigError: a species that is no identifier.
    """
    species = [taxon.rpartition(":")[2] for taxon in taxa]
    if wrong := [taxon for taxon in species if not taxon.isdecimal()]:
        raise ConfigError(f"the species {wrong[0][:40]!r} is no identifier; write it as NCBITaxon:9606 or 9606")
    own = frozenset(f"NCBITaxon:{taxon}" for taxon in species)
    return Wanted(tuple(map(namespace, vocabularies)), own, frozenset(known))
