"""What a model is asked about one item: windows to read, where the item's states stand in them, which output counts.

    entity Gout of "Gout hurts."     ids     [[101, 2843, 4904, 13403, 1012, 102]]
                                     shown   [[ -1,    0,    1,     2,    3,  -1]]      pieces of the text
                                     places  [1, 2]                                     of the pieces of Gout

Only the windows that the item is told from are read, and only what stands in them can speak for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from biogloss.documents import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.explanation.items import Item
    from biogloss.models.heads import Pooling
    from biogloss.models.tokenizer import Pieces, Tokenizer
    from biogloss.tasks._examples import Example

NO_PIECE = -1


@dataclass(frozen=True, slots=True)
class Word:
    """A word that the model reads: where it stands in the raw text, and its pieces."""

    span: Span
    pieces: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """See the module.

    Args:
        item: what is asked about.
        text: the raw text.
        pieces: of what is read, with their offsets into the raw text.
        ids: (windows, seq) int64, padded.
        shown: (windows, seq) int32: which of ``pieces`` stands there, NO_PIECE for special tokens and padding.
        mask: (windows, seq) bool, true but for padding.
        places: (pieces of the item,) int64, ``window * seq + position``.
        pooling: what the head reads of those pieces, one item; None where each is one.
    """

    item: Item
    text: str
    pieces: Pieces
    ids: NDArray[np.int64]
    shown: NDArray[np.int32]
    mask: NDArray[np.bool_]
    places: NDArray[np.int64]
    pooling: Pooling | None

    @property
    def size(self) -> int:
        """How many pieces go through the encoder at once, padding included."""
        return self.ids.size

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words that stand in the windows, in their order; pieces that share their characters are one word."""
        seen = np.unique(self.shown[self.shown != NO_PIECE]).tolist()
        return tuple(_words(seen, self.pieces))

    def per_piece(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Sums of (windows, seq) values over the places of each piece, (pieces,): windows overlap."""
        is_piece = self.shown != NO_PIECE
        sums = np.zeros(len(self.pieces))
        np.add.at(sums, self.shown[is_piece], values[is_piece])
        return sums

    def per_word(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of (pieces,) values over each of ``words``."""
        return np.array([values[list(word.pieces)].sum() for word in self.words])

    def hidden(self, words: NDArray[np.bool_], mask: int) -> NDArray[np.int64]:
        """The ids with ``mask`` in place of some words, (variants, words) bool, as (variants, windows, seq)."""
        hides = np.zeros((len(words), len(self.pieces) + 1), dtype=bool)  # the last column is that of NO_PIECE
        for number, word in enumerate(self.words):
            hides[:, list(word.pieces)] = words[:, number, None]
        return np.where(hides[:, self.shown], mask, self.ids)


def question(item: Item, example: Example, text: str, pieces: Pieces, tokenizer: Tokenizer) -> Question:
    """What is asked about an item.

    Args:
        item: one of the example's.
        example: of a ``Numbered`` tokenizer.
        text: the raw text.
        pieces: those that the numbers count.
        tokenizer: with the encoder's own ids.
    """
    used, pooling = _used(item, example.pooling)
    own = example.reading.places[used]
    windows, rows = np.unique(own[:, 0], return_inverse=True)
    numbers, mask = _padded([example.reading.windows[window] for window in windows], tokenizer.padding)
    shown = np.where(mask, np.maximum(numbers - tokenizer.vocabulary_size, NO_PIECE), NO_PIECE).astype(np.int32)
    ids = np.where(shown == NO_PIECE, numbers, np.append(pieces.ids, 0)[shown])
    places = rows.astype(np.int64) * ids.shape[1] + own[:, 1]
    return Question(item, text, pieces, ids.astype(np.int64), shown, mask, places, pooling)


def _used(item: Item, pooling: Pooling | None) -> tuple[NDArray[np.int64], Pooling | None]:
    """The pieces that an item's outputs are computed from, and how, counted among themselves."""
    if pooling is None:
        return np.array(item.rows, dtype=np.int64), None
    (row,) = item.rows
    only = pooling.part(row, row + 1)
    used = np.unique(only.pieces()[0])
    starts = np.searchsorted(used, only.starts)
    return used, replace(only, starts=starts, ends=starts + only.ends - only.starts)


def _padded(windows: Sequence[NDArray[np.int32]], padding: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    lengths = np.array([len(window) for window in windows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, padding, dtype=np.int64)
    ids[mask] = np.concatenate(windows)
    return ids, mask


def _words(seen: Sequence[int], pieces: Pieces) -> list[Word]:
    found: list[Word] = []
    bare: list[int] = []  # pieces without a character, such as those of spaces, belong to the word behind them
    for piece in seen:
        start, end = int(pieces.starts[piece]), int(pieces.ends[piece])
        last = found[-1] if found else None
        if start >= end:
            bare.append(piece)
            continue
        if bare and last is not None and _closes(last, bare, pieces, start):
            last = found[-1] = Word(last.span, (*last.pieces, *bare))
            bare = []
        span = Span(start, end)
        goes_on = last is not None and last.pieces[-1] == piece - 1 and bool(pieces.continues[piece])
        if last is not None and (goes_on or last.span == span):
            joined = Span(min(last.span.start, start), max(last.span.end, end))
            found[-1] = Word(joined, (*last.pieces, *bare, piece))
        else:
            found.append(Word(span, (*bare, piece)))
        bare = []
    if found and bare:
        found[-1] = Word(found[-1].span, (*found[-1].pieces, *bare))
    return found


def _closes(last: Word, bare: Sequence[int], pieces: Pieces, start: int) -> bool:
    """Whether pieces without a character stand right behind a word, and not right before the next: a closing tag."""
    return all(int(pieces.starts[piece]) == last.span.end < start for piece in bare)
