"""Putting words back together: which tokens of a BERT-like tokenisation stood apart in the text they came from.

    Parkinson ' s disease ( PD ) , 0 . 05 mg / kg i . v .   ->   Parkinson's disease (PD), 0.05 mg/kg i.v.

The rules were read off BC5CDR's train and development parts, whose original text is known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_JOINS_LEFT = frozenset(".,;:)]}%?!'\"/-\u2019\u201d°")
_JOINS_RIGHT = frozenset("([{/-'\"\u2018\u201c")
# Han, kana, hangul and full-width forms: scripts written without spaces, or tokenised by character.
_IDEOGRAPH = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_SUFFIXES = frozenset({"s", "t", "d", "m", "re", "ve", "ll"})


def join(tokens: Sequence[str]) -> tuple[str, list[int]]:
    """The text of a sentence, and where in it each token starts. A token of white space stands for itself."""
    start, starts, pieces = 0, [], []
    apart = _gaps(tokens)
    for token, gap in zip(tokens, apart, strict=True):
        pieces.append(" " * gap + token)
        starts.append(start + gap)
        start += gap + len(token)
    return "".join(pieces), starts


def _gaps(tokens: Sequence[str]) -> list[bool]:
    """Whether a space stood before each token."""
    if sum(_IDEOGRAPH.match(token) is not None for token in tokens) * 5 > len(tokens):
        return [False] * len(tokens)
    gaps, quotes = [False], _quotes(tokens)
    gaps += [_apart(tokens, at, quotes) for at in range(1, len(tokens))]
    return gaps


def _quotes(tokens: Sequence[str]) -> dict[int, bool]:
    """Where quotation marks stand, and whether each opens; apostrophes and primes are not among them."""
    quotes: dict[int, bool] = {}
    for mark in ("'", '"'):
        places = [at for at, token in enumerate(tokens) if token == mark and not _apostrophe(tokens, at)]
        if len(places) % 2 == 0:  # an odd one is an apostrophe or a prime after all, and nobody can say which
            quotes.update((at, not number % 2) for number, at in enumerate(places))
    return quotes


def _apostrophe(tokens: Sequence[str], at: int) -> bool:
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    return tokens[at] == "'" and (after in _SUFFIXES or (at > 0 and tokens[at - 1].isdigit()))


def _apart(tokens: Sequence[str], at: int, quotes: dict[int, bool]) -> bool:
    before, token = tokens[at - 1], tokens[at]
    if before.isspace() or token.isspace() or quotes.get(at - 1):
        return False
    if quotes.get(at):
        return before not in _JOINS_RIGHT
    if at - 1 in quotes and token not in _JOINS_LEFT:
        return True
    if before == "-" and (token in {"and", "or", "to"} or list(tokens[max(at - 3, 0) : at - 1]) == ["+", "/"]):
        return True  # "pre- and postnatal", "10 +/- 2"
    if token in _JOINS_LEFT or before in _JOINS_RIGHT:
        return False
    return not _inside(tokens, at)


def _inside(tokens: Sequence[str], at: int) -> bool:
    """Whether this token goes on with a number, a chemical name or an abbreviation after a point, comma or colon."""
    mark, token = tokens[at - 1], tokens[at]
    before = tokens[at - 2] if at > 1 else ""
    if mark == ".":
        return (token.isdigit() and not before.isalpha()) or (len(token) == len(before) == 1 and token.islower())
    if mark not in {",", ":"} or not (token.isdigit() and before.isdigit()):
        return False
    locants = at + 1 < len(tokens) and tokens[at + 1] == "-" and len(before) == len(token) == 1
    return mark == ":" or locants or (len(token) == 3 and len(before) <= 2)
