"""One file a public corpus: ``CARD`` and ``documents(split)``. The folder is the registry.

``documents`` yields the corpus's own documents with its own types; :func:`labelled` turns the types into the heads of a
model, as the card says. Split lists that the publisher does not give are owned here, in ``splits/``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from biogloss import plugins
from biogloss.corpora._card import Card, mapped
from biogloss.errors import ConfigError, Failure, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biogloss.documents import Document

__all__ = ["SPLITS", "Card", "card", "documents", "labelled", "names"]

SPLITS = ("train", "dev", "test")


def names() -> list[str]:
    """The corpora there are."""
    return plugins.names(sys.modules[__name__])


def card(name: str) -> Card:
    """The card of a corpus."""
    return cast("Card", plugins.load(sys.modules[__name__], name).CARD)


def documents(name: str, split: str) -> Iterator[Document]:
    """The documents of one split with the corpus's own types.

    Raises:
        ConfigError: no such corpus or split.
        InputError: its files are not in the data folder, or a record of them is damaged.
    """
    module = plugins.load(sys.modules[__name__], name)
    if split not in module.CARD.counts:
        msg = f"corpus {name} has no split {split!r}; there are: {', '.join(module.CARD.counts)}"
        raise ConfigError(msg)
    for document in module.documents(split):
        if isinstance(document, Failure):
            raise InputError(str(document), todo="Copy the corpus again: scores and training need every record of it")
        yield document


def labelled(name: str, split: str) -> Iterator[Document]:
    """The documents of one split with the corpus's types turned into the heads its card names."""
    own = card(name)
    for document in documents(name, split):
        yield mapped(document, own)
