"""What a recipe may say: its keys, read off the dataclass and its docstring, so that there is one text of each.

keys(Recipe)[0]      Key("name", kind="text", default='"model"', words="what the model is called, with its version.")
tables(Recipe)       {"sources": Source}, what the tables of a recipe are, where they are no recipes themselves
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from inspect import getdoc
from typing import TYPE_CHECKING, Any, get_args

from biogloss.recipes import hints, of_tables
from biogloss.recipes.toml import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARGUMENT = re.compile(r"^ {4}(\w+(?:, \w+)*): (.*(?:\n {8,}.*)*)", re.MULTILINE)
KINDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    tuple[str, ...]: "list of texts",
    tuple[int, ...]: "list of whole numbers",
    tuple[float, ...]: "list of numbers",
    Mapping[str, float]: "table of numbers",
    Mapping[str, list[str]]: "table of lists of texts",
}
"""What the kinds of fields are called in TOML."""
_MARKS = re.compile(r"``(.*?)``|:\w+:`(.*?)`")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its kind of value, its default as TOML has it (empty where the key must be there), and what it does."""

    name: str
    kind: str
    default: str
    words: str


def keys(recipe: type) -> list[Key]:
    """The keys of a recipe, or of one of its tables, in order."""
    words, kinds = dict(_described(recipe)), hints(recipe)
    return [
        Key(own.name, KINDS.get(kinds[own.name], f"tables, [[{own.name}]]"), _default(own), words.get(own.name, ""))
        for own in fields(recipe)
    ]


def tables(recipe: type) -> dict[str, type]:
    """Key -> the dataclass of its tables, for keys whose tables say more than the recipe itself does."""
    found = {name: get_args(kind)[0] for name, kind in hints(recipe).items() if of_tables(kind)}
    return {name: kind for name, kind in found.items() if not issubclass(recipe, kind)}


def _described(recipe: type) -> Iterator[tuple[str, str]]:
    """Names of fields with what the docstrings of the class and of those it builds on say of them."""
    for kind in reversed(recipe.__mro__[:-1]):
        for names, words in _ARGUMENT.findall(getdoc(kind) or ""):
            plain = _MARKS.sub(lambda found: found[1] or found[2], " ".join(words.split()))
            yield from ((name, plain) for name in names.split(", "))


def _default(own: Any) -> str:  # noqa: ANN401 - a field of any dataclass
    if own.default_factory is not MISSING:
        return value_of(own.default_factory())
    return "" if own.default is MISSING else value_of(own.default)
