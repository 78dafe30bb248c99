"""NegEx as published (Chapman et al. 2001, doi:10.1006/jbin.2001.1029): a baseline to compare with, not ours.

    negated("No fever or chills.", (3, 8))    True

Phrases before a finding and phrases behind it negate it when at most five words stand between; pseudo-negations hide
what they overlap. The phrases are those of the paper's tables, of the algorithm's first version.
"""

from __future__ import annotations

import re

WINDOW_WORDS = 5
PSEUDO = (
    *("gram negative", "no further", "not able to be", "not certain if", "not certain whether", "not necessarily"),
    *("not rule out", "not ruled out", "without any further", "without difficulty", "without further"),
    *("no increase", "no change", "no significant change", "not cause", "not drain", "not extend", "not only"),
)
BEFORE = (
    *("absence of", "declined", "denied", "denies", "denying", "did not exhibit", "no sign of", "no signs of", "not"),
    *("not demonstrate", "patient was not", "rules out", "doubt", "negative for", "no", "versus", "without"),
    *("no cause of", "no complaints of", "no evidence of", "without indication of", "without sign of", "ruled out"),
    *("without signs of", "fails to reveal", "free of", "never developed", "never had", "rule out", "cannot see"),
)
BEHIND = ("declined", "unlikely", "free", "was ruled out", "is ruled out", "are ruled out", "have been ruled out")


def _any(phrases: tuple[str, ...]) -> str:
    ordered = sorted(phrases, key=len, reverse=True)
    return r"\b(?:" + "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in ordered) + r")\b"


_GAP = rf"(?:\W+\w+){{0,{WINDOW_WORDS}}}?\W+"
_PSEUDO = re.compile(_any(PSEUDO), re.IGNORECASE)
_BEFORE = re.compile(rf"{_any(BEFORE)}{_GAP}$", re.IGNORECASE)
_BEHIND = re.compile(rf"^{_GAP}{_any(BEHIND)}", re.IGNORECASE)


def negated(sentence: str, finding: tuple[int, int]) -> bool:
    """Whether the finding at the characters ``[start, end)`` is negated."""
    start, end = finding
    hidden = _PSEUDO.sub(lambda match: "x" * len(match.group()), sentence)
    return bool(_BEFORE.search(hidden[:start])) or bool(_BEHIND.search(hidden[end:]))
