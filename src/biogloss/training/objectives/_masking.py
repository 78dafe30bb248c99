"""Which pieces are hidden from the encoder, and what stands in their place.

    met ##formin lowers glucose      words [0, 0, 1, 2]      hidden: all pieces of the word 0, or none

Whole words: a word is hidden with all of its pieces, or not at all (Cui et al. 2021, arXiv 1906.08101). Spans: runs of
whole words whose length is drawn from a geometric distribution (SpanBERT, Joshi et al. 2020, arXiv 1907.10529). Of the
hidden pieces 80 % become [MASK], 10 % another piece, 10 % stay (BERT, Devlin et al. 2019, arXiv 1810.04805). Everything
is drawn anew each time a block comes by (RoBERTa, Liu et al. 2019, arXiv 1907.11692).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPAN_STOP, MAX_SPAN_WORDS = 0.2, 10
SHARE_MASK, SHARE_OTHER = 0.8, 0.1


@dataclass(frozen=True, kw_only=True)
class Masking:
    """How pieces are hidden.

    Args:
        mask: id of the mask token.
        ordinary: (count,) int32, the ids that may stand in for another piece: no special tokens.
        rate: share of the pieces of each row to hide, in (0, 1).
        spans: hide runs of words instead of single words.
    """

    mask: int
    ordinary: NDArray[np.int32]
    rate: float = 0.15
    spans: bool = False

    def __call__(
        self, ids: NDArray[np.int32], words: NDArray[np.int32], rng: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Hide pieces of one row.

        Args:
            ids: (seq,) pieces.
            words: (seq,) the number of the word that a piece belongs to, ascending from 0; -1 for what is never
                hidden (special tokens, padding).
            rng: where the draws come from.

        Returns:
            The row with replacements, and (seq,) which pieces were hidden: as many whole words as fit into the rate,
            one at least where there is a word.
        """
        chosen = self._chosen(words, rng)
        inputs = ids.copy()
        draws = rng.random(len(ids))
        inputs[chosen & (draws < SHARE_MASK)] = self.mask
        other = chosen & (draws >= SHARE_MASK) & (draws < SHARE_MASK + SHARE_OTHER)
        inputs[other] = rng.choice(self.ordinary, size=int(other.sum()))
        return inputs, chosen

    def _chosen(self, words: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.bool_]:
        in_words = words >= 0
        if not in_words.any():
            return in_words
        sizes = np.bincount(words[in_words])
        order = _spans(len(sizes), rng) if self.spans else rng.permutation(len(sizes))
        within = np.cumsum(sizes[order]) <= max(1, round(self.rate * int(sizes.sum())))
        within[0] = True
        hidden = np.zeros(len(sizes) + 1, dtype=np.bool_)  # the last place is that of word -1
        hidden[order[within]] = True
        return hidden[words]


def _spans(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """All words, in the order of runs that begin at random places."""
    starts = rng.permutation(count)
    lengths = np.minimum(rng.geometric(SPAN_STOP, size=count), MAX_SPAN_WORDS)
    runs = np.concatenate([np.arange(start, start + length) for start, length in zip(starts, lengths, strict=True)])
    runs = runs[runs < count]
    _, first = np.unique(runs, return_index=True)
    return runs[np.sort(first)]
