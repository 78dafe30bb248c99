"""The columns of a document in Parquet: those of its JSON form, with names in place of positions.

    {"spans": [[0, 4]], "attributes": [["negation", "negated"]]}                                    JSON
    {"spans": [{"start": 0, "end": 4}], "attributes": [{"name": "negation", "value": "negated"}]}   a row

What JSON leaves out is null. One table of shapes makes the schema and both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

Shape = Any
"""A name of an Arrow type; ``[shape]``, a list; ``(name, name, type, type)``, a pair; ``{name: shape}``, a record."""


def _pair(first: str, second: str) -> Shape:
    return (first, second, "string", "string")


_SPAN: Shape = ("start", "end", "int32", "int32")
_MADE: Shape = {"source": "string", "score": "float64"}
_MESH: Shape = {"id": "string", "name": "string", "major": "bool_", "qualifiers": [_pair("id", "name")]}
_CITATION: Shape = {
    **dict.fromkeys(("pmid", "pmcid", "doi", "journal", "issn", "volume", "issue", "pages", "licence"), "string"),
    **{name: ["string"] for name in ("authors", "types", "keywords", "references", "languages")},
    "dates": [_pair("kind", "date")],
    "chemicals": [_pair("id", "name")],
    "corrections": [_pair("kind", "reference")],
    "mesh": [_MESH],
    "retracted": "bool_",
}
DOCUMENT: Shape = {
    **dict.fromkeys(("id", "text", "language", "composition"), "string"),
    "citation": _CITATION,
    "labels": ["string"],
    "label_scores": [("label", "score", "string", "float64")],
    "marks": [{"span": _SPAN, "kind": "string", "label": "string", "language": "string"}],
    "parts": [{"name": "string", "span": _SPAN}],
    "entities": [
        {
            "id": "string",
            "label": "string",
            "text": "string",
            "spans": [_SPAN],
            "links": [{"id": "string", **_MADE}],
            "attributes": [_pair("name", "value")],
            **_MADE,
        }
    ],
    "relations": [
        {
            "id": "string",
            "label": "string",
            "arguments": [_pair("role", "reference")],
            "evidence": [_SPAN],
            **_MADE,
        }
    ],
}


def schema(arrow: ModuleType) -> Any:  # noqa: ANN401 - a pyarrow.Schema, and pyarrow may not be installed
    """The Arrow schema of a table of documents."""
    return arrow.schema([(name, _arrow_type(arrow, shape)) for name, shape in DOCUMENT.items()])


def _arrow_type(arrow: ModuleType, shape: Shape) -> Any:  # noqa: ANN401 - a pyarrow.DataType
    if isinstance(shape, list):
        return arrow.list_(_arrow_type(arrow, shape[0]))
    if isinstance(shape, tuple):
        shape = dict(zip(shape[:2], shape[2:], strict=True))
    if isinstance(shape, Mapping):
        return arrow.struct([(name, _arrow_type(arrow, inner)) for name, inner in shape.items()])
    return getattr(arrow, shape)()


def to_row(value: Any, shape: Shape = DOCUMENT) -> Any:  # noqa: ANN401 - JSON
    """A value of the JSON form as Arrow has it."""
    if value is None or isinstance(shape, str):
        return value
    if isinstance(shape, list):
        return [to_row(one, shape[0]) for one in value]
    if isinstance(shape, tuple):
        return dict(zip(shape[:2], value, strict=True))
    return {name: to_row(value.get(name), inner) for name, inner in shape.items()}


def from_row(value: Any, shape: Shape = DOCUMENT) -> Any:  # noqa: ANN401 - whatever a file of others holds
    """The way back; null is what JSON leaves out. Another shape stays as it is, for its reader to refuse."""
    if isinstance(shape, list) and isinstance(value, list):
        return [from_row(one, shape[0]) for one in value]
    if isinstance(shape, tuple) and isinstance(value, dict):
        return [value.get(name) for name in shape[:2]]
    if isinstance(shape, dict) and isinstance(value, dict):
        return {name: from_row(inner, shape.get(name, "string")) for name, inner in value.items() if inner is not None}
    return value
