"""The figures of a report as SVG, without a script: confusion matrix, reliability, ROC, learning curve and so on.

    curves("roc", "ROC", [Curve("review", x, y, area=0.97)], axes=("false positive rate", "true positive rate"))

Each has a title that says what it shows. Colours come from the page (classes in its style), so that they follow light
and dark; what differs by colour differs by dashes or by a number too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.markup import attribute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from biogloss.evaluation.bootstrap import Estimate
    from biogloss.evaluation.calibration import Bin
    from biogloss.evaluation.classes import Confusion

    Floats = NDArray[np.float64]

MOST_CLASSES = 24  # rows of a matrix that can be read
MOST_CURVES = 8  # as many as there are colours
_SIDE, _LEFT, _TOP = 300, 56, 14  # of a plot in the unit square
_NAME = 22  # characters
_CELLS, _LARGE, _SMALL = 12, 46, 28  # columns up to which cells are large; pixels
_MOST_INK = 0.62  # opacity of a full cell: its number stays readable
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_POINTS = 300  # of a curve at most


@dataclass(frozen=True, slots=True)
class Curve:
    """A line in the unit square, (points,) each, and the area that its legend names."""

    name: str
    across: Floats
    up: Floats
    area: float


def confusion(name: str, matrix: Confusion) -> str:
    """A heat map: rows are gold classes, columns predicted ones, the darker the larger the share of the row.

    Of more than twenty-four classes it shows the most frequent ones, and its title says so.
    """
    rows, columns = _most_frequent(matrix)
    shares = matrix.counts / np.maximum(matrix.counts.sum(axis=1, keepdims=True), 1)
    size = _LARGE if len(columns) <= _CELLS else _SMALL
    left, top = 7 * _longest(matrix.rows) + 20, 7 * _longest(matrix.columns) * 0.71 + 40
    parts = []
    for line, row in enumerate(rows):
        down = round(top) + line * size + size // 2 + 4
        parts.append(f'<text class="end" x="{left - 8}" y="{down}">{_short(matrix.rows[row])}</text>')
        for at, column in enumerate(columns):
            place = (left + at * size, round(top) + line * size)
            words = f"gold {matrix.rows[row]}, predicted {matrix.columns[column]}"
            parts.append(_cell(place, size, int(matrix.counts[row, column]), float(shares[row, column]), words))
    for at, column in enumerate(columns):
        turned = f"translate({left + at * size + size // 2 + 3} {round(top) - 8}) rotate(-45)"
        parts.append(f'<text transform="{turned}">{_short(matrix.columns[column])}</text>')
    width = left + len(columns) * size + 7 * _longest(matrix.columns) * 0.71
    height = top + len(rows) * size + 10
    some = "" if len(rows) == len(matrix.rows) else f", the {len(rows)} most frequent of {len(matrix.rows)}"
    title = f"Confusion matrix: gold classes in rows, predicted classes in columns{some}"
    return _svg(name, title, (width, height), parts)


def reliability(name: str, bins: Sequence[Bin]) -> str:
    """Accuracy over confidence; on the diagonal they agree. A point is larger the more items it stands for."""
    total = sum(one.items for one in bins)
    parts = [*_axes("confidence", "accuracy"), f'<path class="even" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>']
    line = " ".join(f"{_x(one.confidence)},{_y(one.accuracy)}" for one in bins)
    parts.append(f'<polyline class="line s0" points="{line}"/>')
    for one in bins:
        radius = 3 + 9 * (one.items / total) ** 0.5
        words = f"confidence {one.confidence:.2f}, accuracy {one.accuracy:.2f}, {one.items:,} items"
        parts.append(
            f'<circle class="point" cx="{_x(one.confidence)}" cy="{_y(one.accuracy)}" r="{radius:.1f}">'
            f"<title>{words}</title></circle>"
        )
    return _svg(name, "Reliability: accuracy over confidence, in bins of equal width", _size(), parts)


def curves(name: str, title: str, found: Sequence[Curve], *, axes: tuple[str, str]) -> str:
    """Curves with a legend of names and areas; the first eight."""
    shown = found[:MOST_CURVES]
    parts = list(_axes(*axes))
    for number, curve in enumerate(shown):
        places = np.unique(np.linspace(0, len(curve.across) - 1, min(len(curve.across), _POINTS)).round().astype(int))
        points = " ".join(f"{_x(curve.across[at])},{_y(curve.up[at])}" for at in places)
        parts.append(f'<polyline class="line s{number}" points="{points}"/>')
    for number, curve in enumerate(shown):
        down = _TOP + 12 + 22 * number
        right = _LEFT + _SIDE + 20
        parts.append(f'<path class="line s{number}" d="M{right} {down}h26"/>')
        parts.append(f'<text x="{right + 34}" y="{down + 4}">{_short(curve.name)} {curve.area:.3f}</text>')
    width = _LEFT + _SIDE + 64 + 7 * (_longest([curve.name for curve in shown]) + 7)
    return _svg(name, title, (width, _size()[1]), parts)


def growth(name: str, title: str, points: Sequence[tuple[int, Estimate]], *, up: str) -> str:
    """A score from 0 to 1 over a number of documents, with its intervals."""
    most = max((documents for documents, _ in points), default=1)
    places = [(_x(documents / most), own) for documents, own in points]
    parts = list(_levels(up))
    for (documents, own), (x, _) in zip(points, places, strict=True):
        words = f"{documents:,} documents: {own.value:.3f}, {own.low:.3f} to {own.high:.3f}"
        parts.append(f'<path class="grid" d="M{x} {_y(0)}V{_y(1)}"/>')
        parts.append(f'<path class="line s0" d="M{x} {_y(own.low)}V{_y(own.high)}"><title>{words}</title></path>')
        parts.append(f'<text class="middle" x="{x}" y="{_y(0) + 18}">{documents:,}</text>')
    line = " ".join(f"{x},{_y(own.value)}" for x, own in places)
    parts.append(f'<polyline class="line s0" points="{line}"/>')
    parts += [f'<circle class="point" cx="{x}" cy="{_y(own.value)}" r="4"/>' for x, own in places]
    parts.append(f'<text class="middle" x="{_x(0.5)}" y="{_y(0) + 40}">documents learned from</text>')
    return _svg(name, title, _size(), parts)


def _most_frequent(matrix: Confusion) -> tuple[list[int], list[int]]:
    """The rows and columns that are shown, in their order."""
    if len(matrix.rows) <= MOST_CLASSES:
        return list(range(len(matrix.rows))), list(range(len(matrix.columns)))
    kept = sorted(np.argsort(-matrix.counts.sum(axis=1), kind="stable")[:MOST_CLASSES].tolist())
    return kept, [*kept, *range(len(matrix.rows), len(matrix.columns))]


def _cell(place: tuple[int, int], size: int, count: int, share: float, words: str) -> str:
    x, y = place
    names = "middle" if count else "middle none"
    return (
        f'<rect class="heat" x="{x}" y="{y}" width="{size}" height="{size}" fill-opacity="{_MOST_INK * share:.3f}">'
        f"<title>{attribute(words)}: {count:,}, {share:.0%} of the row</title></rect>"
        f'<text class="{names}" x="{x + size // 2}" y="{y + size // 2 + 4}">{count:,}</text>'
    )


def _axes(across: str, up: str) -> Iterator[str]:
    yield from _levels(up)
    for tick in _TICKS:
        yield f'<path class="grid" d="M{_x(tick)} {_y(0)}V{_y(1)}"/>'
        yield f'<text class="middle" x="{_x(tick)}" y="{_y(0) + 18}">{tick:.1f}</text>'
    yield f'<text class="middle" x="{_x(0.5)}" y="{_y(0) + 40}">{across}</text>'


def _levels(up: str) -> Iterator[str]:
    for tick in _TICKS:
        yield f'<path class="grid" d="M{_x(0)} {_y(tick)}H{_x(1)}"/>'
        yield f'<text class="end" x="{_x(0) - 8}" y="{_y(tick) + 4}">{tick:.1f}</text>'
    yield f'<text class="middle" transform="translate(16 {_y(0.5)}) rotate(-90)">{up}</text>'


def _x(value: float) -> float:
    return round(_LEFT + _SIDE * float(value), 1)


def _y(value: float) -> float:
    return round(_TOP + _SIDE * (1 - float(value)), 1)


def _size() -> tuple[float, float]:
    return _LEFT + _SIDE + 20, _TOP + _SIDE + 48


def _longest(names: Sequence[str]) -> int:
    return max((min(len(name), _NAME) for name in names), default=0)


def _short(name: str) -> str:
    return attribute(name if len(name) <= _NAME else name[: _NAME - 1] + "…")


def _svg(name: str, title: str, size: tuple[float, float], parts: Sequence[str]) -> str:
    width, height = (round(length) for length in size)
    body = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{name}"><title id="{name}">{attribute(title)}</title>\n{body}\n</svg>'
    )
