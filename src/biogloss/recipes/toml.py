"""A recipe as TOML, so that :func:`biogloss.recipes.load` reads the same recipe again.

    to_toml(Recipe(encoder="minilm", labels=("Disease",), files={"train": ["a.jsonl"]}))

    encoder = "minilm"
    labels = ["Disease"]
    files = { train = ["a.jsonl"] }

Only what differs from a field's default is written; tuples of dataclasses come last, as tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(recipe: Any) -> str:  # noqa: ANN401 - any dataclass of the kinds that recipes have
    """The text of a recipe file, its keys in the order of the fields."""
    own, tables = [], []
    for name, value in _said(recipe):
        if value and isinstance(value, tuple) and is_dataclass(value[0]):
            tables += [f"\n[[{name}]]\n{to_toml(table)}" for table in value]
        else:
            own.append(f"{name} = {value_of(value)}\n")
    return "".join([*own, *tables])


def _said(recipe: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - as above
    """The fields that differ from their defaults; those without a default always."""
    for own in fields(recipe):
        default = own.default if own.default_factory is MISSING else own.default_factory()
        value = getattr(recipe, own.name)
        if default is MISSING or value != default:
            yield own.name, value


def value_of(value: Any) -> str:  # noqa: ANN401 - any value of a recipe
    """A value as TOML writes it."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        entries = ", ".join(f"{_key(key)} = {value_of(inner)}" for key, inner in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(value_of, value))}]"
    return repr(value)  # the shortest digits that give the same number; inf and nan are TOML's words too


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    """A basic string; JSON's escapes are TOML's, which wants one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
