"""The learning curve of a run as a picture, from the record of its steps.

    write(Path("runs/mine"), pieces=4096)        runs/mine/curve.svg

The training loss (each step, and smoothed) on the left axis, the held-out loss on the right one, over pieces. It shows
the encoder's stage, or the head's in a run that has no other.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "curve.svg"
WIDTH, HEIGHT = 820, 420
LEFT, RIGHT, TOP, BOTTOM = 74, 746, 66, 356  # of the plot
_STAGES = ("encoder", "head")
_UNITS = ((1e9, "billions of pieces"), (1e6, "millions of pieces"), (1e3, "thousands of pieces"))
_DRAWN = 600  # points of a line at most
_SMOOTHED = 0.02  # share of the run that the smoothed loss averages over
_ROOM = 0.06  # above and below the lines, as a share of the axis


def write(run: Path, *, pieces: int) -> Path:
    """Draw ``steps.jsonl`` of a run folder into ``curve.svg`` beside it, whose path is returned.

    Args:
        run: the run's folder.
        pieces: of a step.
    """
    records = [json.loads(line) for line in (run / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    path = run / FILE
    path.write_text(svg(records, pieces=pieces, title=run.name), encoding="utf-8", newline="\n")
    return path


def svg(records: Sequence[Mapping[str, Any]], *, pieces: int, title: str) -> str:
    """The picture as SVG text that stands alone; no step gives axes without lines.

    Args:
        records: of ``steps.jsonl``.
        pieces: of a step.
        title: what the picture is called.
    """
    by_stage = {name: [own for own in records if own.get("stage") == name] for name in _STAGES}
    trained = {name: _points(own, "loss", pieces) for name, own in by_stage.items()}
    stage = next((name for name in _STAGES if len(trained[name]) > 1), _STAGES[0])
    losses, held_out = trained[stage], _points(by_stage[stage], "held_out", pieces)
    undone = [own["to_step"] * pieces for own in by_stage[stage] if "rolled_back" in own]
    last = max([1.0, *losses[:, 0].tolist(), *held_out[:, 0].tolist()])
    across = _Axis(0.0, last, LEFT, RIGHT)
    usual = np.quantile(losses[:, 1], [0.005, 0.995]) if len(losses) else np.empty(0)
    left = _Axis.around([*usual, *_smooth(losses)[:, 1]], BOTTOM, TOP)
    right = _Axis.around(held_out[:, 1], BOTTOM, TOP)
    parts = [
        f"<title>{escape(title)}: losses of the {stage} over the pieces it learned from</title>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}: {stage}</text>',
        _legend([bool(len(losses)), bool(len(losses)), bool(len(held_out)), bool(undone)]),
        _below(across),
        _beside(left, LEFT, "training loss, nats per hidden piece"),
        _beside(right, RIGHT, "held-out loss, nats per word") if len(held_out) else "",
        *(f'<path class="undone" d="M{across(place):.1f} {TOP}V{BOTTOM}"/>' for place in undone),
        f'<clipPath id="plot"><rect x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"/></clipPath>',
        _line("raw", losses, across, left),
        _line("loss", _smooth(losses), across, left),
        _line("held", held_out, across, right),
        *(f'<circle class="held" cx="{across(x):.1f}" cy="{right(y):.1f}" r="3.5"/>' for x, y in held_out.tolist()),
    ]
    return _FRAME.format(width=WIDTH, height=HEIGHT, body="\n".join(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values from ``low`` to ``high`` on places of the picture from ``begin`` to ``end``."""

    low: float
    high: float
    begin: float
    end: float

    @classmethod
    def around(cls, values: Iterable[float], begin: float, end: float) -> _Axis:
        found = list(values) or [0.0, 1.0]
        room = _ROOM * (max(found) - min(found)) or 0.5
        return cls(min(found) - room, max(found) + room, begin, end)

    def __call__(self, value: float) -> float:
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    def ticks(self, most: int = 7) -> tuple[list[float], int]:
        """Round values on the axis, and how many decimals they need."""
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.999 * rough)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)], max(0, -math.floor(math.log10(step) + 1e-9))


def _points(records: Iterable[Mapping[str, Any]], name: str, pieces: int) -> NDArray[np.float64]:
    """(points, 2): pieces learned from, and the finite values of one name."""
    pairs = [[own["step"] * pieces, own[name]] for own in records if "step" in own and name in own]
    found = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return found[np.isfinite(found).all(axis=1)]


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A running mean that forgets exponentially, without a pull towards the first value."""
    keep = 1 - 1 / max(2.0, _SMOOTHED * len(points))
    total = weight = 0.0
    means = np.empty(len(points))
    for place, value in enumerate(points[:, 1]):
        total, weight = keep * total + value, keep * weight + 1
        means[place] = total / weight
    return np.stack([points[:, 0], means], axis=1)


def _line(name: str, points: NDArray[np.float64], across: _Axis, up: _Axis) -> str:
    if len(points) < 2:
        return ""
    places = np.unique(np.linspace(0, len(points) - 1, min(len(points), _DRAWN)).round().astype(np.int64))
    drawn = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points[places].tolist())
    return f'<polyline class="{name}" clip-path="url(#plot)" points="{drawn}"/>'


def _below(axis: _Axis) -> str:
    unit, name = next((pair for pair in _UNITS if axis.high >= pair[0]), (1.0, "pieces"))
    ticks, decimals = _Axis(axis.low / unit, axis.high / unit, axis.begin, axis.end).ticks()
    marks = [
        f'<path class="axis" d="M{axis(tick * unit):.1f} {BOTTOM}v5"/>'
        f'<text class="middle" x="{axis(tick * unit):.1f}" y="{BOTTOM + 20}">{tick:,.{decimals}f}</text>'
        for tick in ticks
    ]
    base = f'<path class="axis" d="M{LEFT} {BOTTOM}H{RIGHT}"/>'
    return "\n".join([base, *marks, f'<text class="middle" x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 44}">{name}</text>'])


def _beside(axis: _Axis, place: float, name: str) -> str:
    """The left axis with lines through the plot, or the right one without."""
    is_left = place == LEFT
    ticks, decimals = axis.ticks()
    side, by = ("end", place - 9) if is_left else ("start", place + 9)
    reach = f"H{RIGHT}" if is_left else "h5"
    marks = [
        f'<path class="{"grid" if is_left else "axis"}" d="M{place} {axis(tick):.1f}{reach}"/>'
        f'<text class="{side}" x="{by}" y="{axis(tick) + 4:.1f}">{tick:,.{decimals}f}</text>'
        for tick in ticks
    ]
    label, middle = (20 if is_left else WIDTH - 14), (TOP + BOTTOM) / 2
    turned = f'<text class="middle" transform="translate({label} {middle}) rotate(-90)">{name}</text>'
    line = "" if is_left else f'<path class="axis" d="M{place} {TOP}V{BOTTOM}"/>'
    return "\n".join([*marks, line, turned])


def _legend(shown: Sequence[bool]) -> str:
    entries = (
        ("raw", "training, each step", 160),
        ("loss", "training, smoothed", 160),
        ("held", "held out", 104),
        ("undone", "rolled back", 0),
    )
    parts, left = [], LEFT
    for (name, words, width), is_shown in zip(entries, shown, strict=True):
        if is_shown:
            parts.append(f'<path class="{name}" d="M{left} 45h20"/><text x="{left + 26}" y="49">{words}</text>')
            left += width
    return "\n".join(parts)


_FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" \
role="img">
<style>
text {{ font: 12px system-ui, sans-serif; fill: #1c2733; }}
.title {{ font-size: 15px; font-weight: 600; }}
.middle {{ text-anchor: middle; }} .end {{ text-anchor: end; }} .start {{ text-anchor: start; }}
.page {{ fill: #ffffff; }}
.axis {{ stroke: #5b6773; fill: none; }} .grid {{ stroke: #e3e8ed; fill: none; }}
.raw {{ stroke: #b5d0de; fill: none; }} .loss {{ stroke: #2a6f95; stroke-width: 2; fill: none; }}
.held {{ stroke: #c2571a; stroke-width: 2; fill: none; }} circle.held {{ fill: #c2571a; }}
.undone {{ stroke: #8a3ffc; stroke-dasharray: 4 3; fill: none; }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #dde4ea; }} .page {{ fill: #12181e; }}
.axis {{ stroke: #93a1ae; }} .grid {{ stroke: #27313a; }}
.raw {{ stroke: #2d5468; }} .loss {{ stroke: #6fb7dc; }}
.held {{ stroke: #f0915a; }} circle.held {{ fill: #f0915a; }} .undone {{ stroke: #b894ff; }}
}}
</style>
{body}
</svg>
"""
