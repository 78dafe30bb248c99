"""Which kind a synonym is where its source does not say.

"NIDDM" of "type 2 diabetes mellitus"   ->  abbreviation
"adult onset diabetes"                  ->  exact
"""

from __future__ import annotations

import re

_SHORT = re.compile(r"[A-Z0-9][A-Za-z0-9]*(?:[-/ ]?[A-Z0-9]+)*")
MAX_ABBREVIATION_CHARACTERS = 10


def kind_of(text: str, name: str, kind: str = "exact") -> str:
    """``abbreviation`` for a short form in capitals that does not stand in the name, else the kind that was given."""
    if kind == "exact" and is_short(text) and text not in name:
        return "abbreviation"
    return kind


def is_short(text: str) -> bool:
    """Whether a name looks like an abbreviation: few characters, at least two of them capitals and most letters too."""
    if len(text) > MAX_ABBREVIATION_CHARACTERS or not _SHORT.fullmatch(text):
        return False
    capitals = sum(map(str.isupper, text))
    return capitals >= 2 and capitals * 2 >= sum(map(str.isalpha, text))
