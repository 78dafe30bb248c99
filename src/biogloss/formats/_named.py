"""Documents of other people's records: names and values, a few of which are known by their names.

    {"id": 7, "text": "Gout is painful.", "ward": "B"}    ->    Document("7", "Gout is painful.")

Tables, records and Parquet files share them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from biogloss.documents import Document


class Columns(NamedTuple):
    """What the columns of a table, or the keys of records, are called.

    Args:
        id: of the ids; where there is none, rows are numbered.
        text: of the texts.
        label: of the classes of the texts; left out, none are read.
        separator: what stands between the classes in one cell of a table; left out, a cell is a class. Records and
            Parquet have lists.
    """

    id: str = "id"
    text: str = "text"
    label: str = ""
    separator: str = ""


def document_of(record: dict[str, Any], number: str, columns: Columns) -> Document:
    """The document of a record of names and values; ``number`` is its id where it has none.

    Its classes are a text, a whole number, true, false or a list of them; none where the key is missing or empty.

    Raises:
        ValueError: no text, an id that is neither a text nor a whole number, or a class that is none of these.
    """
    text, name = record.get(columns.text), record.get(columns.id, number)
    if not isinstance(text, str):
        has = ", ".join(sorted(record))[:100]
        raise ValueError(  # noqa: TRY004 - layer contract
            f"no {columns.text!r} that is a text; there are: {has}. Name the key of the texts with --text-column"
        )
    if isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
        raise ValueError(f"{columns.id!r} is {str(name)[:40]!r}; expected a text or a whole number")
    return Document(str(name), text, labels=_labels(record, columns.label) if columns.label else ())


def _labels(record: dict[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    found = [one for one in (value if isinstance(value, list) else [value]) if one is not None and one != ""]
    if not all(isinstance(one, (str, int)) for one in found):
        raise ValueError(
            f"{key!r} is {str(value)[:40]!r}; expected a text, a whole number, true, false or a list of them"
        )
    return tuple(map(str, found))
