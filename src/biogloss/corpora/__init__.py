"""One file a public corpus: ``CARD`` and ``documents(split, report)``. The folder is the registry.

``documents`` yields the corpus's own documents with its own types; :func:`labelled` turns the types into the heads of a
model, as the card says. Split lists that the publisher does not give are owned here, in ``splits/``; a corpus that has
no development part either is all ``train``, for cross-validation.

Where the gold stands:

    relations            ``Document.relations``, arguments as (role, entity id) or (role, CURIE)
    classification       ``Document.labels``
    roles                the ``label`` of marks of kind ``sentence``
    pairs                parts ``first`` and ``second``, labels
    question_answering   parts ``context`` and ``question``, labels
    summarisation        parts ``question`` and ``summary``

The text of parts is the parts joined by one newline. A document that is one of several from the same source (a sentence
of an abstract) has the source in its ``citation.pmid`` or in its id, before ``-`` and a number.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from biogloss import plugins
from biogloss.corpora._card import TASKS, Card, Gold, mapped
from biogloss.errors import ConfigError, Failure, InputError
from biogloss.formats._source import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document, Entity

__all__ = ["SPLITS", "TASKS", "Card", "Gold", "card", "documents", "identifiers", "labelled", "names"]

SPLITS = ("train", "dev", "test")


def names(task: str = "") -> list[str]:
    """The corpora there are, or those of them that serve a task of :data:`TASKS`.

    Raises:
        ConfigError: no such task.
    """
    if task and task not in TASKS:
        msg = f"no task {task!r}; there are: {', '.join(TASKS)}"
        raise ConfigError(msg)
    found = plugins.names(sys.modules[__name__])
    return [name for name in found if task in card(name).tasks] if task else found


def card(name: str) -> Card:
    """The card of a corpus."""
    return cast("Card", plugins.load(sys.modules[__name__], name).CARD)


def documents(name: str, split: str, report: Report | None = None) -> Iterator[Document]:
    """The documents of one split with the corpus's own types; what a reader leaves out is counted in ``report``.

    Raises:
        ConfigError: no such corpus or split.
        InputError: its files are not in the data folder, or a record of them is damaged.
    """
    module = plugins.load(sys.modules[__name__], name)
    if split not in module.CARD.counts:
        msg = f"corpus {name} has no split {split!r}; there are: {', '.join(module.CARD.counts)}"
        raise ConfigError(msg)
    for document in module.documents(split, Report() if report is None else report):
        if isinstance(document, Failure):
            raise InputError(str(document), todo="Copy the corpus again: scores and training need every record of it")
        yield document


def labelled(name: str, split: str) -> Iterator[Document]:
    """The documents of one split with the corpus's types turned into the heads its card names."""
    own = card(name)
    for document in documents(name, split):
        yield mapped(document, own)


def identifiers(entity: Entity) -> frozenset[str]:
    """The gold identifiers of a mention; of one that stands for two together (``D007153+D040181``), each."""
    found = set()
    for link in entity.links:
        prefix = link.id.partition(":")[0] if ":" in link.id else "MESH"
        found |= {part if ":" in part else f"{prefix}:{part}" for part in link.id.split("+")}
    return frozenset(found)
