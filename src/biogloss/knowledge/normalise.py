"""The keys that names are looked up by: two names with the same key mean the same, as far as spelling can tell.

    normalise("Tumours of the β-cell, type II")   ->  "tumor beta cell type 2"
    keys("Tumours of the β-cell, type II")        ->  ("tumorbetacelltype2", "2 beta cell tumor type")

The first key forgets spaces and hyphens ("beta-blocker" is "betablocker"), the second the order of words ("Diabetes
Mellitus, Type 2" is "type 2 diabetes mellitus"). Both forget case, accents, punctuation, plurals, Greek letters, Roman
numerals and British spelling.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        (
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
            *("nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        ),
        strict=True,
    )
)
# Words that carry no meaning of their own in a name. "A" is not among them (vitamin A), nor "in" (carcinoma in situ).
EMPTY = frozenset({"of", "the", "and", "with", "due", "to", "nos"})
ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_COUNTED = frozenset({"type", "grade", "stage", "class", "factor", "group", "phase"})
_AFTER_COUNTED = {"i": "1", "v": "5", "x": "10"}
BRITISH = {
    "haem": "hem",
    "aemi": "emi",
    "aemo": "emo",
    "paed": "ped",
    "caec": "cec",
    "faec": "fec",
    "gynaec": "gynec",
    "anaes": "anes",
    "aetiol": "etiol",
    "caesar": "cesar",
    "leukaem": "leukem",
    "oedem": "edem",
    "oesoph": "esoph",
    "oestr": "estr",
    "foet": "fet",
    "rrhoea": "rrhea",
    "pnoea": "pnea",
    "coeli": "celi",
    "tumour": "tumor",
    "colour": "color",
    "behaviour": "behavior",
    "odour": "odor",
    "sulph": "sulf",
    "leucocyt": "leukocyt",
    "leucopen": "leukopen",
    "fibre": "fiber",
    "titre": "titer",
}
"""Parts of words, British and American."""

_GREEK_LETTER = re.compile("|".join(GREEK))
_APOSTROPHES = frozenset("'\u2019\u02bc\u00b4`")
_POSSESSIVE = re.compile("['\u2019\u02bc\u00b4`]s?\\b")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_BRITISH = re.compile("|".join(sorted(BRITISH, key=len, reverse=True)))
_NOT_BETWEEN_NUMBERS = re.compile(r"(?<=\D) | (?=\D)")
_MIN_PLURAL_CHARACTERS = 4
_MIN_IES_CHARACTERS = 6


def fold(name: str) -> str:
    """The name without the difference of capitals, of compatible characters and of white space."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def words(name: str) -> tuple[str, ...]:
    """The words that count, in their order, each in its normal form; all of them where none would be left.

    >>> words("Tumours of the β-cell, type II")
    ('tumor', 'beta', 'cell', 'type', '2')
    """
    text = name.lower() if name.isascii() else _ascii_where_possible(name)
    if not _APOSTROPHES.isdisjoint(text):
        text = _POSSESSIVE.sub("", text)
    found = [_word(word) for word in _WORD.findall(text)]
    if not _COUNTED.isdisjoint(found):
        for place in range(1, len(found)):
            if found[place] in _AFTER_COUNTED and found[place - 1] in _COUNTED:
                found[place] = _AFTER_COUNTED[found[place]]
    return tuple([word for word in found if word not in EMPTY]) or tuple(found)


def normalise(name: str) -> str:
    """The words of :func:`words`, with one space between them. Normalising again changes nothing."""
    return " ".join(words(name))


def keys(name: str) -> tuple[str, str]:
    """(spelling, words): the two keys of a name; both are empty where it has neither letters nor digits."""
    return keys_of(words(name))


def keys_of(found: tuple[str, ...]) -> tuple[str, str]:
    """The keys of a name whose words are known."""
    return spelling(found), " ".join(sorted(found))


def spelling(found: tuple[str, ...]) -> str:
    """Words in one, but numbers apart: "1,2-dichloroethane" is not "12-dichloroethane"."""
    return _NOT_BETWEEN_NUMBERS.sub("", " ".join(found))


def _ascii_where_possible(name: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _GREEK_LETTER.sub(lambda letter: f" {GREEK[letter[0]]} ", text)


@lru_cache(maxsize=100_000)
def _word(word: str) -> str:
    while british := _BRITISH.search(word):
        american = word[: british.start()] + BRITISH[british[0]] + word[british.end() :]
        if american == word:
            break
        word = american
    return ROMAN.get(word) or _singular(word)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) >= _MIN_IES_CHARACTERS:
        return word[:-3] + "y"
    if word.endswith("s") and len(word) >= _MIN_PLURAL_CHARACTERS and word[-2] not in "sui":
        return word[:-1]
    return word
