"""Which species a gene of a text belongs to: that of the nearest word for one, as GNormPlus has it (Wei et al. 2015).

    "In mice, Trp53 ... Human TP53 ..."    Trp53 is NCBITaxon:10090, TP53 NCBITaxon:9606

The nearest word before the gene in its sentence counts, else the nearest after it there, else the most frequent of the
document. The words are in ``species.tsv``: what names an organism, its relatives and its cells.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biogloss.documents import Document, Span


class Place(NamedTuple):
    """Where a species is spoken of."""

    start: int
    end: int
    taxon: str


def places(document: Document) -> list[Place]:
    """Where a document speaks of species: words of the list, and entities that are linked to NCBI Taxonomy."""
    pattern, taxa = _words()
    found = {
        (match.start(), match.end()): Place(match.start(), match.end(), taxa[match.group().lower()])
        for match in pattern.finditer(document.text)
    }
    for entity in document.entities:
        if entity.label == "Species" and (entity.concept or "").startswith("NCBITaxon:"):
            found[entity.start, entity.end] = Place(entity.start, entity.end, entity.concept or "")
    return sorted(found.values())


def nearest(found: Sequence[Place], start: int, end: int, sentence: Span) -> str:
    """The species of a mention from ``start`` to ``end``; nothing where no species is spoken of."""
    inside = [place for place in found if sentence.start <= place.start < sentence.end]
    before = [place for place in inside if place.start <= start]
    after = [place for place in inside if place.start > start]
    if before:
        return before[-1].taxon
    if after and after[0].start - end >= 0:
        return after[0].taxon
    return most_frequent(found)


def most_frequent(found: Iterable[Place]) -> str:
    """The species that a document speaks of most often, the first of those in its text."""
    counts = Counter(place.taxon for place in found)
    return max(counts, key=lambda taxon: counts[taxon], default="")


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    text = resources.files("biogloss.knowledge.linker").joinpath("species.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    taxa = {word.lower(): row[0] for row in rows for word in row[1:]}
    longest = sorted(taxa, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE), taxa
