"""What is searched for a better recipe, and how long: ranges and choices for any of a recipe's fields.

    [search]
    learning_rate = { low = 1e-4, high = 1e-3, log = true }
    epochs = { low = 2, high = 8 }              # whole numbers stay whole
    dropout = [0.0, 0.1, 0.2]
    "relations.hidden" = [128, 256]             # of the task called relations; "2.hidden" is of the second task
    "corpora.bc5cdr" = { low = 0.5, high = 3 }  # one entry of a table

The recipe's own value is one of the choices whether it is named or not. Outside a range it is tried once: the recipe as
it came is the first trial.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from biogloss import recipes
from biogloss.errors import ConfigError
from biogloss.training.learned import Learned
from biogloss.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLE = "search"
RANGE = frozenset({"low", "high", "log"})
DIGITS = 3
"""Significant digits of a number that is drawn: a fourth changes nothing but the look of a recipe."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much may be spent.

    Args:
        trials: in the folder in the end, those of earlier calls among them.
        minutes: no trial begins after so many minutes of this call; 0 sets no limit.
        jobs: processes that share the work.
        threads: of each.
    """

    trials: int = 20
    minutes: float = 0.0
    jobs: int = 1
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A field that is searched.

    Args:
        field: as the user names it.
        low, high: the ends of a range, both in it; of whole numbers both are ints.
        log: whether powers of a number are tried equally often.
        choices: instead of a range.
    """

    field: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[Any, ...] = ()

    def holds(self, value: object) -> bool:
        """Whether a value can be drawn."""
        if self.choices:
            return value in self.choices
        return isinstance(value, (int, float)) and self.low <= value <= self.high

    def rounded(self, value: float) -> float:
        """A number of the range with few digits."""
        if isinstance(self.low, int):
            return value
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)


Space = tuple[Dimension, ...]


def load(path: Path, recipe: Recipe) -> Space:
    """The space that a file names, in its table ``search`` or at its top.

    Raises:
        ConfigError: not TOML, no such field of the recipe, or a range or choices that cannot be.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML ({error})") from error
    found = table.get(TABLE, table)
    return space(recipe, found if isinstance(found, dict) else table, str(path))


def usual(recipe: Recipe) -> Space:
    """What is searched where nothing is named: what most often matters, around the recipe's own values."""
    rate, pieces = recipe.learning_rate, recipe.budget_pieces
    table = {
        "learning_rate": {"low": rate / 4, "high": 4 * rate, "log": True},
        "epochs": {"low": max(1, recipe.epochs // 2), "high": 2 * recipe.epochs},
        "budget_pieces": [pieces // 2, pieces, 2 * pieces],
        "dropout": [0.0, 0.1, 0.2],
        "layer_decay": [0.8, 0.9, 1.0],
    }
    return space(recipe, table, "the usual search")


def space(recipe: Recipe, table: Mapping[str, Any], place: str) -> Space:
    """The space that a table names.

    Args:
        recipe: whose fields are searched.
        table: field -> a range or choices.
        place: where the table stands, for messages.

    Raises:
        ConfigError: no such field, a range or choices that cannot be, or nothing to search.
    """
    found = tuple(_dimension(recipe, name, said, f"{place}: {name}") for name, said in _flat(table))
    if not found:
        raise ConfigError(f"{place}: nothing to search; expected fields of a recipe with ranges or choices")
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """``relations.hidden`` without quotes is a table in a table."""
    for key, value in table.items():
        if isinstance(value, Mapping) and not set(value) & {"low", "high"}:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def _dimension(recipe: Recipe, name: str, said: object, place: str) -> Dimension:
    where = _Place.of(recipe, name, place)
    if isinstance(said, Mapping):
        found = _range(name, said, where, place)
        ends: Sequence[Any] = (found.low, found.high)
    elif isinstance(said, list) and said:
        choices = [where.held(choice, place) for choice in said]
        found = Dimension(field=name, choices=_distinct([where.value(recipe), *choices]))
        ends = choices
    else:
        raise ConfigError(f"{place} = {said!r}: expected a range, {{ low = 1, high = 2 }}, or choices, [1, 2]")
    for end in ends:
        _try(recipe, name, end, place)
    return found


def _distinct(choices: Sequence[Any]) -> tuple[Any, ...]:
    """Each choice once; an entry that the recipe does not have is none."""
    return tuple(one for number, one in enumerate(choices) if one is not None and one not in choices[:number])


def _try(recipe: Recipe, name: str, value: object, place: str) -> None:
    """Refuse a value that no recipe can have."""
    try:
        changed(recipe, {name: value})
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}") from error


def _range(name: str, said: Mapping[str, Any], where: _Place, place: str) -> Dimension:
    if unknown := sorted(set(said) - RANGE):
        raise ConfigError(f"{place}: unknown key {', '.join(unknown)}; a range has low, high and, if it is meant, log")
    if missing := sorted({"low", "high"} - set(said)):
        raise ConfigError(f"{place}: a range needs {', '.join(missing)}")
    if where.kind not in {int, float}:
        raise ConfigError(f"{place}: a range is for numbers; name choices, [..., ...]")
    low, high = (where.held(said[end], f"{place}: {end}") for end in ("low", "high"))
    log = said.get("log", False)
    if low > high:
        raise ConfigError(f"{place}: low = {low} is above high = {high}")
    if log is not True and log is not False:
        raise ConfigError(f"{place}: log = {log!r}; expected true or false")
    if log and low <= 0:
        raise ConfigError(f"{place}: low = {low} cannot be where log = true; expected a number above 0")
    if where.kind is float:
        low, high = float(low), float(high)
    return Dimension(field=name, low=low, high=high, log=log)


def value(recipe: Recipe, name: str) -> Any:  # noqa: ANN401 - of any field
    """What a recipe says of a field that is searched."""
    return _Place.of(recipe, name, name).value(recipe)


def changed(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """A recipe with other values, all at once.

    Args:
        recipe: left as it is.
        values: field, as in a search -> value.

    Raises:
        ConfigError: no such field, or values that cannot be.
    """
    changes: dict[int, dict[str, Any]] = {}
    for name, new in values.items():
        where = _Place.of(recipe, name, name)
        own = changes.setdefault(where.task, {})
        if where.key:
            before = own.get(where.field, getattr(where.owner(recipe), where.field))
            own[where.field] = {**before, where.key: new}
        else:
            own[where.field] = new
    top = changes.pop(_TOP, {})
    if changes:
        top["tasks"] = tuple(replace(own, **changes.get(place, {})) for place, own in enumerate(recipe.tasks))
    return replace(recipe, **top)


_TOP = -1


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a name points: the number of a task or the top, a field, and the entry of it where it is a table."""

    task: int
    field: str
    key: str

    @classmethod
    def of(cls, recipe: Recipe, name: str, place: str) -> _Place:
        """What a name of a search stands for.

        Raises:
            ConfigError: nothing.
        """
        first, _, rest = name.partition(".")
        tasks = {name: number for number, own in enumerate(recipe.learned) for name in (own.head, str(number + 1))}
        if rest and first in tasks and first not in _known(recipe, _TOP):
            field, _, key = rest.partition(".")
            where = cls(tasks[first] if recipe.tasks else _TOP, field, key)
        else:
            where = cls(_TOP, first, rest)
        known = _known(recipe, where.task)
        if where.field not in known:
            raise ConfigError(f"{place}: no field {where.field} there; the fields are: {', '.join(known)}")
        if where.key and get_origin(where.hint) is not Mapping:
            raise ConfigError(f"{place}: {where.field} is no table, so it has no {where.key}")
        return where

    @property
    def owner_kind(self) -> type[Learned]:
        """The dataclass that has the field."""
        return Recipe if self.task == _TOP else Learned

    @property
    def hint(self) -> Any:  # noqa: ANN401 - any annotation
        """The annotation of the field."""
        return get_type_hints(self.owner_kind)[self.field]

    @property
    def kind(self) -> Any:  # noqa: ANN401 - any annotation
        """The annotation of what is searched: of the field, or of an entry of it."""
        return get_args(self.hint)[1] if self.key else self.hint

    def owner(self, recipe: Recipe) -> Learned:
        """What of the recipe has the field."""
        return recipe if self.task == _TOP else recipe.tasks[self.task]

    def value(self, recipe: Recipe) -> Any:  # noqa: ANN401 - of any field
        """What the recipe says there; of an entry that it does not have, None."""
        own = getattr(self.owner(recipe), self.field)
        return own.get(self.key) if self.key else own

    def held(self, value: object, place: str) -> Any:  # noqa: ANN401 - of any field
        """A value of TOML as the field holds it.

        Raises:
            ConfigError: it is of another kind.
        """
        if self.key:
            recipes.held(self.owner_kind, self.field, {self.key: value}, place)
            return value
        return recipes.held(self.owner_kind, self.field, value, place)


def _known(recipe: Recipe, task: int) -> list[str]:
    """The fields there are: of a task, or at the top, where those of a task are if it is one."""
    own = [one.name for one in fields(Learned)]
    if task != _TOP:
        return own
    top = [one.name for one in fields(Recipe) if one.name != "tasks"]
    return [name for name in top if name == "name" or name not in own] if recipe.tasks else top
