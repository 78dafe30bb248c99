"""What is linked and what comes of it.

Mention("RA", "Disease", long="rheumatoid arthritis")
Choice("MESH:D001172", 0.93, "rheumatoid arthritis", "exact name of the long form", "mesh", "MESH:D001172", "Disease")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Mention(NamedTuple):
    """What decides which concepts are asked about: the same mention in two documents is resolved once.

    Args:
        text: its words.
        label: its type (``Disease``, ``Gene`` ...), or nothing where it is not known.
        long: what the text says that it abbreviates, or nothing.
    """

    text: str
    label: str
    long: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document adds to a mention.

    Args:
        species: of the nearest mention of a species, as ``NCBITaxon:10090``; nothing where none is spoken of.
        main_species: the one that the document speaks of most often.
        all_species: every species that the document speaks of.
        companions: ids that other mentions of the document have for certain.
        context: the sentence around the mention, or nothing; only an encoder reads it.
    """

    species: str = ""
    main_species: str = ""
    all_species: frozenset[str] = frozenset()
    companions: frozenset[str] = frozenset()
    context: str = ""


NOWHERE = Surroundings()


@dataclass(frozen=True, slots=True)
class Choice:
    """An identifier that a mention may have, and why.

    Args:
        id: a CURIE.
        score: the probability in [0, 1] that it is the right one; those of a mention and of "none of them" sum to 1.
        name: the name that matched.
        how: in words, the ways in which it matched, the strongest first.
        source: where the name comes from.
        concept: whose name it is; another CURIE than ``id`` where a cross-reference led on.
        type: of the concept.
        taxon: of a gene.
    """

    id: str
    score: float
    name: str
    how: str
    source: str
    concept: str
    type: str = ""
    taxon: str = ""

    def reason(self) -> str:
        """Why this id, in one line."""
        over = "" if self.id == self.concept else f", over {self.concept}"
        species = f", of {self.taxon}" if self.taxon else ""
        return f"{self.how}: {self.name!r} ({self.source}{over}{species})"
