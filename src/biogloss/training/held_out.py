"""How well an encoder guesses words of held-out text: nats per hidden word, so that vocabularies can be compared.

    held_out = HeldOut.of(corpus, tokenizer)
    losses = held_out.losses(learner)         one for each hidden word

Always the same words of the same windows are hidden, whole, whatever pieces an encoder cuts them into; the loss of a
word is the sum over its pieces. Where an encoder has another vocabulary than the corpus, each word is cut anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch

from biogloss.models import _wordpiece
from biogloss.models.batches import by_budget
from biogloss.models.tokenizer import SPECIAL_PIECES
from biogloss.models.vocabulary import cut
from biogloss.preparation.corpus import HELD_OUT
from biogloss.training.objectives.masked_words import Hidden, losses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.models.tokenizer import Tokenizer
    from biogloss.preparation.corpus import Corpus
    from biogloss.preparation.shards import Shard
    from biogloss.training.learner import Learner

WINDOW_WORDS = 96
LONGEST = 256  # pieces of a window; another vocabulary may need up to twice as many
LONGEST_WORD_PIECES = 12  # a longer one is left out of its window: it is no word, but a sequence or a formula
RATE = 0.15
SEED = 20_260
BUDGET_PIECES = 4096

Word = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Words in a row, each as its pieces in the corpus, and the places of those that are hidden."""

    words: tuple[Word, ...]
    hidden: tuple[int, ...]


@dataclass(frozen=True)
class HeldOut:
    """The windows that every encoder is measured on."""

    windows: tuple[Window, ...]

    @classmethod
    def of(cls, corpus: Corpus, unknown: int, *, longest: int = LONGEST, limit: int | None = None) -> HeldOut:
        """The held-out documents of a corpus, or the first ``limit`` windows of them.

        Args:
            corpus: the corpus.
            unknown: id of the piece for words that the vocabulary cannot write; they are never hidden.
            longest: pieces of a window, special tokens included, that the encoder reads at once.
            limit: windows at most.
        """
        pieces = islice(_windows(corpus.shards(HELD_OUT), min(longest, LONGEST) - SPECIAL_PIECES), limit)
        return cls(tuple(_hide(words, number, unknown) for number, words in enumerate(pieces)))

    @property
    def hidden_words(self) -> int:
        """How many words are hidden."""
        return sum(len(window.hidden) for window in self.windows)

    def losses(
        self, learner: Learner, tokenizer: Tokenizer, again: Callable[[Word], Word] | None = None
    ) -> NDArray[np.float64]:
        """Nats of each hidden word, in order; (hidden words,).

        Args:
            learner: the encoder with a head over its vocabulary.
            tokenizer: the one of the encoder.
            again: a word's pieces in the corpus -> its pieces in the encoder's vocabulary, where that is another one.
        """
        windows = [Window(tuple(map(again, w.words)), w.hidden) for w in self.windows] if again else self.windows
        lengths = [2 + sum(map(len, window.words)) for window in windows]
        found: list[NDArray[np.float64]] = [np.empty(0)] * len(windows)
        training = learner.training
        learner.eval()
        with torch.inference_mode():
            for group in by_budget(lengths, budget=BUDGET_PIECES):
                for place, nats in zip(group, _nats([windows[i] for i in group], learner, tokenizer), strict=True):
                    found[place] = nats
        learner.train(training)
        return np.concatenate(found)

    def window_of(self) -> NDArray[np.int64]:
        """The window of each hidden word: words of one window are not independent of each other."""
        return np.repeat(np.arange(len(self.windows)), [len(window.hidden) for window in self.windows])


def _windows(shards: Iterator[Shard], room: int) -> Iterator[tuple[Word, ...]]:
    """Successive runs of words that fit into the room; what is left at the end of a document is a shorter one."""
    for shard in shards:
        for _, ids, starts, _ in shard.cuts():
            window: list[Word] = []
            left = room
            for word in np.split(ids, np.flatnonzero(starts)):
                if not 0 < len(word) <= LONGEST_WORD_PIECES:
                    continue
                if len(window) == WINDOW_WORDS or len(word) > left:
                    yield tuple(window)
                    window, left = [], room
                window.append(tuple(map(int, word)))
                left -= len(word)
            if window:
                yield tuple(window)


def _hide(words: tuple[Word, ...], number: int, unknown: int) -> Window:
    known = [place for place, word in enumerate(words) if unknown not in word]
    count = min(len(known), max(1, round(RATE * len(words))))
    chosen = np.random.default_rng([SEED, number]).permutation(len(known))[:count]
    return Window(words, tuple(sorted(known[place] for place in chosen)))


def _nats(windows: Sequence[Window], learner: Learner, tokenizer: Tokenizer) -> list[NDArray[np.float64]]:
    """One array for each window, a sum over pieces for each hidden word."""
    longest = 2 + max(sum(map(len, window.words)) for window in windows)
    ids = np.full((len(windows), longest), tokenizer.padding, dtype=np.int64)
    mask = np.zeros(ids.shape, dtype=np.bool_)
    places, pieces, owners = [], [], []
    owner = 0
    for row, window in enumerate(windows):
        flat = [tokenizer.first, *(piece for word in window.words for piece in word), tokenizer.last]
        ids[row, : len(flat)], mask[row, : len(flat)] = flat, True
        begins = 1 + np.cumsum([0, *map(len, window.words)])
        for place in window.hidden:
            own = np.arange(begins[place], begins[place + 1])
            places.append(row * longest + own)
            pieces.append(ids[row, own].copy())
            owners.append(np.full(len(own), owner))
            ids[row, own] = tokenizer.mask
            owner += 1
    if not owner:
        return [np.empty(0)] * len(windows)
    device = next(learner.parameters()).device
    hidden = Hidden(*(torch.from_numpy(array).to(device) for array in (ids, *map(np.concatenate, (places, pieces)))))
    states = learner(hidden.ids, torch.from_numpy(mask).to(device))[-1]
    nats = losses(states, learner.words_head, hidden).double().cpu().numpy()
    words = np.bincount(np.concatenate(owners), weights=nats, minlength=owner)
    return np.split(words, np.cumsum([len(window.hidden) for window in windows])[:-1])


def recut(file: Path, other: Path) -> Callable[[Word], Word]:
    """From the pieces of one WordPiece vocabulary to those of another, word by word.

    Args:
        file: the ``tokenizer.json`` of the corpus.
        other: the one of the encoder.

    Raises:
        ModelError: one of them is not WordPiece.
    """
    pieces = {row: piece for piece, row in _wordpiece.vocabulary_of(_wordpiece.read(file), file).items()}
    rows = _wordpiece.vocabulary_of(_wordpiece.read(other), other)
    known: dict[Word, Word] = {}

    def again(word: Word) -> Word:
        if word not in known:
            text = _wordpiece.spelled(pieces[piece] for piece in word)
            known[word] = tuple(rows[piece] for piece in cut(text, rows))
        return known[word]

    return again
