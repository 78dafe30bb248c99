"""A corpus as rows of two texts, for objectives over sentences (BERT, Devlin et al. 2019, arXiv 1810.04805).

    [CLS] sentences of one document [SEP] the sentences after them [SEP]

A row holds a run of whole sentences of one document that fills it, cut in two at a random end of a sentence. In half
of the rows something is wrong with the second text, and the label is 1. A document has rows in proportion to its
length, and those of one pass begin at random places spread over it, so that rows at the end of a document are as full
as others. As with :class:`~biogloss.training.rows.Blocks` all of it is a function of seed and number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from biogloss.errors import ConfigError
from biogloss.training.rows import NO_WORD, Rows, numbered, order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from biogloss.preparation.shards import Shard

SPECIAL_PIECES = 3
RIGHT, WRONG = 0, 1


@dataclass(frozen=True, slots=True)
class Text:
    """Sentences of a document: the pieces from ``start`` to ``end`` of a shard."""

    shard: Shard
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def cut(self, pieces: int) -> Text:
        """At most so many pieces of it."""
        return Text(self.shard, self.start, min(self.end, self.start + pieces))


@dataclass(frozen=True)
class Pairs:
    """The rows of a split of a corpus.

    Args:
        shards: where the pieces are.
        length: of a row, special tokens included.
        specials: ids of the first token, of the one behind each text, and of padding.
        elsewhere: a wrong second text is one of another document; otherwise the two texts change places.
        seed: of cuts, labels and order.

    Raises:
        ConfigError: there is no document of two sentences, or none beside it where texts of another one are asked for.
    """

    shards: Sequence[Shard]
    length: int
    specials: tuple[int, int, int]
    elsewhere: bool
    seed: int = 1

    def __post_init__(self) -> None:
        if len(self._documents) < 1 + self.elsewhere:
            raise ConfigError(
                f"the corpus has {len(self._documents)} documents of two sentences or more; objectives over sentences "
                f"need {1 + self.elsewhere} at least"
            )

    def __len__(self) -> int:
        """Rows in one pass."""
        return int(self._first_rows[-1])

    def take(self, start: int, count: int) -> Rows:
        """``count`` rows from number ``start``, counted over all passes."""
        found = [self._row(*divmod(number, len(self))) for number in range(start, start + count)]
        shape = count, self.length
        ids, words = np.full(shape, self.specials[2], dtype=np.int32), np.full(shape, NO_WORD, dtype=np.int32)
        segments, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
        for place, (own, of_words, second, _) in enumerate(found):
            ids[place, : len(own)], words[place, : len(own)] = own, of_words
            segments[place, second : len(own)], mask[place, : len(own)] = 1, True
        labels = np.array([label for *_, label in found], dtype=np.int64)
        return Rows(ids, words, segments, labels, None if mask.all() else mask)

    @property
    def _inner(self) -> int:
        return self.length - SPECIAL_PIECES

    @cached_property
    def _documents(self) -> NDArray[np.int32]:
        """(documents, 3): shard, number in it, and pieces, of each document that has two sentences."""
        found = []
        for number, shard in enumerate(self.shards):
            documents = np.flatnonzero(np.diff(shard.documents.astype(np.int64)) > 1)
            ends = shard.sentences[shard.documents].astype(np.int64)
            pieces = (ends[1:] - ends[:-1])[documents]
            found.append(np.stack([np.full(len(documents), number), documents, pieces], axis=1).astype(np.int32))
        return np.concatenate(found) if found else np.empty((0, 3), dtype=np.int32)

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        """Rows before each document, and at the end of all."""
        return np.concatenate([[0], np.cumsum(-(-self._documents[:, 2] // self._inner))])

    def _row(self, epoch: int, place: int) -> tuple[NDArray[np.int32], NDArray[np.int32], int, int]:
        """Ids, words, where the second text begins, and the label."""
        number = int(order(self.seed, epoch, len(self))[place])
        rng = np.random.default_rng([self.seed, epoch, number])
        document = int(np.searchsorted(self._first_rows, number, side="right")) - 1
        before, after = self._first_rows[document : document + 2]
        first, second = self._run(document, (number - before + rng.random()) / (after - before), rng)
        label = int(rng.integers(2))
        if label == WRONG:
            first, second = (first, self._other(document, len(first), rng)) if self.elsewhere else (second, first)
        first, second = _fitting(first, second, self._inner)
        ids, words = self._joined(first, second)
        return ids, words, 2 + len(first), label

    def _run(self, document: int, progress: float, rng: np.random.Generator) -> tuple[Text, Text]:
        """Sentences that fill a row, from the one at a share of the document on, and cut in two."""
        shard, bounds = self._bounds(document)
        start, end = _filled(bounds, int(bounds[0] + progress * (bounds[-1] - bounds[0])), self._inner, least=2)
        cut = int(rng.integers(start + 1, end))
        return Text(shard, *bounds[[start, cut]].tolist()), Text(shard, *bounds[[cut, end]].tolist())

    def _other(self, document: int, taken: int, rng: np.random.Generator) -> Text:
        """Sentences of another document that fill the rest of a row."""
        drawn = int(rng.integers(len(self._documents) - 1))
        shard, bounds = self._bounds(drawn + (drawn >= document))
        start, end = _filled(bounds, int(rng.integers(bounds[0], bounds[-1])), self._inner - taken, least=1)
        return Text(shard, *bounds[[start, end]].tolist())

    def _bounds(self, document: int) -> tuple[Shard, NDArray[np.int64]]:
        shard, number, _ = self._documents[document]
        return self.shards[shard], self.shards[shard].bounds(int(number)).astype(np.int64)

    def _joined(self, first: Text, second: Text) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Ids and words of a row without its padding."""
        opening, behind, _ = self.specials
        pieces = [text.shard.ids[text.start : text.end] for text in (first, second)]
        begins = [text.shard.word_starts(text.start, text.end) for text in (first, second)]
        ids = np.concatenate([[opening], pieces[0], [behind], pieces[1], [behind]]).astype(np.int32)
        starts = np.concatenate([[False], begins[0], [False], begins[1], [False]])
        special = np.zeros(len(ids), dtype=np.bool_)
        special[[0, 1 + len(first), -1]] = True
        return ids, numbered(starts, special)


def _filled(bounds: NDArray[np.int64], begin: int, room: int, *, least: int) -> tuple[int, int]:
    """The sentence that holds the piece ``begin``, and the one behind the last that still fits.

    Where the document ends before the room is filled, the run begins earlier. ``least`` sentences are taken even where
    they do not fit.
    """
    last = len(bounds) - 1
    reaching = int(np.searchsorted(bounds, bounds[-1] - room))  # from there on all that is left fits
    start = min(int(np.searchsorted(bounds, begin, side="right")) - 1, reaching, last - least)
    end = int(np.searchsorted(bounds, bounds[start] + room, side="right")) - 1
    return start, max(end, start + least)


def _fitting(first: Text, second: Text, room: int) -> tuple[Text, Text]:
    """The two texts, the longer one cut short where both together are too long for a row."""
    shorter = min(len(first), len(second), room // 2)
    lengths = (shorter, room - shorter) if len(first) <= len(second) else (room - shorter, shorter)
    return first.cut(lengths[0]), second.cut(lengths[1])
