"""The JSON form of a document, one object a line; ``schema.json`` beside this file is its JSON Schema.

    {"biogloss":1,"id":"7","text":"Gout is painful.","language":"en",
     "entities":[{"id":"T1","spans":[[0,4]],"label":"Disease","text":"Gout","links":[{"id":"MESH:D006073"}]}]}

A span is ``[start, end]`` in Unicode code points, half-open; a pair (role and reference, name and value, class and
probability) is an array of two. Fields that are empty are left out and keys come in a fixed order, so equal documents
give equal bytes. Scores are written with three decimals. The words of an entity are written beside its spans and
checked when they are read.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NoReturn

from biogloss.documents._json_fields import Fields, ShapeError, refuse_surrogates
from biogloss.documents.model import Citation, Document, Entity, Link, Mark, MeshHeading, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
VERSION_KEY = "biogloss"

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode

_DOCUMENT = (
    VERSION_KEY,
    *("id", "text", "language", "composition", "citation", "labels", "label_scores", "marks", "parts"),
    *("entities", "relations"),
)
_MARK = ("span", "kind", "label", "language")
_PART = ("name", "span")
_LINK = ("id", "score", "source")
_ENTITY = ("id", "spans", "label", "text", "links", "attributes", "source", "score")
_RELATION = ("id", "label", "arguments", "evidence", "source", "score")
_MESH = ("id", "name", "major", "qualifiers")
_CITATION = tuple(field.name for field in fields(Citation))
_CITATION_PAIRS = ("dates", "chemicals", "corrections")
_CITATION_LISTS = ("authors", "types", "keywords", "references", "languages")
_CITATION_TEXTS = ("pmid", "pmcid", "doi", "journal", "issn", "volume", "issue", "pages", "licence")


def to_line(document: Document) -> str:
    """The document as one line of JSON, without its line end.

    Raises:
        ValueError: a score outside [0, 1], or a lone surrogate in an id, label or other string.
    """
    line = _encode(to_json(document))
    refuse_surrogates(line, f"document {document.id!r}")
    return line


def from_line(line: str) -> Document:
    """The document in one line of JSON.

    Raises:
        ValueError: not JSON, a key given twice, or what :func:`from_json` refuses.
        OffsetError: the words of an entity are not those at its spans.
    """
    try:
        parsed = json.loads(line, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos:,}") from None
    except RecursionError:
        raise ValueError("JSON nested too deeply for a document") from None
    return from_json(parsed)


def to_json(document: Document) -> dict[str, Any]:
    """The document as the dictionaries, lists, strings and numbers of JSON.

    Raises:
        ValueError: a score outside [0, 1].
    """
    made: dict[str, Any] = {VERSION_KEY: VERSION, "id": document.id, "text": document.text}
    made["language"] = document.language
    if document.composition:
        made["composition"] = document.composition
    if document.citation is not None:
        made["citation"] = _from_citation(document.citation)
    lists: dict[str, list[Any]] = {
        "labels": list(document.labels),
        "label_scores": [[name, _score(score)] for name, score in document.label_scores],
        "marks": [_from_mark(mark) for mark in document.marks],
        "parts": [{"name": name, "span": [span.start, span.end]} for name, span in document.parts],
        "entities": [_from_entity(entity) for entity in document.entities],
        "relations": [_from_relation(relation) for relation in document.relations],
    }
    return made | {name: values for name, values in lists.items() if values}


def from_json(mapping: Mapping[str, Any]) -> Document:
    """The document in a parsed JSON object.

    Raises:
        ShapeError: a missing or unknown key, a value of another kind than the schema says, or a format version that is
            newer than this program.
        ValueError: a lone surrogate, or a span outside the text.
        OffsetError: the words of an entity are not those at its spans.
    """
    _check_version(mapping)
    record = Fields(mapping, "document", _DOCUMENT)
    return Document(
        record.text("id"),
        record.text("text"),
        record.text("language", "en"),
        marks=record.each("marks", _to_mark),
        entities=record.each("entities", _to_entity),
        relations=record.each("relations", _to_relation),
        labels=record.texts("labels"),
        parts=record.each("parts", _to_part),
        citation=_to_citation(record.inner("citation", _CITATION)) if "citation" in mapping else None,
        composition=record.text("composition", ""),
        label_scores=record.scored("label_scores"),
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise ValueError(f"the key {twice[:60]!r} is given twice in one object")
    return mapping


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _check_version(mapping: Mapping[str, Any]) -> None:
    if not isinstance(mapping, dict):
        raise ShapeError(f"expected a JSON object, found {type(mapping).__name__}")
    version = mapping.get(VERSION_KEY)
    if type(version) is not int or version < 1:
        raise ShapeError(f'no format version; expected "{VERSION_KEY}": {VERSION} in each object')
    if version > VERSION:
        raise ShapeError(
            f"format version {version} is newer than this Biogloss, which reads up to version {VERSION}; "
            "upgrade it: pip install -U biogloss"
        )


def _score(score: float) -> float:
    """Three decimals, as scores are stored everywhere; never ``-0.0``, so that equal scores give equal bytes."""
    if not 0 <= score <= 1:
        raise ValueError(f"score {score} is outside [0, 1]")
    return round(float(score), 3) + 0.0


def _from_mark(mark: Mark) -> dict[str, Any]:
    made: dict[str, Any] = {"span": [mark.span.start, mark.span.end], "kind": mark.kind}
    if mark.label:
        made["label"] = mark.label
    if mark.language:
        made["language"] = mark.language
    return made


def _from_link(link: Link) -> dict[str, Any]:
    return _with_maker({"id": link.id}, link)


def _from_entity(entity: Entity) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": entity.id,
        "spans": [[span.start, span.end] for span in entity.spans],
        "label": entity.label,
        "text": entity.text,
    }
    if entity.links:
        made["links"] = [_from_link(link) for link in entity.links]
    if entity.attributes:
        made["attributes"] = [list(pair) for pair in entity.attributes]
    return _with_maker(made, entity)


def _from_relation(relation: Relation) -> dict[str, Any]:
    made: dict[str, Any] = {"id": relation.id, "label": relation.label}
    made["arguments"] = [list(pair) for pair in relation.arguments]
    if relation.evidence:
        made["evidence"] = [[span.start, span.end] for span in relation.evidence]
    return _with_maker(made, relation)


def _with_maker(made: dict[str, Any], annotation: Link | Entity | Relation) -> dict[str, Any]:
    if annotation.source:
        made["source"] = annotation.source
    if annotation.score is not None:
        made["score"] = _score(annotation.score)
    return made


def _from_citation(citation: Citation) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in _CITATION:
        value = getattr(citation, name)
        if not value:
            continue
        if name == "mesh":
            value = [_from_heading(heading) for heading in value]
        elif name in _CITATION_PAIRS:
            value = [list(pair) for pair in value]
        made[name] = list(value) if isinstance(value, tuple) else value
    return made


def _from_heading(heading: MeshHeading) -> dict[str, Any]:
    made: dict[str, Any] = {"id": heading.id, "name": heading.name}
    if heading.major:
        made["major"] = True
    if heading.qualifiers:
        made["qualifiers"] = [list(pair) for pair in heading.qualifiers]
    return made


def _to_mark(mapping: object, place: str) -> Mark:
    record = Fields(mapping, place, _MARK)
    return Mark(record.span("span"), record.text("kind"), record.text("label", ""), record.text("language", ""))


def _to_part(mapping: object, place: str) -> tuple[str, Any]:
    record = Fields(mapping, place, _PART)
    return record.text("name"), record.span("span")


def _to_link(mapping: object, place: str) -> Link:
    record = Fields(mapping, place, _LINK)
    return Link(record.text("id"), record.score(), record.text("source", ""))


def _to_entity(mapping: object, place: str) -> Entity:
    record = Fields(mapping, place, _ENTITY)
    return Entity(
        record.text("id"),
        record.spans("spans", required=True),
        record.text("label"),
        record.text("text"),
        record.each("links", _to_link),
        record.pairs("attributes"),
        record.text("source", ""),
        record.score(),
    )


def _to_relation(mapping: object, place: str) -> Relation:
    record = Fields(mapping, place, _RELATION)
    return Relation(
        record.text("id"),
        record.text("label"),
        record.pairs("arguments", required=True),
        record.spans("evidence"),
        record.text("source", ""),
        record.score(),
    )


def _to_citation(record: Fields) -> Citation:
    values: dict[str, Any] = {name: record.text(name, "") for name in _CITATION_TEXTS}
    values |= {name: record.texts(name) for name in _CITATION_LISTS}
    values |= {name: record.pairs(name) for name in _CITATION_PAIRS}
    return Citation(**values, mesh=record.each("mesh", _to_heading), retracted=record.flag("retracted"))


def _to_heading(mapping: object, place: str) -> MeshHeading:
    record = Fields(mapping, place, _MESH)
    return MeshHeading(
        record.text("id"), record.text("name"), major=record.flag("major"), qualifiers=record.pairs("qualifiers")
    )
