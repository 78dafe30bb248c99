"""One file a vocabulary: ``CARD`` and ``concepts(path, report)``, or ``mappings(path, report)``.

The folder is the registry. ``path`` is a folder with the pinned files of the card, or one of them, or the user's own
copy of the vocabulary in the form that ``CARD.own`` names. Pinned files are read as they are, straight from the wheel:
nothing is installed or run. A source that only says which identifiers mean the same has ``mappings`` in place of
``concepts``. Order and content are the same each time; what a reader leaves out it counts in ``report``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from biogloss import plugins
from biogloss.knowledge.sources._card import Card, Pin

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from biogloss.knowledge.concept import Concept, Mapping

__all__ = ["Card", "Pin", "card", "names", "read"]


def names() -> list[str]:
    """The sources there are."""
    return plugins.names(sys.modules[__name__])


def card(name: str) -> Card:
    """The card of a source.

    Raises:
        ConfigError: no such source; the message lists those there are.
    """
    return cast("Card", plugins.load(sys.modules[__name__], name).CARD)


def read(name: str, path: Path, report: Counter[str]) -> Iterator[Concept | Mapping]:
    """The concepts or mappings of a source.

    Raises:
        ConfigError: no such source.
        InputError: a file is missing or another one than is pinned.
        FormatError: it is damaged.
    """
    module = plugins.load(sys.modules[__name__], name)
    reader = module.concepts if hasattr(module, "concepts") else module.mappings
    return cast("Iterator[Concept | Mapping]", reader(path, report))
