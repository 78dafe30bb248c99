"""Reading typed fields out of parsed JSON, with errors that name the place.

    Fields({"span": [4]}, "marks[0]", ("span", "kind")).span("span")
    ValueError: marks[0].span: expected [start, end], two whole numbers; found [4]

Only ``ValueError`` leaves here: whoever reads a file adds its name and the line. What is not of the schema at all is a
:class:`ShapeError`; what a schema cannot say, as a span that ends before it starts, is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from biogloss.documents.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = TypeVar("Value")

_QUOTED_CHARACTERS = 60


class ShapeError(ValueError):
    """JSON that is not of the form that ``schema.json`` describes."""


class Fields:
    """The fields of one JSON object, each read with the kind of value it must have.

    Args:
        mapping: what the JSON parser gave.
        place: where it stands in the document ("entities[3]").
        known: the keys it may have.

    Raises:
        ValueError: ``mapping`` is not an object or has another key than ``known``; every method raises it for a key
            that is missing or a value of another kind.
    """

    def __init__(self, mapping: object, place: str, known: Sequence[str]) -> None:
        if not isinstance(mapping, dict):
            _refuse(place, "an object", mapping)
        for key in mapping:
            if key not in known:
                raise ShapeError(f"{place}: unknown key {_short(key)}; the keys are {', '.join(known)}")
        self._mapping: dict[str, Any] = mapping
        self._place = place

    def text(self, key: str, default: str | None = None) -> str:
        """A string; required where there is no default."""
        if key not in self._mapping and default is not None:
            return default
        return _text(self._required(key), self._place, key)

    def flag(self, key: str) -> bool:
        """A boolean; False where it is absent."""
        value = self._mapping.get(key, False)
        if not isinstance(value, bool):
            _refuse(f"{self._place}.{key}", "true or false", value)
        return value

    def score(self) -> float | None:
        """The field ``score``: a number in [0, 1], or None where it is absent."""
        if "score" not in self._mapping:
            return None
        return _score(self._mapping["score"], self._place, "score")

    def span(self, key: str) -> Span:
        """One ``[start, end]``; required."""
        return _span(self._required(key), self._place, key)

    def spans(self, key: str, *, required: bool = False) -> tuple[Span, ...]:
        """A list of ``[start, end]``, of one at least where it is required; else empty where it is absent."""
        values = self._list(key, required=required)
        if required and not values:
            raise ShapeError(f"{self._place} has no span; expected one or more [start, end]")
        return tuple(_span(value, self._place, key) for value in values)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty where it is absent."""
        return tuple(_text(value, self._place, key) for value in self._list(key))

    def pairs(self, key: str, *, required: bool = False) -> tuple[tuple[str, str], ...]:
        """A list of ``[first, second]``; empty where it is absent and not required."""
        return tuple(_pair(value, self._place, key) for value in self._list(key, required=required))

    def scored(self, key: str) -> tuple[tuple[str, float], ...]:
        """A list of ``[name, score]``, scores in [0, 1]; empty where it is absent."""
        return tuple(_scored(value, self._place, key) for value in self._list(key))

    def each(self, key: str, make: Callable[[object, str], Value]) -> tuple[Value, ...]:
        """A list of objects, each made by ``make(mapping, place)``; empty where it is absent."""
        prefix = key if self._place == "document" else f"{self._place}.{key}"
        return tuple(make(value, f"{prefix}[{number}]") for number, value in enumerate(self._list(key)))

    def inner(self, key: str, known: Sequence[str]) -> Fields:
        """One object inside this one."""
        return Fields(self._required(key), key, known)

    def _required(self, key: str) -> object:
        if key not in self._mapping:
            raise ShapeError(f"{self._place}: the key {key!r} is missing")
        value: object = self._mapping[key]
        return value

    def _list(self, key: str, *, required: bool = False) -> list[object]:
        value = self._required(key) if required else self._mapping.get(key, [])
        if not isinstance(value, list):
            _refuse(f"{self._place}.{key}", "a list", value)
        return value


def refuse_surrogates(text: str, place: str) -> None:
    """Raise ValueError where a string has half of a surrogate pair, which no UTF-8 file can hold."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError(f"{place}: lone surrogate at character {error.start:,}") from None


def _text(value: object, place: str, key: str) -> str:
    if not isinstance(value, str):
        _refuse(f"{place}.{key}", "a string", value)
    refuse_surrogates(value, f"{place}.{key}")
    return value


def _span(value: object, place: str, key: str) -> Span:
    ends = list(map(_whole, value)) if isinstance(value, list) else []
    # `type(...) is int`: JSON's true and false are integers to isinstance.
    if [type(end) for end in ends] != [int, int]:
        _refuse(f"{place}.{key}", "[start, end], two whole numbers", value)
    try:
        return Span(ends[0], ends[1])
    except ValueError as error:
        kind = ShapeError if ends[0] < 0 or ends[1] < 1 else ValueError
        raise kind(f"{place}.{key}: {error}") from None


def _whole(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A number without a fraction as the integer that it is to JSON Schema (4.0); anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _pair(value: object, place: str, key: str) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        _refuse(f"{place}.{key}", "pairs of two strings", value)
    return _text(value[0], place, key), _text(value[1], place, key)


def _scored(value: object, place: str, key: str) -> tuple[str, float]:
    if not isinstance(value, list) or len(value) != 2:
        _refuse(f"{place}.{key}", "pairs of a string and a number", value)
    return _text(value[0], place, key), _score(value[1], place, key)


def _score(value: object, place: str, key: str) -> float:
    # JSON's true and false are integers to isinstance.
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        _refuse(f"{place}.{key}", "a number from 0 to 1", value)
    return float(value)


def _refuse(place: str, expected: str, found: object) -> NoReturn:
    raise ShapeError(f"{place}: expected {expected}; found {_short(found)}")


def _short(value: object) -> str:
    """At most sixty characters of a value, for a message; only short lists of plain values are spelt out."""
    if isinstance(value, dict) or (isinstance(value, list) and not _is_plain(value)):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value):,}"
    shown = ascii(value[:_QUOTED_CHARACTERS] if isinstance(value, str) else value)
    return shown if len(shown) <= _QUOTED_CHARACTERS else shown[: _QUOTED_CHARACTERS - 3] + "..."


def _is_plain(values: list[object]) -> bool:
    return len(values) <= 4 and not any(isinstance(value, (list, dict)) for value in values)
