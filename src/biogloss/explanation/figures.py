"""The curves of hiding and showing words as SVG, without a script.

curves("Deletion", shares, own, random)     a plot of probability over the share of words

Colours come from the page's classes, so that they follow light and dark; what differs by colour differs by dashes too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.markup import attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT, LEFT, TOP = 200, 130, 34, 8


def curves(title: str, shares: Floats, own: Floats, random: Floats) -> str:
    """A plot: an explanation's curve, the mean of random orders, and between which values these lie.

    Args:
        title: what it shows.
        shares: (points,) of the words.
        own: (points,) probabilities in [0, 1].
        random: (orders, points); none where nothing was compared.
    """
    parts = list(_axes())
    if len(random):
        low, high, mean = random.min(axis=0), random.max(axis=0), random.mean(axis=0)
        around = f"{_points(shares, high)} {_points(shares[::-1], low[::-1])}"
        parts.append(f'<polygon class="band" points="{around}"/>')
        parts.append(f'<polyline class="chance" points="{_points(shares, mean)}"/>')
    parts.append(f'<polyline class="own" points="{_points(shares, own)}"/>')
    parts += _legend(has_random=bool(len(random)))
    width, height = LEFT + WIDTH + 24, TOP + HEIGHT + 58
    body = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{attribute(title)}: probability over the share of words">\n{body}\n</svg>'
    )


def _axes() -> Iterator[str]:
    for tick in (0.0, 0.5, 1.0):
        yield f'<path class="grid" d="M{_x(tick)} {_y(0)}V{_y(1)}M{_x(0)} {_y(tick)}H{_x(1)}"/>'
        yield f'<text class="middle" x="{_x(tick)}" y="{_y(0) + 16}">{100 * tick:.0f} %</text>'
        yield f'<text class="end" x="{_x(0) - 6}" y="{_y(tick) + 4}">{tick:.1f}</text>'


def _legend(*, has_random: bool) -> Iterator[str]:
    down = _y(0) + 42
    yield f'<path class="own" d="M{LEFT} {down - 4}h18"/><text x="{LEFT + 23}" y="{down}">this order</text>'
    if has_random:
        left = LEFT + 96
        yield f'<path class="chance" d="M{left} {down - 4}h18"/><text x="{left + 23}" y="{down}">random orders</text>'


def _points(across: Floats, up: Floats) -> str:
    return " ".join(f"{_x(x)},{_y(y)}" for x, y in zip(across.tolist(), up.tolist(), strict=True))


def _x(value: float) -> float:
    return round(LEFT + WIDTH * value, 1)


def _y(value: float) -> float:
    return round(TOP + HEIGHT * (1 - value), 1)
