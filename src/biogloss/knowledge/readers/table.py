"""Tables of terms: a concept a row, columns by name.

    id,name,synonyms,type,parents,xrefs
    LAB:1,brain fog,mental fog|fogginess,Disease,,MESH:D003221

``id`` and ``name`` have to be there; ``synonyms``, ``abbreviations``, ``narrow``, ``broad``, ``related``, ``parents``
and ``xrefs`` take several, with ``|`` between; ``type``, ``definition`` and ``taxon`` take one. Comma or tab, as the
first line has it.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from biogloss.errors import FormatError
from biogloss.knowledge.concept import KINDS, MAX_NAME_CHARACTERS, Concept, synonyms
from biogloss.knowledge.curies import prefix_of
from biogloss.knowledge.readers._reading import TYPES, Reading
from biogloss.knowledge.readers._text import MAX_LINE_BYTES, lines
from biogloss.knowledge.readers.kinds import kind_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SEVERAL = "|"
MAX_NAMES = 5_000
COLUMNS = (
    *("id", "name", "synonyms", "abbreviations", "narrow", "broad", "related"),
    *("type", "definition", "parents", "xrefs", "taxon"),
)
_OTHER_NAMES = {"term": "name", "label": "type", "curie": "id", "identifier": "id", "synonym": "synonyms"}
_KINDS = {"synonyms": "exact", "abbreviations": "abbreviation", **{kind: kind for kind in KINDS[2:]}}


def concepts(path: Path, reading: Reading, report: Counter[str]) -> Iterator[tuple[str, Concept]]:
    """(place, concept) of each row, in their order.

    Raises:
        FormatError: no header with ``id`` and ``name``, or a row that is wrong; the message names the line.
        InputError, EncodingError: the file cannot be read.
    """
    # The limit is one for the whole interpreter: it is only ever raised. What a cell may have is checked below.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    numbered = lines(path, reading.encoding)
    number, first = next(numbered)
    rows = csv.reader(_text(first, numbered), delimiter="\t" if "\t" in first else ",", strict=True)
    columns: list[str] = []
    while True:
        place = f"line {number + rows.line_num:,}"
        try:
            row = next(rows, None)
        except csv.Error as error:
            todo = 'Put quotes around a whole cell, and "" for a quote inside it'
            raise FormatError(f"cannot be parsed ({error})", file=str(path), place=place, todo=todo) from error
        if row is None:
            return
        cells = [cell.strip() for cell in row]
        if not columns:
            columns = _header(cells, str(path), place, report)
        elif any(cells):
            yield place, _concept(columns, cells, reading, (str(path), place))


def _text(first: str, numbered: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first
    for _, line in numbered:
        yield line


def _header(cells: list[str], file: str, place: str, report: Counter[str]) -> list[str]:
    found = [cell.lower().replace(" ", "_").replace("-", "_") for cell in cells]
    columns = [_OTHER_NAMES.get(name, name) for name in found]
    missing = [name for name in ("id", "name") if columns.count(name) != 1]
    if missing:
        raise FormatError(
            f"no column {missing[0]!r}; there are {', '.join(cells)[:120]!r}",
            file=file,
            place=place,
            expected=f"a first line that names the columns, id and name among them ({', '.join(COLUMNS)})",
            todo="Every concept needs an identifier: number the rows and name a prefix of your own with --prefix"
            if missing == ["id"]
            else "Name each column once, with commas or tabs between",
        )
    for name in set(columns) - set(COLUMNS):
        report[f"the column {name[:40]!r} was not read"] += 1
    return columns


def _concept(columns: list[str], cells: list[str], reading: Reading, where: tuple[str, str]) -> Concept:
    file, place = where
    if len(cells) > len(columns):
        expected = f"{len(columns)}, as the first line has; put cells with separators in quotes"
        raise FormatError(f"{len(cells)} cells", file=file, place=place, expected=expected)
    row = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=False))
    if not row["id"]:
        todo = "Every concept needs one; a prefix of your own will do (LAB:1)"
        raise FormatError("the id is empty", file=file, place=place, todo=todo)
    try:
        return _built(row, reading)
    except ValueError as error:
        todo = "A prefix for all of them can be named with --prefix" if "no identifier" in str(error) else ""
        raise FormatError(str(error), file=file, place=place, todo=todo) from error


def _built(row: Mapping[str, str], reading: Reading) -> Concept:
    identifier = reading.identifier(row["id"])
    kind = row["type"] or reading.type or TYPES.get(prefix_of(identifier), "")
    if not kind:
        raise ValueError(f"{identifier} has no type; expected a column type, or --type Disease for all of them")
    others = [
        (text, kind_of(text.strip(), row["name"], kind))
        for column, kind in _KINDS.items()
        for text in row[column].split(SEVERAL)
        if text.strip()
    ]
    if len(others) > MAX_NAMES:
        raise ValueError(f"{identifier} has {len(others):,} names, more than {MAX_NAMES:,}")
    if too_long := next((text for text, _ in others if len(text) > MAX_NAME_CHARACTERS), ""):
        raise ValueError(f"the name {too_long[:40]!r}... has {len(too_long):,} characters")
    return Concept(
        identifier,
        kind,
        row["name"],
        source=reading.source,
        version=reading.version,
        synonyms=synonyms(row["name"], others),
        definition=row["definition"],
        parents=tuple(map(reading.identifier, _several(row["parents"]))),
        xrefs=tuple(map(reading.identifier, _several(row["xrefs"]))),
        taxon=reading.identifier(row["taxon"]) if row["taxon"] else "",
    )


def _several(cell: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in cell.split(SEVERAL) if part.strip()))
