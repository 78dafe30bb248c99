"""BioC JSON: the same as BioC XML in objects, as the PubTator and PMC interfaces give it.

    {"documents": [{"id": "7", "passages": [{"offset": 0, "infons": {"type": "title"}, "text": "Gout hurts.",
      "annotations": [{"id": "T1", "infons": {"type": "Disease"}, "locations": [{"offset": 0, "length": 4}], ...

Whatever holds the documents (a collection, a list of them, PubTator 3's object, one document a line), each object with
``passages`` is one. They are cut out of the stream one by one (:mod:`_json_objects`), so that a collection of any size
is read in the memory of one document. What becomes what is told in :mod:`_bioc`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TextIO

from biogloss.errors import Failure, FormatError, InputError
from biogloss.formats import _bioc
from biogloss.formats._identifiers import curie
from biogloss.formats._json_objects import objects_with
from biogloss.formats._source import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from biogloss.documents import Document

HOLDS = _bioc.HOLDS | {"controls"}
DROPS = _bioc.DROPS
SUFFIXES = (".bioc.json", ".BioC.JSON", ".BioC.json")
RECORDS = False

_HEAD = '{"source": "biogloss", "date": "", "key": "", "version": "1.0", "infons": {}, "documents": ['


def sniff(head: bytes) -> bool:
    """Whether it starts as JSON and names BioC's parts."""
    start = re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", head)
    return start is not None and re.search(rb'"(?:passages|bioctype)"\s*:|"documents"\s*:\s*\[', head) is not None


def read(path: Path | str, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The documents of a file; a damaged one is a ``Failure``.

    An annotation whose words are not those at its offsets is left out and counted in ``report``.

    Raises:
        InputError: the file cannot be read, or has no object with ``passages``.
    """
    report = Report() if report is None else report
    for found in objects_with("passages", path, encoding=encoding):
        name = f"character {found.offset:,}"
        try:
            content = found.content()
            name = _text(content.get("id"))[:60] or name
            yield _bioc.to_document(_source(content), report)
        except (InputError, ValueError) as error:
            what = FormatError(str(error), file=str(path), place=f"object at character {found.offset:,}")
            yield Failure(name, "bioc_json", what)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write a collection, one document at a time.

    Raises:
        CannotHold: labels of the document, and what :func:`_bioc.to_source` names.
    """
    stream.write(_HEAD)
    between = "\n"
    for document in documents:
        source = _bioc.to_source(document, HOLDS, "bioc_json", report)
        stream.write(between + json.dumps(_document_object(source), ensure_ascii=False))
        between = ",\n"
    stream.write("\n]}\n")


def _source(content: Mapping[str, object]) -> _bioc.Source:
    return _bioc.Source(
        _text(content.get("id")),
        _infons(content),
        [_passage(item) for item in _objects(content, "passages")],
        [_annotation(item) for item in _objects(content, "annotations")],
        [_linked(item) for item in _objects(content, "relations")],
    )


def _passage(content: Mapping[str, object]) -> _bioc.Passage:
    return _bioc.Passage(
        _number(content.get("offset")),
        _text(content.get("text")),
        _infons(content),
        # A sentence has none; a hostile file could nest them without end.
        [_passage({**item, "sentences": []}) for item in _objects(content, "sentences")],
        [_annotation(item) for item in _objects(content, "annotations")],
        [_linked(item) for item in _objects(content, "relations")],
    )


def _annotation(content: Mapping[str, object]) -> _bioc.Annotation:
    locations = [(_number(item.get("offset")), _number(item.get("length"))) for item in _objects(content, "locations")]
    return _bioc.Annotation(_text(content.get("id")), _infons(content), locations, _text(content.get("text")))


def _linked(content: Mapping[str, object]) -> _bioc.Linked:
    nodes = [(_text(item.get("refid")), _text(item.get("role"))) for item in _objects(content, "nodes")]
    return _bioc.Linked(_text(content.get("id")), _infons(content), nodes)


def _objects(content: Mapping[str, object], key: str) -> list[dict[str, object]]:
    items = content.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise FormatError(f"{key} is not a list of objects", expected="BioC JSON")
    return items


def _infons(content: Mapping[str, object]) -> dict[str, str]:
    infons = content.get("infons") or {}
    if not isinstance(infons, dict):
        raise FormatError("infons is not an object", expected="BioC JSON")
    return {key: _text(value) for key, value in infons.items() if value is not None}


def _text(value: object) -> str:
    """A string as it is; a number or truth value as JSON writes it; PubTator 3's roles by their identifier."""
    if isinstance(value, dict):
        return curie(_text(value.get("identifier")), str(value.get("type")))
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _number(value: object) -> int:
    if not isinstance(value, (int, str)) or not re.fullmatch(r"[0-9]{1,9}", str(value)):
        raise FormatError(f"offset or length {str(value)[:20]!r}", expected="a number of characters")
    return int(value)


def _document_object(source: _bioc.Source) -> dict[str, object]:
    return {
        "bioctype": "BioCDocument",
        "id": source.id,
        "infons": source.infons,
        "passages": [_passage_object(passage) for passage in source.passages],
        "annotations": [],
        "relations": [
            {
                "id": relation.id,
                "infons": relation.infons,
                "nodes": [{"refid": reference, "role": role} for reference, role in relation.nodes],
            }
            for relation in source.relations
        ],
    }


def _passage_object(passage: _bioc.Passage) -> dict[str, object]:
    return {
        "bioctype": "BioCPassage",
        "offset": passage.offset,
        "infons": passage.infons,
        "text": passage.text,
        "sentences": [],
        "annotations": [
            {
                "id": annotation.id,
                "infons": annotation.infons,
                "text": annotation.text,
                "locations": [{"offset": offset, "length": length} for offset, length in annotation.locations],
            }
            for annotation in passage.annotations
        ],
        "relations": [],
    }
