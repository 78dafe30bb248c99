"""Documents that repeat an earlier one, word for word or nearly.

    duplicates = Duplicates(near=True)
    duplicates.reason(words)            "", "duplicate" or "near duplicate"; what is not one is remembered

Exact: equal sequences of words, whatever their case, spaces and punctuation. Near: MinHash with banding (Broder 1997;
Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3) over runs of five words, 14 bands of 8 hashes,
the setting of FineWeb (Penedo et al. 2024, arXiv:2406.17557). Two texts that share a proportion ``s`` of their runs
(Jaccard) are found with probability ``1 - (1 - s**8)**14``: 5 % at 0.5, 56 % at 0.7, 92 % at 0.8, 99.96 % at 0.9.
A kept document costs 15 keys of 8 bytes, 120 bytes in all; the text itself is not kept.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from biogloss.preparation.words import in_a_row, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXACT, NEAR = "duplicate", "near duplicate"
RUN_WORDS, BANDS, ROWS = 5, 14, 8
_BLOCK = 2048  # runs at a time: a block of hashes stays in the processor's cache
_RECENT_KEYS = 1 << 17


def _fixed_numbers(name: bytes, count: int, kind: str) -> NDArray[Any]:
    """Numbers drawn once and for all: other ones would make other corpora, so no generator's version may decide."""
    width = np.dtype(kind).itemsize
    drawn: NDArray[Any] = np.frombuffer(hashlib.shake_128(name).digest(count * width), dtype=kind)
    return drawn.astype(drawn.dtype.newbyteorder("="))


# x -> a * x + b with odd a permutes the 32-bit numbers: each pair of numbers is one order of all runs.
_FACTORS = (_fixed_numbers(b"factors", BANDS * ROWS, "<u4") | np.uint32(1))[:, None]
_SUMMANDS = _fixed_numbers(b"summands", BANDS * ROWS, "<u4")[:, None]
_BAND_FACTORS = _fixed_numbers(b"bands", ROWS + 1, "<u8") | np.uint64(1)


class Duplicates:
    """Remembers the documents it let through.

    Args:
        near: whether near duplicates count.
    """

    def __init__(self, *, near: bool) -> None:
        self.near = near
        self._seen = KeySet()

    def reason(self, words: NDArray[np.uint64]) -> tuple[str, NDArray[np.uint64]]:
        """Why the document repeats an earlier one, or an empty string, and its keys; nothing is remembered yet."""
        exact = np.array([whole(words)], dtype=np.uint64)
        if self._seen.holds_any(exact):
            return EXACT, exact
        if not self.near:
            return "", exact
        keys = np.concatenate([exact, band_keys(minhash(words))])
        return (NEAR if self._seen.holds_any(keys[1:]) else ""), keys

    def remember(self, keys: NDArray[np.uint64]) -> None:
        """Take the keys of one or more documents as seen."""
        self._seen.add(keys.ravel())


def minhash(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """(112,) uint32: of each of 112 orders of all runs of five words, the first that the text has.

    A text of fewer than five words is one run. The share of places in which two texts agree estimates their Jaccard
    similarity.
    """
    runs = (in_a_row(words, min(RUN_WORDS, len(words))) >> np.uint64(32)).astype(np.uint32)
    least = np.full(BANDS * ROWS, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, len(runs), _BLOCK):
        ordered = _FACTORS * runs[None, start : start + _BLOCK]
        ordered += _SUMMANDS
        np.minimum(least, ordered.min(axis=1), out=least)
    return least


def band_keys(signature: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """(14,) uint64: one key for each band of eight hashes; equal where all eight are."""
    bands = signature.reshape(BANDS, ROWS).astype(np.uint64)
    numbers = np.arange(BANDS, dtype=np.uint64) * _BAND_FACTORS[ROWS]
    keys: NDArray[np.uint64] = (bands * _BAND_FACTORS[:ROWS]).sum(axis=1, dtype=np.uint64) + numbers
    keys ^= keys >> np.uint64(31)
    keys *= np.uint64(0x9E3779B97F4A7C15)
    return keys


class KeySet:
    """A set of 64-bit keys at 8 bytes each: sorted arrays, each at least twice as long as the next, and a few new ones.

    (A Python set takes ten times as much.)
    """

    def __init__(self) -> None:
        self._sorted: list[NDArray[np.uint64]] = []
        self._recent: set[int] = set()

    def holds_any(self, keys: NDArray[np.uint64]) -> bool:
        """Whether at least one of the keys is in the set."""
        if not self._recent.isdisjoint(keys.tolist()):
            return True
        return any(bool(contained(keys, run).any()) for run in self._sorted)

    def add(self, keys: NDArray[np.uint64]) -> None:
        """Put the keys in."""
        for start in range(0, len(keys), _RECENT_KEYS):
            self._recent.update(keys[start : start + _RECENT_KEYS].tolist())
            if len(self._recent) >= _RECENT_KEYS:
                self._settle()

    def _settle(self) -> None:
        run = np.fromiter(self._recent, dtype=np.uint64, count=len(self._recent))
        run.sort()
        self._recent.clear()
        while self._sorted and len(self._sorted[-1]) < 2 * len(run):
            run = np.concatenate([self._sorted.pop(), run])
            run.sort(kind="stable")
        self._sorted.append(run)


def contained(keys: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """(keys,) bool: which of the keys are in a sorted array."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[places] == keys
    return found
