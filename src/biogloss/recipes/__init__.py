"""Recipes: TOML to a frozen dataclass; an unknown key is an error that lists the known ones.

    recipes.shipped("ner-")                                  ["ner-bc2gm", "ner-bc5cdr", ...]
    recipes.load("ner-bc5cdr", Recipe, prefix="ner-")        Recipe(name="bc5cdr-1", ...)
    recipes.load("ner-bc5cdr", Recipe, prefix="ner-", changes=["epochs = 9"])        the same with more epochs

The life of every shipped model, in order, lies beside this file: ``corpus-*`` for `preparation`, ``pretrain-*`` and
those whose names begin with a task (``ner-*``, ``relations-*``) for `training`. Kinds of fields: str, int, float, bool,
and tuples and mappings of them; a tuple of another dataclass is written as tables, ``[[sources]]``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from importlib import resources
from inspect import signature
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

R = TypeVar("R")


def load(path: Path | str, kind: type[R], *, prefix: str | tuple[str, ...], changes: Iterable[str] = ()) -> R:
    """Read a recipe file, or one that ships with Biogloss by its name.

    Args:
        path: of the file, or the name (``ner-bc5cdr``).
        kind: the dataclass to make; fields without a default are keys that a recipe must have.
        prefix: what the names of shipped recipes of this kind begin with, or any of several.
        changes: ``KEY=VALUE`` with a value of TOML, in place of what the recipe says; ``KEY.NAME=VALUE`` is one entry
            of a table.

    Raises:
        ConfigError: no such recipe, not UTF-8, not TOML, an unknown or a missing key, a value of another kind.
    """
    try:
        table = tomllib.loads(text(path, prefix))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML ({error})") from error
    for change in changes:
        table |= _changed(table, change, kind)
    return _made(table, kind, str(path))


def shipped(prefix: str | tuple[str, ...]) -> list[str]:
    """The recipes that come with Biogloss and whose names begin so, or with one of several."""
    names = (entry.name for entry in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.startswith(prefix) and name.endswith(".toml"))


def about(text: str) -> str:
    """What a recipe says of itself in the comment that it begins with."""
    lines = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return " ".join(line.removeprefix("#").strip() for line in lines)


def check(recipe: object, rules: Mapping[str, tuple[bool, str]]) -> None:
    """Refuse a recipe with a value that cannot be; ``rules`` is key -> (whether it is right, what is expected).

    Raises:
        ConfigError: ``recipe NAME: epochs = 0 cannot be; expected at least 1``.
    """
    values = vars(recipe)
    for key, (is_right, expected) in rules.items():
        if not is_right:
            raise ConfigError(f"recipe {values['name']}: {key} = {values[key]!r} cannot be; expected {expected}")


def text(path: Path | str, prefix: str | tuple[str, ...]) -> str:
    """A recipe as it stands in its file.

    Raises:
        ConfigError: no such recipe, or not UTF-8.
    """
    try:
        if Path(path).is_file():
            return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    if str(path) in shipped(prefix):
        return resources.files(__name__).joinpath(f"{path}.toml").read_text(encoding="utf-8")
    raise ConfigError(f"no recipe {path}: neither a file nor one of {', '.join(shipped(prefix))}")


def _changed(table: Mapping[str, object], change: str, kind: type) -> dict[str, object]:
    """What a change makes of the table's entry, checked by itself so that a slip is named with the change."""
    place = f"--set {change}"
    try:
        ((key, value),) = tomllib.loads(change).items()
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ConfigError(
            f"{place}: expected one KEY=VALUE with a value of TOML, text in quotes: --set 'name=\"mine\"' ({error})"
        ) from error
    _refuse_unknown([key], kind, place)
    before = table.get(key)
    if "." in change.partition("=")[0] and isinstance(before, dict):
        value = before | value
    held(kind, key, value, place)
    return {key: value}


def _made(table: Mapping[str, object], kind: type[R], place: str) -> R:
    """The dataclass that a table fills, each value checked against the field's annotation."""
    _refuse_unknown(table, kind, place)
    known = signature(kind).parameters
    if missing := sorted(key for key, field in known.items() if field.default is field.empty and key not in table):
        raise ConfigError(f"{place}: missing key {', '.join(missing)}")
    return kind(**{key: held(kind, key, value, place) for key, value in table.items()})


def _refuse_unknown(keys: Iterable[str], kind: type, place: str) -> None:
    known = signature(kind).parameters
    if unknown := sorted(set(keys) - set(known)):
        raise ConfigError(f"{place}: unknown key {', '.join(unknown)}; the keys are: {', '.join(known)}")


def held(recipe: type, key: str, value: object, place: str) -> Any:  # noqa: ANN401 - of the field's kind
    """A value of TOML as a field of a recipe holds it: lists as tuples, tables as dataclasses.

    Args:
        recipe: the dataclass.
        key: a field of it.
        value: what TOML says.
        place: where, for the message.

    Raises:
        ConfigError: the value is of another kind than the field.
    """
    kind = hints(recipe)[key]
    if not _is_of(kind, value):
        wanted = f"tables, [[{key}]]" if of_tables(kind) else signature(recipe).parameters[key].annotation
        raise ConfigError(f"{place}: {key} = {value!r} is not of the kind {wanted}")
    return _held(value, kind, f"{place}, [[{key}]]")


@cache  # tables of a kind come by the dozen
def hints(recipe: type) -> Mapping[str, Any]:
    """Field -> its kind."""
    return get_type_hints(recipe)


def _is_of(kind: Any, value: Any) -> bool:  # noqa: ANN401 - any annotation, any value of TOML
    """Whether a value of TOML is of a kind; an int is also a float, a bool is neither."""
    items, found = get_args(kind), type(value)
    if get_origin(kind) in {tuple, list}:
        return found is list and all(_is_of(items[0], item) for item in value)
    if get_origin(kind) is Mapping:
        return found is dict and all(_is_of(items[1], item) for item in value.values())
    if is_dataclass(kind):
        return found is dict
    return found is kind or (kind is float and found is int)


def _held(value: Any, kind: Any, place: str) -> Any:  # noqa: ANN401 - as above
    if of_tables(kind):
        return tuple(_made(table, get_args(kind)[0], f"{place} {number}") for number, table in enumerate(value, 1))
    return tuple(value) if isinstance(value, list) else value


def of_tables(kind: Any) -> bool:  # noqa: ANN401 - as above
    """Whether TOML says a field of that kind as tables."""
    return get_origin(kind) is tuple and is_dataclass(get_args(kind)[0])
