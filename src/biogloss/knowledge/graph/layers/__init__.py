"""Curated layers, one file each: ``CARD`` and ``statements(path, report)``. The folder is the registry.

``path`` is a folder with the pinned files of the card; they are read as they are, straight from the wheel. Order and
content are the same each time; what a reader leaves out it counts in ``report``. A layer goes into a graph as one
record and is taken out as one.
"""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, cast

from biogloss import plugins
from biogloss.knowledge.graph.layers._card import Card
from biogloss.knowledge.graph.statement import LAYER, Record
from biogloss.knowledge.sources._card import located

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.graph.statement import Statement

__all__ = ["Card", "card", "names", "record", "statements"]

READERS = 1
"""Raised when a layer reads the same file in another way, so that a graph does not take it for known."""


def names() -> list[str]:
    """The layers there are."""
    return plugins.names(sys.modules[__name__])


def card(name: str) -> Card:
    """The card of a layer.

    Raises:
        ConfigError: no such layer; the message lists those there are.
    """
    return cast("Card", plugins.load(sys.modules[__name__], name).CARD)


def statements(name: str, path: Path, report: Counter[str]) -> Iterator[Statement]:
    """The statements of a layer.

    Raises:
        ConfigError: no such layer.
        InputError: a file is missing or another one than is pinned.
        FormatError: it is damaged.
    """
    return cast("Iterator[Statement]", plugins.load(sys.modules[__name__], name).statements(path, report))


def record(name: str, path: Path, report: Counter[str]) -> Record:
    """A layer as a graph takes it, not read yet; errors as :func:`statements`, for the files at once."""
    known = card(name)
    for pin in known.pins:
        located(path, pin)
    parts = (str(READERS), known.version, *(pin.sha256 for pin in known.pins))
    return Record(
        known.name,
        hashlib.sha256("\n".join(parts).encode()).hexdigest(),
        statements(name, path, report),
        kind=LAYER,
        title=known.title,
        version=known.version,
        licence=known.licence,
        url=known.url,
    )
