"""The rows of the first sheet of an Excel workbook (.xlsx, Office Open XML, ECMA-376), text alone.

    list(rows(path))     [(1, {"A": "File", "B": "CHQ"}), (2, {"A": "14.txt", "B": "who makes drugol"})]

The archive is not unpacked to disk. Most texts are kept in one list of strings, which cells name by number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.errors import Failure, FormatError
from biogloss.formats import _archive
from biogloss.formats._xml import local_name, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lxml.etree import _Element as Element

_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number of each row, from 1, and the text of its cells by the letters of their column.

    Raises:
        FormatError: no workbook, or a damaged one.
        UnsafeInputError: it unpacks to more than the limits allow.
    """
    strings = [_text(element) for element in _elements(path, _STRINGS, "si")]
    for number, row in enumerate(_elements(path, _SHEET, "row"), 1):
        cells = (cell for cell in row if local_name(cell) == "c")
        yield number, {re.sub("[0-9]", "", cell.get("r", "")): _value(cell, strings, path, number) for cell in cells}


def _elements(path: Path, part: str, tag: str) -> Iterator[Element]:
    found = next(_archive.files(path, part), None)
    if found is None:
        raise FormatError(f"there is no {part} in it", file=str(path), expected="an .xlsx workbook")
    for record in records(found, (tag,), step="xlsx"):
        if isinstance(record, Failure):
            raise record.error
        yield record.element


def _value(cell: Element, strings: Sequence[str], path: Path, number: int) -> str:
    value = next(("".join(map(str, child.itertext())) for child in cell if local_name(child) == "v"), "")
    if cell.get("t") != "s":
        return value or _text(cell)
    if not re.fullmatch("[0-9]{1,9}", value) or int(value) >= len(strings):
        what = f"cell {cell.get('r', '')[:20]} names text {value[:20]!r} of {len(strings):,}"
        raise FormatError(what, file=str(path), place=f"row {number:,}", todo="Copy the corpus again")
    return strings[int(value)]


def _text(element: Element) -> str:
    """The text of an element: of its runs, without the phonetic ones that stand above Chinese characters."""
    return "".join(
        part.text or ""
        for part in element.iter()
        if local_name(part) == "t" and not any(local_name(above) == "rPh" for above in part.iterancestors())
    )
