"""How much a corpus speaks of an entity over the years: the share of each year's documents that have it.

figure(years(corpus, "Disease|MESH:D006073"))    ->    bars, lines and words of a drawing, placed
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.apps.web.facets import Corpus

WIDTH, HEIGHT = 640, 190
"""Of the drawing, in its own units."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 12, 24
_MOST_NAMED = 10
_SCALES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_WIDEST = 48


class Year(NamedTuple):
    """A year with documents: how many of them have the entity."""

    year: int
    having: int
    documents: int

    @property
    def share(self) -> float:
        """Of the documents of the year, in [0, 1]."""
        return self.having / self.documents


class Bar(NamedTuple):
    """The place of a year's bar, and the middle of its name, which is empty where there is no room for it."""

    year: Year
    left: float
    top: float
    width: float
    height: float
    name: str


class Figure(NamedTuple):
    """What is drawn: bars, and the lines of shares with their heights."""

    bars: Sequence[Bar]
    lines: Sequence[tuple[float, float]]


def years(corpus: Corpus, key: str) -> list[Year]:
    """The years that documents of a corpus are of, in order; none where there are fewer than two, or no entity."""
    documents = Counter(known.year for known in corpus.documents if known.year)
    having = Counter(known.year for known in corpus.documents if known.year and key in known.keys)
    return (
        [Year(year, having[year], documents[year]) for year in sorted(documents)] if key and len(documents) > 1 else []
    )


def figure(some: Sequence[Year]) -> Figure:
    """The drawing of one or more years; a year without documents is a gap."""
    first, last = some[0].year, some[-1].year
    step = (WIDTH - _LEFT - _RIGHT) / (last - first + 1)
    width = min(_WIDEST, step * 0.8)
    most = max(year.share for year in some)
    full = next((scale for scale in _SCALES if scale >= most), 1.0)
    each = -(-(last - first + 1) // _MOST_NAMED)
    bars = [
        Bar(
            year,
            round(_LEFT + step * (year.year - first + 0.5) - width / 2, 1),
            round(_y(year.share / full), 1),
            round(width, 1),
            round(_y(0) - _y(year.share / full), 1),
            str(year.year) if (year.year - first) % each == 0 else "",
        )
        for year in some
    ]
    return Figure(bars, [(full * part, round(_y(part), 1)) for part in (0, 0.5, 1)])


def _y(part: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - part)
