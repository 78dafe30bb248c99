"""What a task asks of the encoder: windows to read, where the state of each piece is found, and what is right.

    "Gout hurts"     pieces   go ##ut hurts
                     windows  [CLS] go ##ut hurts [SEP]
                     places   (0, 1) (0, 2) (0, 3)        window and position

A text is read in windows that overlap; of each piece the state counts that has more context. What a task says of a
text stands on its pieces, so nothing beyond this file knows of windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from biogloss.models.tokenizer import Pieces, kept, windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.documents import Span
    from biogloss.models.heads import Pooling
    from biogloss.models.tokenizer import Tokenizer

UNKNOWN = -100
"""A target that nothing is known of: no loss there."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a corpus says about each head: all of its entities (``exhaustive``) or some of them (``positives``)."""

    exhaustive: frozenset[str]
    positives: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the encoder reads it.

    ``windows``: the ids of each, (seq,) int32, with the special tokens; ``places`` (pieces, 2) int32: window and
    position of each piece.
    """

    windows: tuple[NDArray[np.int32], ...]
    places: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Example:
    """A text with what a task is to say of it.

    ``targets``: of a task on pieces (pieces, ...), of a task on items (items, ...); UNKNOWN where nothing is known.
    ``pooling``: the items; None where each piece is one. ``about``: what an item is of, for the task's own use.
    """

    reading: Reading
    targets: NDArray[np.int8] | NDArray[np.int64] | NDArray[np.float32]
    pooling: Pooling | None = None
    about: tuple[object, ...] = ()

    @property
    def pieces(self) -> int:
        """How many go through the encoder, special tokens and overlaps included."""
        return sum(map(len, self.reading.windows))


def plain(pieces: Pieces, tokenizer: Tokenizer, *, max_pieces: int, overlap: int) -> Reading:
    """One text in windows of at most ``max_pieces``, special tokens not counted, that share ``overlap`` at least."""
    cuts = list(windows(len(pieces), max_pieces=max_pieces, overlap=overlap))
    places = [
        np.stack([np.full(end - start, number), np.arange(start, end) - cut[0] + 1], axis=1)
        for number, (cut, (start, end)) in enumerate(zip(cuts, kept(cuts), strict=True))
    ]
    return Reading(
        tuple(tokenizer.framed(pieces.ids[start:end]) for start, end in cuts),
        np.concatenate([*places, np.empty((0, 2))]).astype(np.int32),
    )


def of_two(pieces: Pieces, first: int, tokenizer: Tokenizer, *, max_pieces: int, overlap: int) -> Reading:
    """Two texts read together: the first whole beside each window of the second, a separator between them.

    Where the first would take more than half of a window, what is over is read in windows of its own.

    Args:
        pieces: of both, one behind the other.
        first: how many of them are of the first text.
        tokenizer: of the encoder.
        max_pieces: of a window, without its special tokens.
        overlap: pieces that windows of the second text share at least.
    """
    beside = min(first, max_pieces // 2)
    room = max_pieces - beside - 1  # one is the separator
    cuts = list(windows(len(pieces) - first, max_pieces=room, overlap=min(overlap, room - 1))) or [(0, 0)]
    separator = np.array([tokenizer.last], dtype=np.int32)
    places = np.zeros((len(pieces), 2), dtype=np.int32)
    places[:beside, 1] = np.arange(beside) + 1
    found = []
    for number, (cut, (start, end)) in enumerate(zip(cuts, kept(cuts), strict=True)):
        second = pieces.ids[first + cut[0] : first + cut[1]]
        found.append(tokenizer.framed(np.concatenate([pieces.ids[:beside], separator, second])))
        places[first + start : first + end, 0] = number
        places[first + start : first + end, 1] = np.arange(start, end) - cut[0] + beside + 2
    if beside < first:
        rest = plain(part(pieces, beside, first), tokenizer, max_pieces=max_pieces, overlap=overlap)
        places[beside:first] = rest.places + np.array([len(found), 0])
        found += rest.windows
    return Reading(tuple(found), places)


def part(pieces: Pieces, start: int, end: int) -> Pieces:
    """Some of the pieces of a text, with their offsets into it."""
    return Pieces(pieces.ids[start:end], pieces.starts[start:end], pieces.ends[start:end], pieces.continues[start:end])


def joined(pieces: Pieces, first: tuple[int, int], second: tuple[int, int]) -> Pieces:
    """Two ranges of the pieces of a text, one behind the other."""
    one, other = part(pieces, *first), part(pieces, *second)
    return Pieces(
        np.concatenate([one.ids, other.ids]),
        np.concatenate([one.starts, other.starts]),
        np.concatenate([one.ends, other.ends]),
        np.concatenate([one.continues, other.continues]),
    )


def cut(example: Example) -> list[Example]:
    """Each window of an example of a task on pieces as an example of its own."""
    windows_of = example.reading.places[:, 0]
    return [
        Example(
            Reading((window,), example.reading.places[windows_of == number] * np.array([0, 1], dtype=np.int32)),
            example.targets[windows_of == number],
        )
        for number, window in enumerate(example.reading.windows)
    ]


def span_pieces(span: Span, pieces: Pieces) -> tuple[int, int]:
    """The half-open range of pieces that share a character with a span; empty where none does."""
    first = int(np.searchsorted(pieces.ends, span.start, side="right"))
    return first, max(first, int(np.searchsorted(pieces.starts, span.end, side="left")))


def states_of(reading: Reading, states: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The states of the pieces, (pieces, width), from those of each window, (seq, width) with the special tokens."""
    if not len(reading.places):
        return np.empty((0, states[0].shape[1] if states else 0), dtype=np.float32)
    before = np.cumsum([0, *map(len, states)])
    return np.concatenate(states)[before[reading.places[:, 0]] + reading.places[:, 1]]
