"""What training and evaluation parts have in common: a model that has read the test is not tested by it.

    leaks(training, held_out)       the training documents that share 13 words in a row, or a whole shorter text
    shared(training, held_out)      [Shared("same document id", count=2, of=100, examples=("7", "31")), ...]

Thirteen words in a row is the measure of Brown et al. 2020 (arXiv 2005.14165, appendix C). Letters, digits and ``_``
make words; case does not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biogloss.evaluation.unseen import surface, surfaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from biogloss.documents import Document

WORDS_IN_A_ROW = 13
SHORTEST = 5  # words of a text that is compared whole; shorter ones ("Abstract", "Results .") stand everywhere
EXAMPLE_CHARACTERS = 60  # at most: it may be a patient's text
_EXAMPLES = 5


def leaks(training: Iterable[Document], held_out: Iterable[Document]) -> list[Document]:
    """The training documents that share text with a held-out one."""
    seen = {key for document in held_out for key, _, _ in _runs(_words(document.text))}
    return [document for document in training if any(key in seen for key, _, _ in _runs(_words(document.text)))]


@dataclass(frozen=True, slots=True)
class Shared:
    """One thing that the parts may have in common: in how many held-out documents, or mentions, of how many.

    ``examples`` are the first few, of at most 60 characters each.
    """

    what: str
    count: int
    of: int
    examples: tuple[str, ...]

    @property
    def share(self) -> float:
        """In [0, 1]; 0 of nothing."""
        return self.count / self.of if self.of else 0.0


def shared(training: Sequence[Document], held_out: Sequence[Document]) -> list[Shared]:
    """Held-out documents with an id, text or 13 words in a row of training, and mentions whose words training marks.

    Mentions are compared with those of the same label, as ``unseen`` does; many in common are no mistake (the names of
    common diseases are in every corpus), but what is learned by heart from them is not what a new name needs.
    """
    ids = {document.id for document in training}
    texts = {tuple(_words(document.text)) for document in training}
    names = surfaces(training)
    mentions = [entity for document in held_out for entity in document.entities]
    same_text = [document for document in held_out if _is_long(document) and tuple(_words(document.text)) in texts]
    known = [entity for entity in mentions if (entity.label, surface(entity.text)) in names]
    runs = list(_first_runs(training, held_out))
    return [
        _shared("same document id", [document.id for document in held_out if document.id in ids], len(held_out)),
        _shared("same text", [f"{document.id}: {document.text}" for document in same_text], len(held_out)),
        _shared("13 words in a row", [f"{name}: {words}" for name, words in runs], len(held_out)),
        _shared("mentions that training marks too", [entity.text for entity in known], len(mentions)),
    ]


def _shared(what: str, found: Sequence[str], of: int) -> Shared:
    examples = dict.fromkeys(" ".join(words.split())[:EXAMPLE_CHARACTERS] for words in found)
    return Shared(what, len(found), of, tuple(examples)[:_EXAMPLES])


def _first_runs(training: Iterable[Document], held_out: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """For each held-out document that shares a run with training its id and the first of them."""
    wanted = {key for document in held_out for key, _, _ in _runs(_words(document.text))}
    met = {key for document in training for key, _, _ in _runs(_words(document.text)) if key in wanted}
    for document in held_out:
        words = _words(document.text)
        first = next((words[start:end] for key, start, end in _runs(words) if key in met), None)
        if first:
            yield document.id, " ".join(first)


def _is_long(document: Document) -> bool:
    return len(_words(document.text)) >= SHORTEST


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """A hash of every 13 words in a row, with their places; of the whole text where it has fewer."""
    if SHORTEST <= len(words) < WORDS_IN_A_ROW:
        yield hash(tuple(words)), 0, len(words)
    for start in range(len(words) - WORDS_IN_A_ROW + 1):
        yield hash(tuple(words[start : start + WORDS_IN_A_ROW])), start, start + WORDS_IN_A_ROW
