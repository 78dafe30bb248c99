"""Whether a text is in the language it should be: by its letters and by its most frequent words.

    is_in("The patient was given aspirin and the fever fell.", "en")        True
    is_in("Der Patient erhielt Aspirin, worauf das Fieber sank.", "en")     False

Running English text has stop words for a third of its words, text of other languages in Latin script for a fiftieth;
tables and lists of names have as few. Texts of fewer than 20 words, such as titles, are judged by their letters alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_LETTERS = 0.5  # of all characters that are no space
LEAST_STOP_WORDS = 0.1  # of all words
_JUDGED_WORDS = 20
_JUDGED_CHARACTERS = 20_000  # enough to know; a language does not change with a text's length
_STOP_WORDS = frozenset(
    (
        b"a about after all also an and are as at be been between both but by can could did do does during each for "
        b"from had has have he her his how if in into is it its may more most no not of on only or other our over "
        b"she should so some such than that the their them then there these they this those through to under was we "
        b"were what when where which while who will with would you your"
    ).split()
)
_ENGLISH = bytes(byte | 32 if chr(byte).isalpha() and byte < 128 else 32 for byte in range(256))
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
LANGUAGES = ("en", "zh")


def is_in(text: str, language: str) -> bool:
    """Whether the text is running text in ``en`` or ``zh``; every text is in the language ``""``."""
    if not language:
        return True
    text = text[:_JUDGED_CHARACTERS]
    written = sum(map(len, text.split()))
    words = _words(text, language)
    if sum(map(len, words)) < LEAST_LETTERS * max(written, 1):
        return False
    if language != "en" or len(words) < _JUDGED_WORDS:
        return True
    return sum(map(_STOP_WORDS.__contains__, words)) >= LEAST_STOP_WORDS * len(words)


def _words(text: str, language: str) -> Sequence[str | bytes]:
    """The runs of the language's letters; English ones in lower case, by a table: twice as fast as by a pattern."""
    if language == "en":
        return text.encode("ascii", "replace").translate(_ENGLISH).split()
    return _CHINESE.findall(text)
