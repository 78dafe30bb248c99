"""What is known about a public corpus, in one frozen record."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from biogloss.documents import Document


TASKS = ("ner", "relations", "classification", "roles", "pairs", "question_answering", "summarisation")


@dataclass(frozen=True)
class Gold:
    """What a corpus says for one task beside the entities.

    Args:
        labels: what it tells apart (relation types, classes, roles); empty where there are none or too many to list.
        counts: split -> gold annotations (relations, labels of documents, sentences with a role, summaries), asserted
            by the tests.
    """

    labels: tuple[str, ...]
    counts: Mapping[str, int]

    def __str__(self) -> str:
        counts = ", ".join(f"{split} {count:,}" for split, count in self.counts.items())
        return f"{', '.join(self.labels)} ({counts})" if self.labels else counts


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
        tasks: those of :data:`TASKS` that it serves. ``ner`` is said where its entities are for learning and scoring
            them, not where they only carry the relations.
        gold: task -> what it says; every task but ``ner``.
        heads: native type -> the heads it is positive for. A type not listed is not used.
        exhaustive: heads of which the corpus marks every mention; the other heads in ``heads`` are positives only.
        counts: split -> (documents, entities whose type is in ``heads``), asserted by the tests.
        unit: what one document is: an ``abstract``, a ``sentence``, a ``passage`` of a full text, or a
            ``question`` with what belongs to it.
        example: one annotated phrase, to show what the corpus means by its types.
    """

    name: str
    title: str
    citation: str
    url: str
    licence: str
    ship: bool
    tasks: tuple[str, ...] = ("ner",)
    gold: Mapping[str, Gold] = field(default_factory=dict)
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exhaustive: frozenset[str] = frozenset()
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
            todo="Put the corpus in the folder that the environment variable BIOGLOSS_DATA names; "
            "`biogloss corpora NAME` says where it comes from",
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


def split_of(name: str) -> str:
    """The split of a document by a hash of its id: 80 % train, 10 % dev, 10 % test, the same in every corpus."""
    tenth = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % 10
    return {8: "dev", 9: "test"}.get(tenth, "train")


def mapped(document: Document, card: Card) -> Document:
    """The document with the corpus's native types turned into heads, in reading order.

    An entity of two heads becomes two, of which the first keeps the id; one of no head goes, and its relations with it.
    """
    entities = [
        replace(entity, label=head, source=card.name, id=entity.id if number == 0 else f"{entity.id}/{head}")
        for entity in document.entities
        for number, head in enumerate(card.heads.get(entity.label, ()))
    ]
    gone = {entity.id for entity in document.entities if not card.heads.get(entity.label)}
    relations = [
        relation for relation in document.relations if not any(found in gone for _, found in relation.arguments)
    ]
    entities.sort(key=lambda entity: (entity.start, entity.end, entity.label))
    return replace(document, entities=tuple(entities), relations=tuple(relations))
