"""Other words for a mention that no vocabulary has as it stands: its parts, and nouns for its adjectives.

    parts("postoperative myalgia in rats")    "myalgia in rats", ..., "postoperative myalgia", "postoperative"
    nouns("ischemic")                          "ischemia", ...

What is made here need not be a word; only what a vocabulary has counts.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PARTS = 12
MIN_PART_CHARACTERS = 3
_TOKEN = re.compile(r"[^\s\-/(),;]+")
_ENDS_OF_PARTS = frozenset({"of", "the", "and", "with", "due", "to", "in", "by", "a", "an", "or", "from", "for", "on"})
ENDINGS = (
    *(("etic", "esia"), ("otic", "osis"), ("ptic", "psy"), ("istic", "ism"), ("tic", ""), ("tic", "sis"), ("ic", "ia")),
    *(("ic", "y"), ("ic", "e"), ("ic", "es"), ("ic", "icity"), ("ic", "is"), ("ic", ""), ("atous", ""), ("ous", "us")),
    *(("ous", ""), ("ous", "um"), ("ous", "osis"), ("ed", "ion"), ("ed", ""), ("ive", "ion"), ("ive", "ions")),
    *(("ian", "ism"), ("ian", ""), ("e", "ity"), ("al", ""), ("ity", ""), ("iveness", "ion"), ("ing", ""), ("ar", "e")),
)
"""Endings of adjectives, and of the nouns they come from."""
_MIN_STEM_CHARACTERS = 3
_WITH_SPECIES = re.compile(r"(?:[hmrdz]|At|Dm|Sc|Hs|Mm)-?(?=[A-Z][A-Za-z]*\d|[A-Z]{2})")


def parts(text: str) -> dict[str, float]:
    """Runs of words that end or begin the text, with the share of its letters that they have; the longest first."""
    words = [match.span() for match in _TOKEN.finditer(text)]
    if len(words) < 2:
        return {}
    ends = [text[start : words[-1][1]] for start, _ in words[1:]]
    begins = [text[words[0][0] : end] for _, end in words[:-1]]
    letters = max(1, sum(map(str.isalnum, text)))
    found = {part: sum(map(str.isalnum, part)) / letters for part in (*ends, *begins) if _counts(part)}
    return dict(islice(sorted(found.items(), key=lambda item: -item[1]), MAX_PARTS))


def _counts(part: str) -> bool:
    words = part.lower().split()
    return len(part) >= MIN_PART_CHARACTERS and not {words[0], words[-1]} & _ENDS_OF_PARTS


def nouns(text: str) -> Iterator[str]:
    """The text with nouns for adjectives, one word at a time."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        for adjective, noun in ENDINGS:
            if word.endswith(adjective) and len(word) - len(adjective) >= _MIN_STEM_CHARACTERS:
                yield text[: match.start()] + word[: len(word) - len(adjective)] + noun + text[match.end() :]


def without_species(gene: str) -> Iterator[str]:
    """A gene's symbol without the letter of its species before it: "hTERT" is TERT."""
    if match := _WITH_SPECIES.match(gene):
        yield gene[match.end() :]
