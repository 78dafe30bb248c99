"""BioC XML: a collection of documents, passages at offsets, annotations with locations.

    <document><id>227508</id><passage><infon key="type">title</infon><offset>0</offset><text>Naloxone ...</text>
      <annotation id="0"><infon key="type">Chemical</infon><location offset="0" length="8"/><text>Naloxone</text>...

What becomes what is told in :mod:`_bioc`. The usual ``<!DOCTYPE collection SYSTEM "BioC.dtd">`` is never fetched; a
file that declares entities is refused. XML 1.0 has no place for control characters. The collection's own head (source,
date, key, infons) is not part of any document and is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

from lxml import etree

from biogloss.errors import CannotHold, Failure, FormatError, InputError
from biogloss.formats import _bioc
from biogloss.formats._source import Report
from biogloss.formats._xml import Record, local_name, records, root_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from biogloss.documents import Document

HOLDS = _bioc.HOLDS
DROPS = _bioc.DROPS
SUFFIXES = (".bioc.xml", ".BioC.XML", ".BioC.xml")
RECORDS = False

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n'
    "<collection>\n<source>biogloss</source>\n<date></date>\n<key></key>\n"
)


def sniff(head: bytes) -> bool:
    """Whether the first element is ``<collection>`` and BioC's first elements follow."""
    return root_name(head) == "collection" and re.search(rb"BioC|<source|<document", head) is not None


def read(path: Path | str, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The documents of a collection; a damaged one is a ``Failure``.

    An annotation whose words are not those at its offsets is left out and counted in ``report``.

    Raises:
        InputError: the file cannot be read, has no ``<document>``, or declares entities.
    """
    report = Report() if report is None else report
    for record in records(path, ("document",), step="bioc_xml", encoding=encoding):
        if isinstance(record, Failure):
            yield record
            continue
        try:
            yield _bioc.to_document(_source(record), report)
        except (InputError, ValueError) as error:
            what = FormatError(str(error), file=str(path), place=record.place)
            yield Failure(_child_text(record.element, "id")[:60] or record.place, "bioc_xml", what)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write a collection, one document at a time.

    Raises:
        CannotHold: control characters anywhere, labels of the document, and what :func:`_bioc.to_source` names.
    """
    stream.write(_HEAD)
    for document in documents:
        source = _bioc.to_source(document, HOLDS, "bioc_xml", report)
        try:
            stream.write(etree.tostring(_document_element(source), encoding="unicode") + "\n")
        except ValueError as error:
            raise CannotHold(
                f"document {document.id[:60]!r}: bioc_xml has no place for control characters in an id, label or value"
            ) from error
    stream.write("</collection>\n")


def _source(record: Record) -> _bioc.Source:
    element = record.element
    return _bioc.Source(
        _child_text(element, "id"),
        _infons(element),
        [_passage(child) for child in _children(element, "passage")],
        [_annotation(child) for child in _children(element, "annotation")],
        [_linked(child) for child in _children(element, "relation")],
    )


def _passage(element: etree._Element) -> _bioc.Passage:
    return _bioc.Passage(
        _number(_child_text(element, "offset")),
        _child_text(element, "text"),
        _infons(element),
        [_passage(child) for child in _children(element, "sentence")] if local_name(element) == "passage" else [],
        [_annotation(child) for child in _children(element, "annotation")],
        [_linked(child) for child in _children(element, "relation")],
    )


def _annotation(element: etree._Element) -> _bioc.Annotation:
    locations = _children(element, "location")
    return _bioc.Annotation(
        element.get("id", ""),
        _infons(element),
        [(_number(location.get("offset", "")), _number(location.get("length", ""))) for location in locations],
        _child_text(element, "text"),
    )


def _linked(element: etree._Element) -> _bioc.Linked:
    nodes = [(node.get("refid", ""), node.get("role", "")) for node in _children(element, "node")]
    return _bioc.Linked(element.get("id", ""), _infons(element), nodes)


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if local_name(child) == name]


def _child_text(element: etree._Element, name: str) -> str:
    return next(("".join(map(str, child.itertext())) for child in _children(element, name)), "")


def _infons(element: etree._Element) -> dict[str, str]:
    return {child.get("key", ""): "".join(map(str, child.itertext())) for child in _children(element, "infon")}


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        raise FormatError(f"offset or length {text[:20]!r}", expected="a number of characters")
    return int(text)


def _document_element(source: _bioc.Source) -> etree._Element:
    element = etree.Element("document")
    _put(element, "id", source.id)
    _put_infons(element, source.infons)
    for passage in source.passages:
        child = etree.SubElement(element, "passage")
        _put_infons(child, passage.infons)
        _put(child, "offset", str(passage.offset))
        _put(child, "text", passage.text)
        for annotation in passage.annotations:
            _put_annotation(child, annotation)
    for relation in source.relations:
        child = etree.SubElement(element, "relation", id=relation.id)
        _put_infons(child, relation.infons)
        for reference, role in relation.nodes:
            etree.SubElement(child, "node", refid=reference, role=role)
    return element


def _put_annotation(parent: etree._Element, annotation: _bioc.Annotation) -> None:
    child = etree.SubElement(parent, "annotation", id=annotation.id)
    _put_infons(child, annotation.infons)
    for offset, length in annotation.locations:
        etree.SubElement(child, "location", offset=str(offset), length=str(length))
    _put(child, "text", annotation.text)


def _put(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _put_infons(parent: etree._Element, infons: Mapping[str, str]) -> None:
    for key, value in infons.items():
        etree.SubElement(parent, "infon", key=key).text = value
