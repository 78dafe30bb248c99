"""Where text is: half-open character ranges, and the conversions that edges need.

    Span(0, 9) of "Metformin lowers glucose." is "Metformin"

Offsets everywhere in Biogloss count Unicode code points (the index of a Python ``str``). Bytes and UTF-16 units
exist only at the edges; :func:`utf16_offsets` and :func:`byte_offsets` are the one place that converts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range ``[start, end)`` in characters (Unicode code points).

    Raises:
        ValueError: the range is empty, reversed or negative.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            msg = f"empty, reversed or negative span [{self.start}, {self.end})"
            raise ValueError(msg)

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Whether the two ranges share a character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether every character of ``other`` is in this range."""
        return self.start <= other.start and other.end <= self.end

    def shift(self, by: int) -> Span:
        """The same range ``by`` characters later."""
        return Span(self.start + by, self.end + by)


def span_text(text: str, spans: Sequence[Span]) -> str:
    """The words at the spans: their texts joined by one space."""
    if len(spans) == 1:
        return text[spans[0].start : spans[0].end]
    return " ".join(text[span.start : span.end] for span in spans)


def utf16_offsets(text: str) -> list[int]:
    """For each character position (0 to ``len(text)``), its offset in UTF-16 units, as browsers and Java count."""
    return list(accumulate((2 if ord(c) > 0xFFFF else 1 for c in text), initial=0))


def byte_offsets(text: str) -> list[int]:
    """For each character position (0 to ``len(text)``), its offset in UTF-8 bytes."""
    return list(accumulate((len(c.encode()) for c in text), initial=0))
