"""A corpus as rows of one length for pre-training: documents end to end, so that no place is padding.

    [CLS] the end of one document [SEP] the begin of the next [SEP]

A separator stands after each document (FULL-SENTENCES of RoBERTa, Liu et al. 2019, arXiv 1907.11692). Each pass over
the corpus cuts it at other places and takes the rows in another order; both are functions of the seed, so a resumed run
meets the rows it would have met.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import ConfigError
from biogloss.models.tokenizer import SPECIAL_PIECES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.preparation.shards import Shard

NO_WORD = -1


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows before anything is hidden.

    ``ids`` (rows, length) int32; ``words`` (rows, length) int32, the number of the word in its row, ascending from 0,
    and -1 for special tokens and padding; ``segments`` (rows, length) int64, 1 in the second of two texts, and
    ``labels`` (rows,) int64, what a sentence objective asks, both None where rows are not pairs; ``mask`` (rows,
    length) bool, False on padding, None where there is none in any row.
    """

    ids: NDArray[np.int32]
    words: NDArray[np.int32]
    segments: NDArray[np.int64] | None = None
    labels: NDArray[np.int64] | None = None
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Blocks:
    """The rows of a split of a corpus.

    Args:
        shards: where the pieces are.
        length: of a row, special tokens included.
        first, last: ids of the special tokens at both ends of a row; ``last`` separates documents too.
        seed: of cuts and order.

    Raises:
        ConfigError: there is not one whole row in any shard.
    """

    shards: Sequence[Shard]
    length: int
    first: int
    last: int
    seed: int = 1

    def __post_init__(self) -> None:
        if not len(self):
            longest = max((len(stream) for stream in self._streams), default=0)
            raise ConfigError(
                f"the corpus has no row of {self.length} pieces: its longest shard has {longest}; "
                "use a shorter length or more text"
            )

    def __len__(self) -> int:
        """Rows in one pass."""
        return int(self._first_rows[-1])

    def take(self, start: int, count: int) -> Rows:
        """``count`` rows from number ``start``, counted over all passes."""
        found = [self._row(*divmod(number, len(self))) for number in range(start, start + count)]
        return Rows(np.stack([ids for ids, _ in found]), np.stack([words for _, words in found]))

    @property
    def _inner(self) -> int:
        return self.length - SPECIAL_PIECES

    @cached_property
    def _streams(self) -> list[_Stream]:
        return [_Stream(shard, self.last) for shard in self.shards]

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        """Rows before each shard, and at the end of all."""
        return np.cumsum([0, *(len(stream) // self._inner for stream in self._streams)])

    def _row(self, epoch: int, place: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        number = int(order(self.seed, epoch, len(self))[place])
        shard = int(np.searchsorted(self._first_rows, number, side="right")) - 1
        stream = self._streams[shard]
        spare = len(stream) % self._inner
        shift = int(np.random.default_rng([self.seed, epoch, shard]).integers(spare + 1))
        begin = shift + (number - int(self._first_rows[shard])) * self._inner
        ids, starts = stream.cut(begin, begin + self._inner)
        row = np.concatenate([[self.first], ids, [self.last]]).astype(np.int32)
        words = np.full(self.length, NO_WORD, dtype=np.int32)
        words[1:-1] = numbered(starts, ids == self.last)
        return row, words


def numbered(starts: NDArray[np.bool_], special: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(pieces,) int32: the number of each piece's word from 0, -1 for special tokens.

    A piece that goes on with a word of which the begin was cut off is a word of its own.
    """
    begins = starts & ~special
    begins[1:] |= special[:-1] & ~special[1:]
    begins[0] = not special[0]
    numbers = np.cumsum(begins, dtype=np.int32) - 1
    numbers[special] = NO_WORD
    return numbers


@lru_cache(maxsize=2)
def order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """In which order the rows of a pass over the corpus come, (count,)."""
    return np.random.default_rng([seed, epoch]).permutation(count)


class _Stream:
    """The documents of a shard end to end, each with a separator behind it."""

    def __init__(self, shard: Shard, separator: int) -> None:
        self._shard = shard
        self._separator = separator
        bounds = shard.sentences[shard.documents].astype(np.int64)
        self._begins = bounds + np.arange(len(bounds))  # where documents begin in the stream, and its length

    def __len__(self) -> int:
        return int(self._begins[-1])

    def cut(self, begin: int, end: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Ids from ``begin`` to ``end`` of the stream, and which of them begin a word."""
        ids = np.full(end - begin, self._separator, dtype=np.int32)
        starts = np.zeros(end - begin, dtype=np.bool_)
        document = int(np.searchsorted(self._begins, begin, side="right")) - 1
        while (left := int(self._begins[document])) < end:
            right = int(self._begins[document + 1]) - 1  # the separator's place
            low, high = max(left, begin), min(right, end)
            if low < high:
                here, there = low - document, high - document  # places in the shard: separators are not there
                ids[low - begin : high - begin] = self._shard.ids[here:there]
                starts[low - begin : high - begin] = self._shard.word_starts(here, there)
            document += 1
        return ids, starts
