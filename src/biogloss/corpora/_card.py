"""What is known about a public corpus, in one frozen record."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.documents import numbered
from biogloss.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from biogloss.documents import Document


@dataclass(frozen=True)
class Card:
    """Source, licence, splits and meaning of a corpus.

    Args:
        name: the module's name.
        title: as its paper calls it.
        citation: the paper.
        url: where it is published.
        licence: SPDX or the licence's own name.
        ship: whether weights trained on it may be given to others.
        heads: native type -> the heads it is positive for. A type not listed is not used.
        exhaustive: heads of which the corpus marks every mention; the other heads in ``heads`` are positives only.
        counts: split -> (documents, entities whose type is in ``heads``), asserted by the tests.
        unit: what one document is: an ``abstract``, a ``sentence``, or a ``passage`` of a full text.
        example: one annotated phrase, to show what the corpus means by its types.
    """

    name: str
    title: str
    citation: str
    url: str
    licence: str
    ship: bool
    heads: Mapping[str, tuple[str, ...]]
    exhaustive: frozenset[str]
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unit: str = "abstract"
    example: str = ""

    @property
    def positives(self) -> frozenset[str]:
        """Heads of which the corpus marks some mentions only."""
        return frozenset(head for heads in self.heads.values() for head in heads) - self.exhaustive


def folder() -> Path:
    """The folder of the data catalogue: ``BIOGLOSS_DATA``, or ``../shared/data``."""
    return Path(os.environ.get("BIOGLOSS_DATA", "../shared/data"))


def file(*parts: str) -> Path:
    """A file of the data catalogue.

    Raises:
        InputError: it is not there.
    """
    path = folder().joinpath(*parts)
    if not path.exists():
        raise InputError(
            "the corpus file is not there",
            file=str(path),
            todo="Put the corpus in the folder that the environment variable BIOGLOSS_DATA names",
        )
    return path


def split_ids(name: str) -> frozenset[str]:
    """The document ids of a split list that this package owns (``corpora/splits/<name>.txt``, one id a line)."""
    text = resources.files("biogloss.corpora").joinpath("splits", f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def part(documents: Iterable[Document], split: str, *, dev: str) -> list[Document]:
    """The training or development part of documents, by the split list ``dev``; duplicates go before splitting."""
    ids = split_ids(dev)
    return [document for document in unique(documents) if (document.id in ids) == (split == "dev")]


def unique(documents: Iterable[Document]) -> list[Document]:
    """The documents without those whose id or words came before."""
    seen: set[str] = set()
    kept = []
    for document in documents:
        keys = {"id " + document.id, "text " + re.sub(r"\W+", "", document.text).lower()}
        if not keys & seen:
            kept.append(document)
        seen |= keys
    return kept


def mapped(document: Document, card: Card) -> Document:
    """The document with the corpus's native types turned into heads; an entity of two heads becomes two."""
    entities = [
        replace(entity, label=head, source=card.name)
        for entity in document.entities
        for head in card.heads.get(entity.label, ())
    ]
    return document.with_entities(numbered(entities))
