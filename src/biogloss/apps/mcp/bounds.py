"""Answers of a length that a model can read: what is too long is shortened, and says so.

bounded(Statements(statements=[...]), "statements")     {"statements": [...], "left_out": 12, "is_shortened": False}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from biogloss.apps.rest.problems import Problem

if TYPE_CHECKING:
    from biogloss.apps.mcp.answers import Bounded

MOST_CHARACTERS = 40_000
"""Of an answer in JSON: some ten thousand tokens."""
MOST_OF_A_TEXT = 2_000
"""Characters of one text in it; sentences of an article are a tenth of that."""
CUT = " [...]"
_FRAME = 500
_DETAILS = ("evidence", "entities", "ids")


def bounded(answer: Bounded, *lists: str) -> dict[str, Any]:
    """An answer in JSON, of at most :data:`MOST_CHARACTERS`.

    Long texts are cut at their ends, so that offsets stay true; then the last of a list are left out; of a first one
    that is too long alone, half of its details, until it fits. Lists share the room: what one leaves is the next one's.

    Args:
        answer: whole.
        lists: the fields whose items may be left out; their best come first.

    Raises:
        Problem: one item is too long even without details.
    """
    whole = answer.model_dump(mode="json")
    found: dict[str, Any] = _cut(whole)
    is_shortened = found != whole
    room = MOST_CHARACTERS - _FRAME
    left_out = 0
    for number, name in enumerate(lists):
        items, share = found[name], room // (len(lists) - number)
        is_shortened |= _fitted(items, share)
        kept, used = _first(items, share)
        found[name] = kept
        left_out += len(items) - len(kept)
        room -= used
    return {**found, "left_out": left_out, "is_shortened": is_shortened}


def _fitted(items: list[Any], room: int) -> bool:
    """Halve the details of the first item until it fits; whether there was need to."""
    is_halved = False
    while items and _size(items[0]) > room:
        if not _halved(items[0]):
            raise Problem(413, "too-large", "one result alone is too long to be shown; ask for another one")
        is_halved = True
    return is_halved


def _first(items: list[Any], room: int) -> tuple[list[Any], int]:
    """Those that fit, from the first on, and the characters that they take."""
    kept: list[Any] = []
    used = 0
    for item in items:
        size = _size(item)
        if used + size > room:
            break
        kept.append(item)
        used += size
    return kept, used


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False)) + 2


def _cut(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with no text in it longer than is shown."""
    if isinstance(value, str):
        return value if len(value) <= MOST_OF_A_TEXT else value[: MOST_OF_A_TEXT - len(CUT)] + CUT
    if isinstance(value, list):
        return [_cut(one) for one in value]
    return {name: _cut(one) for name, one in value.items()} if isinstance(value, dict) else value


def _halved(value: Any) -> bool:  # noqa: ANN401 - JSON
    """Take out half of each list of details; whether there was any."""
    if isinstance(value, list):
        halved = [_halved(one) for one in value]
        return any(halved)
    if not isinstance(value, dict):
        return False
    found = False
    for name, one in value.items():
        if name in _DETAILS and one:
            value[name] = one[: len(one) // 2]
            found = True
        else:
            found = _halved(one) or found
    return found
