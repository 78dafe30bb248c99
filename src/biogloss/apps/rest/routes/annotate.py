"""``/v1/annotate``, ``/v1/relations`` and ``/v1/classify``: documents in, what a model says of them out.

curl -H 'Content-Type: text/plain' --data 'Gout hurts.' http://127.0.0.1:8000/v1/annotate
"""

from __future__ import annotations

import asyncio
import json
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from biogloss.apps.rest import media
from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.batches import Busy
from biogloss.apps.rest.problems import RESPONSES, invalid
from biogloss.apps.rest.waiting import answered, busy
from biogloss.errors import Failure
from biogloss.pipeline.steps.model import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.apps.rest.annotators import Annotator
    from biogloss.documents import Document

router = APIRouter(prefix="/v1", dependencies=[needs("annotate")], responses=RESPONSES)
CLASSES = "classification"
IN_LINE_BYTES = 20_000
"""Longer bodies are read and written outside the loop that serves everybody."""

Model = Annotated[str, Query(description="The model that is asked, as /v1/models names it; left out, the first.")]
Types = Annotated[str, Query(description="Only entities of these types, with commas between.", max_length=500)]


@cache
def document_schema() -> dict[str, Any]:
    """The schema of a document, its parts named as a description of a service has them."""
    text = resources.files("biogloss.documents").joinpath("schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.replace("#/$defs/", "#/components/schemas/Document_"))
    return found


def schemas() -> dict[str, Any]:
    """What the description refers to, by name."""
    whole = dict(document_schema())
    parts = whole.pop("$defs")
    for name in ("$schema", "$id"):
        whole.pop(name)
    short = {
        "type": "object",
        "title": "Text",
        "description": "A text, perhaps with an id and its language.",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {name: whole["properties"][name] for name in ("id", "text", "language")},
    }
    return {"Document": whole, "Text": short, **{f"Document_{name}": part for name, part in parts.items()}}


_ONE = {"anyOf": [{"$ref": "#/components/schemas/Text"}, {"$ref": "#/components/schemas/Document"}]}
_FAILURE = {
    "type": "object",
    "required": ["place", "id", "step", "error"],
    "properties": {
        "place": {"type": "integer", "description": "Which of the documents that were sent, from 0."},
        "id": {"type": "string"},
        "step": {"type": "string"},
        "error": {"type": "string"},
    },
}


def body() -> dict[str, Any]:
    """What a request holds, for the description."""
    many = {
        "type": "object",
        "required": ["documents"],
        "additionalProperties": False,
        "properties": {"documents": {"type": "array", "minItems": 1, "items": _ONE}},
    }
    return {
        "required": True,
        "description": "One document or many, up to the limits of the service (413). "
        "Beside JSON and plain text, every format of Biogloss that is one file: "
        "JSON lines (application/jsonl), XML of PubMed, PMC and BioC (application/xml), tables (text/csv, "
        "text/tab-separated-values), and each by its name (application/vnd.biogloss.pubtator). gzip is undone.",
        "content": {
            media.JSON: {"schema": {"anyOf": [*_ONE["anyOf"], many]}},
            "text/plain": {"schema": {"type": "string", "minLength": 1}},
        },
    }


def answer(documents: dict[str, Any], *, others: bool = False) -> dict[str, Any]:
    """What a response holds, for the description."""
    schema = {
        "type": "object",
        "required": ["documents", "failures", "left_out"],
        "properties": {
            "documents": {"type": "array", "items": documents},
            "failures": {"type": "array", "items": _FAILURE},
            "left_out": {
                "type": "object",
                "additionalProperties": {"type": "integer"},
                "description": "What the reader of the format did not take along, with counts.",
            },
        },
    }
    more = {name: {"schema": {"type": "string"}} for name in media.written()} if others else {}
    return {"description": "What was found.", "content": {**more, media.JSON: {"schema": schema}}}


_ANNOTATED = answer({"$ref": "#/components/schemas/Document"}, others=True)


@router.post("/annotate", responses={200: _ANNOTATED}, openapi_extra={"requestBody": body()})
async def annotate(request: Request, model: Model = "", types: Types = "") -> Response:
    """Find entities, and whatever else the model's heads say, with exact offsets and identifiers."""
    annotator = service_of(request).annotators.find(model)
    wanted, name = media.wanted(request.headers.get("accept", ""))
    results, left_out = await results_of(request, annotator, listed(types), keep=False)
    is_json = name == "json"
    make = partial(media.as_json, results, left_out) if is_json else partial(media.as_format, results, name)
    is_long = sum(len(one.text) for one in results if not isinstance(one, Failure)) > IN_LINE_BYTES
    return Response(await asyncio.to_thread(make) if is_long else make(), media_type=wanted, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    """A page is a file to keep: it runs nothing, and may have its own style."""
    if name != "html":
        return {}
    return {
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "Content-Disposition": 'attachment; filename="biogloss.html"',
    }


def listed(types: str) -> tuple[str, ...]:
    """``a,b`` as a tuple."""
    return tuple(name.strip() for name in types.split(",") if name.strip())


async def results_of(
    request: Request, annotator: Annotator, types: Sequence[str], *, keep: bool
) -> tuple[list[Document | Failure], dict[str, int]]:
    """What a model says of the documents in a request."""
    limits = service_of(request).settings.limits
    annotator.check(types)
    content = await request.body()
    kind = media.kind_of(request.headers.get("content-type", ""))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise invalid([("Content-Encoding", "expected gzip or none")])
    try:
        annotator.batches.admit()  # before work is made of reading
    except Busy as error:
        raise busy(error) from None
    is_long = len(content) > IN_LINE_BYTES or content.startswith(media.GZIP)
    read = (
        await asyncio.to_thread(media.documents, content, kind, limits)
        if is_long
        else media.documents(content, kind, limits)
    )
    work = annotator.annotate(read.documents, types=types, keep=keep)
    return await answered(request, work, limits), dict(read.left_out)


_RELATION = {
    "type": "object",
    "required": ["label", "arguments", "evidence"],
    "properties": {
        "label": {"type": "string"},
        "score": {"type": "number"},
        "arguments": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("role", "id", "text", "concept")},
            },
        },
        "evidence": {"type": "array", "items": {"type": "string"}, "description": "The sentences of the mentions."},
    },
}
_RELATED = {
    "type": "object",
    "required": ["id", "relations"],
    "properties": {"id": {"type": "string"}, "relations": {"type": "array", "items": _RELATION}},
}


@router.post("/relations", responses={200: answer(_RELATED)}, openapi_extra={"requestBody": body()})
async def relations(request: Request, model: Model = "") -> Response:
    """Find relations: between the entities that the model finds, or those that documents carry where it seeks none."""
    annotator = service_of(request).annotators.find(model, RELATIONS)
    results, left_out = await results_of(request, annotator, (), keep=True)
    return _answer(results, left_out, _related)


def _related(document: Document) -> dict[str, Any]:
    entities = {entity.id: entity for entity in document.entities}
    found = []
    for relation in document.relations:
        arguments, sentences = [], dict[tuple[int, int], str]()
        for role, reference in relation.arguments:
            entity = entities.get(reference)
            said = {"text": entity.text, "concept": entity.concept or ""} if entity else {"concept": reference}
            arguments.append({"role": role, "id": reference, **said})
            if entity:
                span = document.evidence(entity)
                sentences[span.start, span.end] = document.text[span.start : span.end]
        score = {} if relation.score is None else {"score": round(relation.score, 3)}
        evidence = [sentences[place] for place in sorted(sentences)]
        found.append({"label": relation.label, **score, "arguments": arguments, "evidence": evidence})
    return {"id": document.id, "relations": found}


_CLASSIFIED = {
    "type": "object",
    "required": ["id", "labels", "scores"],
    "properties": {
        "id": {"type": "string"},
        "labels": {"type": "array", "items": {"type": "string"}},
        "scores": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}


@router.post("/classify", responses={200: answer(_CLASSIFIED)}, openapi_extra={"requestBody": body()})
async def classify(request: Request, model: Model = "") -> Response:
    """Say which classes documents are of, with the probability of each."""
    annotator = service_of(request).annotators.find(model, CLASSES)
    results, left_out = await results_of(request, annotator, (), keep=False)
    return _answer(results, left_out, _classified)


def _classified(document: Document) -> dict[str, Any]:
    scores = {name: round(score, 3) for name, score in document.label_scores}
    return {"id": document.id, "labels": list(document.labels), "scores": scores}


def _answer(results: Sequence[Document | Failure], left_out: dict[str, int], made: Any) -> Response:  # noqa: ANN401
    failures = [{"place": place, **media.failed(one)} for place, one in enumerate(results) if isinstance(one, Failure)]
    documents = [made(one) for one in results if not isinstance(one, Failure)]
    content = {"documents": documents, "failures": failures, "left_out": left_out}
    return Response(json.dumps(content), media_type=media.JSON)
