"""Label Studio's tasks in JSON: texts with marked spans and relations, as it imports and exports them.

    [{"predictions": [{"model_version": "biogloss", "result": [
        {"id": "1-T1", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {"start": 0, "end": 4, "text": "Gout", "labels": ["Disease"]}}]}],
      "data": {"id": "7", "text": "Gout hurts."}}]

The form is https://labelstud.io/guide/tasks.html, for a labelling interface whose ``Labels`` are called ``label`` and
whose ``Text`` is called ``text``. Offsets are code points, CR and LF one each, as its own front end counts them
(``charsToCodePoints``). What has scores is a model's word and becomes ``predictions``, to be looked through; other
documents become ``annotations``. Results of other types than ``labels`` and ``relation`` are left out and counted.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TextIO

from biogloss.documents import Document, Entity, Relation, Span
from biogloss.errors import Failure, FormatError, InputError
from biogloss.formats._arcs import placed
from biogloss.formats._holds import ROLES, check
from biogloss.formats._json_objects import objects_with
from biogloss.formats._source import WRONG_OFFSETS, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

HOLDS = frozenset({"id", "text", "controls", "entities", "overlapping", "relations", "mention_relations"})
DROPS = frozenset(
    {"language", "title", "marks", "links", "attributes", "sources", "scores", "link_scores", "label_scores"}
    | {"concept_relations", "roles", "evidence", "citation", "composition"}
)
SUFFIXES = (".labelstudio.json",)
RECORDS = False

_EXPECTED = "a task of Label Studio: data with a text, and annotations or predictions"
_NAMES = {"from_name": "label", "to_name": "text"}
_UNNAMED = "related"
"""A relation to which nobody gave a label."""


def sniff(head: bytes) -> bool:
    """Whether it starts as JSON and names the parts of a task."""
    start = re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", head)
    named = rb'"(?:annotations|predictions)"\s*:\s*\[.*?"result"\s*:\s*\['
    return start is not None and re.search(named, head, re.DOTALL) is not None


def read(
    path: Path | str, *, encoding: str = "utf-8", report: Report | None = None, text_column: str = "text"
) -> Iterator[Document | Failure]:
    """A document for each task, called by ``id`` in its data or else by its number; a damaged task is a ``Failure``.

    Of several annotations the first that was not cancelled is read, where there is none the first prediction; others
    are counted in ``report``, as are regions whose words are not those at their offsets.

    Args:
        path: a file of tasks, as Label Studio exports them in JSON.
        encoding: of its characters.
        report: counts what is left out.
        text_column: under which key of the data the text stands.

    Raises:
        InputError: the file cannot be read, or has no object with ``data``.
    """
    report = Report() if report is None else report
    for number, found in enumerate(objects_with("data", path, encoding=encoding), 1):
        name = f"task {number:,}"
        try:
            task = found.content()
            name = _name(task, number)
            yield _document(task, name, text_column, report)
        except (InputError, ValueError) as error:
            what = FormatError(str(error), file=str(path), place=f"task at character {found.offset:,}")
            yield Failure(name[:60], "label_studio", what)


def write(documents: Iterable[Document], stream: TextIO, report: Report | None = None) -> None:
    """Write a list of tasks, one document at a time.

    Relations between concepts are drawn between the nearest mentions that state them; one without two mentions is left
    out.

    Raises:
        CannotHold: relations of other than two arguments, discontinuous entities, classes ...
    """
    stream.write("[")
    between = "\n"
    for number, given in enumerate(documents, 1):
        document = placed(given, report)
        check(document, HOLDS, DROPS, "label_studio", report)
        stream.write(between + json.dumps(_task(document, number), ensure_ascii=False))
        between = ",\n"
    stream.write("\n]\n")


def _task(document: Document, number: int) -> dict[str, object]:
    """What was annotated stands first, so that a file says early what it is."""
    ids = {entity.id: f"{number}-{entity.id}" for entity in document.entities}
    result = [_region(entity, ids[entity.id]) for entity in document.entities]
    result += [_arrow(relation, ids) for relation in document.relations]
    scores = [entity.score for entity in document.entities] + [relation.score for relation in document.relations]
    data = {"id": document.id, "text": document.text}
    if any(score is not None for score in scores):
        return {"predictions": [{"model_version": "biogloss", "result": result}], "data": data}
    return {"annotations": [{"result": result}], "data": data}


def _region(entity: Entity, name: str) -> dict[str, object]:
    value = {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [entity.label]}
    return {"id": name, **_NAMES, "type": "labels", "value": value}


def _arrow(relation: Relation, ids: Mapping[str, str]) -> dict[str, object]:
    (_, one), (_, other) = relation.arguments
    return {
        "type": "relation",
        "from_id": ids[one],
        "to_id": ids[other],
        "direction": "right",
        "labels": [relation.label],
    }


def _name(task: Mapping[str, Any], number: int) -> str:
    data = task["data"]
    if isinstance(data, dict) and isinstance(data.get("id"), str):
        return str(data["id"])
    own = task.get("id")
    return str(own) if isinstance(own, (int, str)) and not isinstance(own, bool) else str(number)


def _document(task: Mapping[str, Any], name: str, text_column: str, report: Report) -> Document:
    data = task["data"]
    text = data.get(text_column) if isinstance(data, dict) else None
    if not isinstance(text, str):
        has = ", ".join(sorted(map(str, data)))[:100] if isinstance(data, dict) else type(data).__name__
        raise FormatError(
            f"no {text_column!r} that is a text in its data; there are: {has}",
            expected=_EXPECTED,
            todo="Name the key of the texts with --text-column",
        )
    entities: dict[str, Entity] = {}
    arrows = []
    for place, item in enumerate(_result(task, report), 1):
        kind = item.get("type")
        if kind == "labels":
            _add_region(entities, item, text, place, report)
        elif kind == "relation":
            arrows.append(item)
        else:
            report.note(f"label_studio: a result of type {str(kind)[:40]!r} was not read")
    relations = [found for item in arrows if (found := _relation(item, entities, report)) is not None]
    numbered = tuple(Relation(f"R{place}", *said) for place, said in enumerate(relations, 1))
    return Document(name, text, entities=tuple(entities.values()), relations=numbered)


def _result(task: Mapping[str, Any], report: Report) -> list[dict[str, Any]]:
    """The regions and relations of the annotation that counts."""
    made = [one for one in _objects(task, "annotations") if not one.get("was_cancelled")]
    said = made or _objects(task, "predictions")
    for _ in said[1:]:
        report.note("label_studio: another annotation of the same text was not read")
    return _objects(said[0], "result") if said else []


def _objects(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    items = content.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise FormatError(f"{key} is not a list of objects", expected=_EXPECTED)
    return items


def _add_region(entities: dict[str, Entity], item: Mapping[str, Any], text: str, place: int, report: Report) -> None:
    value = item.get("value")
    labels = value.get("labels") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
        raise FormatError(f"region {place:,} has no labels", expected=_EXPECTED)
    if len(labels) != 1:
        report.note("label_studio: a region without a label, or labels of a region beyond the first, were not read")
    if not labels:
        return
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:
        raise FormatError(f"region {place:,} has no start and end", expected=_EXPECTED)
    words = text[start:end] if 0 <= start < end <= len(text) else ""
    if not words or "".join(str(value.get("text", words)).split()) != "".join(words.split()):
        report.note(f"label_studio: region {WRONG_OFFSETS}")
        return
    name = str(item.get("id") or f"T{place}")
    if name in entities:
        raise FormatError(f"two regions have the id {name[:40]!r}", expected=_EXPECTED)
    entities[name] = Entity(name, (Span(start, end),), labels[0], words)


def _relation(
    item: Mapping[str, Any], entities: Mapping[str, Entity], report: Report
) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Label and arguments; None where an end of it was left out."""
    ends = [str(item.get("from_id")), str(item.get("to_id"))]
    if any(end not in entities for end in ends):
        report.note("label_studio: relation of a left-out region, left out")
        return None
    labels = item.get("labels") or [_UNNAMED]
    if not isinstance(labels, list) or not isinstance(labels[0], str):
        raise FormatError("the labels of a relation are not texts", expected=_EXPECTED)
    if len(labels) > 1:
        report.note("label_studio: labels of a relation beyond the first were not read")
    ordered = reversed(ends) if item.get("direction") == "left" else ends
    return labels[0], tuple(zip(ROLES, ordered, strict=True))
