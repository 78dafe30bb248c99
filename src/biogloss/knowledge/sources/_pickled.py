"""Dictionaries that others left pickled, read without unpickling: only containers, strings, numbers and truth values.

    {"drug_variant_to_canonical": {"glucophage": ["metformin"]}, ...}

The opcodes are walked one by one; any that would import, call or build an object ends the reading.
"""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING, Any

from biogloss.errors import UnsafeInputError

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = object()
_NEW: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "NONE": lambda: None,
}
_GIVEN = {"SHORT_BINUNICODE", "BINUNICODE", "BINFLOAT", "BININT", "BININT1", "BININT2"}
_NOTHING = {"PROTO", "FRAME", "STOP"}


def plain(content: bytes, *, file: str) -> Any:  # noqa: ANN401 - what was pickled
    """What a pickle holds, if it is plain.

    Raises:
        UnsafeInputError: it holds anything but containers, strings, numbers and truth values, or is damaged.
    """
    stack: list[Any] = []
    seen: list[Any] = []
    try:
        for opcode, argument, _ in pickletools.genops(content):
            _apply(opcode.name, argument, stack, seen)
        (found,) = stack
    except (ValueError, IndexError, TypeError) as error:
        expected = "containers, strings, numbers"
        raise UnsafeInputError(f"not plain data ({error})", file=file, expected=expected) from error
    return found


def _apply(name: str, argument: Any, stack: list[Any], seen: list[Any]) -> None:  # noqa: ANN401 - of an opcode
    if name in _NEW:
        stack.append(_NEW[name]())
    elif name in _GIVEN:
        stack.append(argument)
    elif name == "MEMOIZE":
        seen.append(stack[-1])
    elif name in ("BINGET", "LONG_BINGET"):
        stack.append(seen[argument])
    elif name == "MARK":
        stack.append(_MARK)
    elif name not in _NOTHING:
        _fill(name, stack)


def _fill(name: str, stack: list[Any]) -> None:
    """Put what is on top of the stack into the container below it."""
    if name not in ("APPEND", "APPENDS", "SETITEM", "SETITEMS"):
        raise ValueError(f"the opcode {name}")
    if name.endswith("S"):
        mark = len(stack) - 1 - stack[::-1].index(_MARK)
        items = stack[mark + 1 :]
        del stack[mark:]
    else:
        count = 1 if name == "APPEND" else 2
        items = stack[-count:]
        del stack[-count:]
    if name.startswith("APPEND"):
        stack[-1].extend(items)
    else:
        stack[-1].update(zip(items[::2], items[1::2], strict=True))
