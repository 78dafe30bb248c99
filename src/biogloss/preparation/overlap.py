"""Documents that share text with evaluation sets: a model that has read the test is not tested by it.

    held = evaluation_texts(["bc5cdr"], [])       its dev and test abstracts
    Overlap(held, hashes).found(words)            True where 13 words in a row, or a whole shorter text, stand in both

The measure is that of ``biogloss.evaluation.splits`` (Brown et al. 2020, arXiv:2005.14165, appendix C).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biogloss import corpora
from biogloss.errors import Failure, FormatError
from biogloss.evaluation.splits import SHORTEST, WORDS_IN_A_ROW
from biogloss.formats import _detect
from biogloss.preparation.duplicates import contained
from biogloss.preparation.words import in_a_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from biogloss.preparation.words import WordHashes

HELD_OUT_SPLITS = ("dev", "test")


class Overlap:
    """The runs of words of evaluation texts, at 8 bytes each and at most as many for a table of their first bits."""

    def __init__(self, texts: Iterable[str], hashes: WordHashes) -> None:
        runs = [_runs(hashes(text)) for text in texts]
        self._runs = np.unique(np.concatenate(runs)) if runs else np.zeros(0, dtype=np.uint64)
        # Most runs of most texts are in no evaluation text: their first bits say so, and need no search.
        bits = max(1, (4 * len(self._runs)).bit_length())
        self._shift = np.uint64(64 - bits)
        self._has_first_bits = np.zeros(1 << bits, dtype=np.bool_)
        self._has_first_bits[self._runs >> self._shift] = True

    def __len__(self) -> int:
        return len(self._runs)

    def found(self, words: NDArray[np.uint64]) -> bool:
        """Whether a text of these words shares a run with an evaluation text."""
        runs = _runs(words)
        return bool(contained(runs[self._has_first_bits[runs >> self._shift]], self._runs).any())


def evaluation_texts(names: Sequence[str], files: Sequence[Path]) -> Iterator[str]:
    """The texts of the dev and test parts of public corpora, and of files of any of our formats.

    Raises:
        ConfigError: no such corpus.
        InputError: its files are missing, or a record is damaged: what is not read would not be kept out.
    """
    for name in names:
        for split in (split for split in HELD_OUT_SPLITS if split in corpora.card(name).counts):
            for document in corpora.documents(name, split):
                yield document.text
    for path in files:
        for found in _detect.open_documents(path):
            if isinstance(found, Failure):
                raise FormatError(str(found), file=str(path), todo="Repair or remove it: every record has to be known")
            yield found.text


def _runs(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    if len(words) >= WORDS_IN_A_ROW:
        return in_a_row(words, WORDS_IN_A_ROW)
    return in_a_row(words, len(words)) if len(words) >= SHORTEST else np.zeros(0, dtype=np.uint64)
