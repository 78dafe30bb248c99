"""Names that look alike: shared trigrams, the cosine of their sets.

    "metformine"  ->  _me met etf tfo for orm rmi min ine ne_     9 of 10 shared with "metformin": 0.87

A trigram is three bytes of a normal form (:func:`biogloss.knowledge.normalise.words`), each word with a space before
and behind; none reaches from one word into the next, so the order of words does not count. A Chinese character is a
trigram of its own. Every source has its own lists, so that adding one leaves the others as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from biogloss.knowledge.normalise import words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

LEAST_COSINE = 0.35
_NAMES_AT_ONCE = 50_000
_MAX_TRIGRAMS = 255
_SPACE = 0x20


class Near(NamedTuple):
    """A name that shares trigrams, by its number, and the cosine in [0, 1]."""

    name: int
    cosine: float


def codes(name: str) -> Integers:
    """(trigrams,) the distinct trigrams of a name as numbers, in order."""
    return _codes([_joined(words(name))])[0]


def _joined(found: tuple[str, ...]) -> str:
    return " " + "  ".join(found) + " "


def _codes(texts: Sequence[str]) -> tuple[Integers, Integers]:
    """The distinct (trigram, text) pairs of texts, in order: (pairs,) trigrams and (pairs,) places of the texts."""
    encoded = [text.encode() for text in texts]
    letters = np.frombuffer(b"".join(encoded), dtype=np.uint8).astype(np.int64)
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in encoded])
    if len(letters) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = (letters[:-2] << 16) | (letters[1:-1] << 8) | letters[2:]
    inside = (owners[:-2] == owners[2:]) & (letters[1:-1] != _SPACE)
    pairs = np.unique((found[inside] << 32) | owners[:-2][inside])
    return pairs >> 32, pairs & 0xFFFFFFFF


def write(connection: sqlite3.Connection, source: int, split: Sequence[tuple[str, ...]], types: Sequence[int]) -> None:
    """Fill ``trigrams`` and ``sizes`` for the names of one source, given by the words and the type of each."""
    lists: list[tuple[Integers, Integers]] = []
    for start in range(0, len(split), _NAMES_AT_ONCE):
        trigrams, places = _codes([_joined(found) for found in split[start : start + _NAMES_AT_ONCE]])
        lists.append((trigrams, places + start))
    if not types:
        return
    trigrams = np.concatenate([trigrams for trigrams, _ in lists])
    names = np.concatenate([places for _, places in lists])
    order = np.argsort(trigrams, kind="stable")
    trigrams = trigrams[order]
    starts = np.flatnonzero(np.diff(trigrams, prepend=-1))
    values = trigrams[starts]
    parts = np.split(names[order].astype("<u4"), starts[1:])[: len(values)]
    connection.executemany(
        "INSERT INTO trigrams VALUES (?, ?, ?)",
        ((source, int(value), part.tobytes()) for value, part in zip(values, parts, strict=True)),
    )
    sizes = np.minimum(np.bincount(names, minlength=len(types)), _MAX_TRIGRAMS).astype(np.uint8)
    connection.execute(
        "INSERT INTO sizes VALUES (?, ?, ?)", (source, sizes.tobytes(), np.array(types, np.uint8).tobytes())
    )


class Lists:
    """The lists of one source, read when they are wanted."""

    def __init__(self, connection: sqlite3.Connection, source: int, first: int) -> None:
        row = connection.execute("SELECT sizes, types FROM sizes WHERE source = ?", (source,)).fetchone()
        sizes, self._types = (np.frombuffer(blob, np.uint8) for blob in row)
        self._source, self._first = source, first
        self._weights = (1 / np.sqrt(np.maximum(sizes, 1))).astype(np.float32)
        self._has = frozenset(np.unique(self._types).tolist())

    def nearest(
        self, connection: sqlite3.Connection, wanted: Integers, types: frozenset[int], limit: int
    ) -> list[Near]:
        """The names that are most alike, best first; ``types`` are the numbers of those wanted, none for all."""
        if types and not types & self._has:
            return []
        marks = ",".join("?" * len(wanted))
        rows = connection.execute(
            f"SELECT names FROM trigrams WHERE source = ? AND code IN ({marks})",  # noqa: S608 - marks # nosec B608
            (self._source, *wanted.tolist()),
        ).fetchall()
        shared = np.bincount(np.frombuffer(b"".join(row[0] for row in rows), "<u4"), minlength=len(self._types))
        # A name has as many trigrams as it shares, or more: below this its cosine cannot reach the least one.
        found = np.flatnonzero(shared >= max(1.0, LEAST_COSINE**2 * len(wanted)))
        if types and not types >= self._has:
            found = found[np.isin(self._types[found], list(types))]
        cosines = shared[found] * self._weights[found] / np.float32(len(wanted) ** 0.5)
        found, cosines = found[cosines >= LEAST_COSINE], cosines[cosines >= LEAST_COSINE]
        if len(found) > limit:
            best = np.argpartition(-cosines, limit)[:limit]
            found, cosines = found[best], cosines[best]
        order = np.lexsort((found, -cosines))
        return [Near(self._first + int(found[place]), min(1.0, float(cosines[place]))) for place in order]
