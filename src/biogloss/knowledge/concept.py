"""A concept: what names stand for, with its identifier and where it comes from. Frozen, checked when built.

Concept("MONDO:0005148", "Disease", "type 2 diabetes mellitus", source="mondo", version="2026-05-05",
        synonyms=(Synonym("NIDDM"),), parents=("MONDO:0005015",), xrefs=("MESH:D003924",))

A source is read as a stream of these, in an order that is the same each time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from biogloss.knowledge.curies import curie

KINDS = ("exact", "abbreviation", "narrow", "broad", "related")
"""What a synonym is to its concept; ``narrow`` names less than it, ``broad`` more (as OBO has it)."""
MAX_NAME_CHARACTERS = 2_000
MAX_DEFINITION_CHARACTERS = 20_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name; ``kind`` is one of :data:`KINDS`.

    Raises:
        ValueError: an unknown kind, or a text that is no name (see :func:`check_name`).
    """

    text: str
    kind: str = "exact"

    def __post_init__(self) -> None:
        check_name(self.text)
        if self.kind not in KINDS:
            raise ValueError(f"a synonym of kind {self.kind[:40]!r}; expected one of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of one source.

    Args:
        id: a CURIE as :func:`biogloss.knowledge.curies.curie` writes it.
        type: the label of its mentions: ``Disease``, ``Chemical``, ``Gene``, ``Species``, ``Anatomy``, ``CellType`` ...
        name: the preferred one.
        synonyms: other names, none twice and none the preferred one.
        definition: what it means, or nothing.
        parents: CURIEs of concepts that it is a kind of, in the same source.
        xrefs: CURIEs of the same concept in other vocabularies.
        taxon: the species of a gene (``NCBITaxon:9606``), or nothing.
        source, version: where it comes from.

    Raises:
        ValueError: an identifier, name or type that is none, or a concept that is its own parent.
    """

    id: str
    type: str
    name: str
    source: str
    version: str = ""
    synonyms: tuple[Synonym, ...] = ()
    definition: str = ""
    parents: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()
    taxon: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)
        if not self.type.strip() or not self.source.strip():
            raise ValueError(f"the type or the source of {self.id[:60]!r} is empty")
        if len(self.definition) > MAX_DEFINITION_CHARACTERS:
            raise ValueError(f"the definition of {self.id[:60]} has {len(self.definition):,} characters")
        for identifier in (self.id, *self.parents, *self.xrefs, *filter(None, (self.taxon,))):
            if curie(identifier) != identifier:
                raise ValueError(f"{identifier!r} is written {curie(identifier)!r} here")
        if self.id in self.parents:
            raise ValueError(f"{self.id} is its own parent")

    def names(self) -> tuple[tuple[str, str], ...]:
        """(text, kind) of each name, the preferred one first with the kind ``preferred``."""
        return (self.name, "preferred"), *((synonym.text, synonym.kind) for synonym in self.synonyms)

    @property
    def spoken(self) -> str:
        """The preferred name as one says it: "Acidosis, Lactic" is "lactic acidosis" where it has that name too."""
        turned = " ".join(reversed(self.name.split(", ")))
        if turned == self.name:
            return self.name
        return next((one.text for one in self.synonyms if one.text.casefold() == turned.casefold()), self.name)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Two identifiers of one concept, by a source that only maps: the subject is where its maker looked first."""

    subject: str
    object: str
    source: str


def check_name(text: str) -> None:
    """Say why a text cannot be a name.

    Raises:
        ValueError: it is empty, has white space around it, control characters, or more than ``MAX_NAME_CHARACTERS``.
    """
    if not text or text != text.strip():
        raise ValueError(f"the name {text[:40]!r} is empty or has white space around it")
    if len(text) > MAX_NAME_CHARACTERS:
        raise ValueError(f"the name {text[:40]!r}... has {len(text):,} characters, more than {MAX_NAME_CHARACTERS:,}")
    if found := _CONTROL.search(text):
        raise ValueError(f"the name {text[:40]!r} holds the character {found[0]!r}")


def clean(text: str) -> str:
    """A name as sources write it, with every run of white space one space and no other control characters."""
    return _CONTROL.sub("", " ".join(text.split()))[:MAX_NAME_CHARACTERS].strip()


def synonyms(name: str, others: list[tuple[str, str]]) -> tuple[Synonym, ...]:
    """(text, kind) pairs as the synonyms of a concept: cleaned, the first of each text, without the name itself."""
    found: dict[str, str] = {}
    for text, kind in others:
        if (cleaned := clean(text)) and cleaned != name:
            found.setdefault(cleaned, kind)
    return tuple(Synonym(text, kind) for text, kind in found.items())
