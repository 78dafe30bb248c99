"""Words as 64-bit numbers that are the same on every machine, and runs of them: what texts are compared by.

    hashes("Gout is painful, is it?")          five numbers, the second equal to the fourth
    in_a_row(hashes("gout is painful"), 2)     two numbers, for "gout is" and "is painful"

Letters, digits and ``_`` make words; case does not matter. (Python's own ``hash`` differs from process to process.)
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_KEPT_CHARACTERS = 8_000_000  # of words that are remembered: bounds the memory that a hostile text can take
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, from the golden ratio: Knuth, TAOCP 3, 6.4


class WordHashes:
    """Turns text into the hashes of its words; remembers words it has met, which changes nothing but the speed."""

    def __init__(self) -> None:
        self._known = _Known()

    def __call__(self, text: str) -> NDArray[np.uint64]:
        """(words,) uint64, in the order of the text."""
        words = _WORD.findall(text.lower())
        known = self._known
        found = np.array([known[word] for word in words], dtype=np.uint64)
        if known.characters > _KEPT_CHARACTERS:
            self._known = _Known()
        return found


class _Known(dict[str, int]):
    """Words to hashes; one that is missing is hashed when it is asked for."""

    characters = 0

    def __missing__(self, word: str) -> int:
        found = self[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        self.characters += len(word)
        return found


def in_a_row(words: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """(max(0, words - count + 1),) uint64: a hash of every ``count`` words in a row."""
    runs = max(0, len(words) - count + 1)
    total = np.zeros(runs, dtype=np.uint64)
    for offset in range(count):
        total *= _MULTIPLIER
        total += words[offset : offset + runs]
    return total


def whole(words: NDArray[np.uint64]) -> int:
    """One 64-bit hash of all the words in their order."""
    return int.from_bytes(hashlib.blake2b(words.astype("<u8").tobytes(), digest_size=8).digest(), "little")
