"""Documents of several texts, and documents that are several to a source.

    joined("7", {"first": "Is gout curable?", "second": "Can gout be cured?"}, labels=("same",))

has the parts ``first`` 0-16 and ``second`` 17-35, a newline between them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from biogloss.documents import Document, Span

if TYPE_CHECKING:
    from collections.abc import Mapping


def joined(name: str, texts: Mapping[str, str], **fields: Any) -> Document:  # noqa: ANN401 - passed on
    """The document of named texts in this order, which is that of their names, with one newline between them.

    Raises:
        ValueError: a text is empty.
    """
    parts, start = [], 0
    for part, text in texts.items():
        parts.append((part, Span(start, start + len(text))))
        start += len(text) + 1
    return Document(name, "\n".join(texts.values()), parts=tuple(parts), **fields)


class Numbers:
    """Ids for the documents of a source in their order: ``10030778-1``, ``10030778-2`` ..."""

    def __init__(self) -> None:
        self._last = Counter[str]()

    def next(self, source: str) -> str:
        """The next id of a source."""
        self._last[source] += 1
        return f"{source}-{self._last[source]}"
