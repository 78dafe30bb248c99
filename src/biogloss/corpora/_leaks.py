"""Text that stands both in training and in evaluation parts, over all corpora of a model.

    leaks(training, held_out)      the ids of training documents that share 13 words in a row, or a whole shorter text

Thirteen words in a row is the measure of Brown et al. 2020 (arXiv 2005.14165, appendix C).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from biogloss.documents import Document

WORDS_IN_A_ROW = 13
SHORTEST = 5  # words of a text that is compared whole; shorter ones ("Abstract", "Results .") stand everywhere


def leaks(training: Iterable[Document], held_out: Iterable[Document]) -> list[Document]:
    """The training documents that share text with a held-out one."""
    seen = {key for document in held_out for key in _keys(document.text)}
    return [document for document in training if any(key in seen for key in _keys(document.text))]


def _keys(text: str) -> Iterator[int]:
    """Hashes of every 13 words in a row; of the whole text where it has fewer."""
    words = re.findall(r"\w+", text.lower())
    if SHORTEST <= len(words) < WORDS_IN_A_ROW:
        yield hash(tuple(words))
    for start in range(len(words) - WORDS_IN_A_ROW + 1):
        yield hash(tuple(words[start : start + WORDS_IN_A_ROW]))
