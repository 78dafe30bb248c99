"""A user's own copy of an ontology (OBO or OBO graph) as a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.knowledge.readers import Reading, read

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.concept import Concept
    from biogloss.knowledge.sources._card import Card

OBO = "an .obo or OBO graph .json file, plain or .gz"


def ontology(path: Path, card: Card, prefix: str, report: Counter[str]) -> Iterator[Concept]:
    """The concepts of a file with the prefix of the source; those that it borrows from others are counted.

    Raises:
        InputError, FormatError: as :func:`biogloss.knowledge.readers.read`.
    """
    for concept in read(path, Reading(source=card.name, version=f"own copy: {path.name}", type=card.types[0]), report):
        if concept.id.startswith(f"{prefix}:"):
            yield concept
        else:
            report["term of another ontology left out"] += 1
