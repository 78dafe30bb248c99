"""``/v1/annotate``, ``/v1/relations`` and ``/v1/classify``: documents in, what a model says of them out.

curl -H 'Content-Type: text/plain' --data 'Gout hurts.' http://127.0.0.1:8000/v1/annotate
"""

from __future__ import annotations

import asyncio
import json
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from biogloss.apps.rest import media, relating
from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.batches import Busy
from biogloss.apps.rest.problems import RESPONSES, invalid
from biogloss.apps.rest.waiting import answered, busy
from biogloss.errors import Failure
from biogloss.pipeline.steps.model import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


Shown = TypeVar("Shown")
Content = TypeVar("Content")


class Failed(BaseModel):
    """A document that could not be read or annotated."""

    place: int = Field(description="Which of the documents that were sent, from 0.")
    id: str
    step: str
    error: str


class Answer(BaseModel, Generic[Shown]):
    """What was found, in the order of the documents that were sent."""

    documents: list[Shown]
    failures: list[Failed]
    left_out: dict[str, int] = Field(description="What the reader of the format did not take along, with counts.")


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


def _annotated() -> dict[str, Any]:
    """What a response holds, for the description: documents, or any format that they can be in."""
    schema = Answer[str].model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs")
    schema["title"] = "Annotated"
    schema["properties"]["documents"]["items"] = {"$ref": "#/components/schemas/Document"}
    others = {name: {"schema": {"type": "string"}} for name in media.written()}
    return {
        "description": "What was found.",
        "content": {**others, media.JSON: {"schema": schema}},
    }


@router.post("/annotate", responses={200: _annotated()}, openapi_extra={"requestBody": body()})
async def annotate(request: Request, model: Model = "", types: Types = "") -> Response:
    """Find entities, and whatever else the model's heads say, with exact offsets and identifiers."""
    annotator = service_of(request).annotators.find(model)
    wanted, name = media.wanted(request.headers.get("accept", ""))
    results, left_out = await results_of(request, annotator, listed(types), keep=False)
    is_json = name == "json"
    make = partial(media.as_json, results, left_out) if is_json else partial(media.as_format, results, name)
    return Response(await _made(make, results), media_type=wanted, headers=_headers(name))


async def _made(make: Callable[[], Content], results: Sequence[Document | Failure]) -> Content:
    """What an answer holds; of long documents it is made outside the loop that serves everybody."""
    is_long = sum(len(one.text) for one in results if not isinstance(one, Failure)) > IN_LINE_BYTES
    return await asyncio.to_thread(make) if is_long else make()


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
    annotator.check(types)
    read = await read_of(request, annotator)
    work = annotator.annotate(read.documents, types=types, keep=keep)
    return await answered(request, work, service_of(request).settings.limits), dict(read.left_out)


async def read_of(request: Request, annotator: Annotator) -> media.Read:
    """The documents in a request; before work is made of reading them, their model must have room."""
    limits = service_of(request).settings.limits
    content = await request.body()
    kind = media.kind_of(request.headers.get("content-type", ""))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise invalid([("Content-Encoding", "expected gzip or none")])
    try:
        annotator.batches.admit()
    except Busy as error:
        raise busy(error) from None
    is_long = len(content) > IN_LINE_BYTES or content.startswith(media.GZIP)
    if is_long:
        return await asyncio.to_thread(media.documents, content, kind, limits)
    return media.documents(content, kind, limits)


class Related(BaseModel):
    """The relations of a document."""

    id: str
    relations: list[relating.Relation]


@router.post("/relations", response_model=Answer[Related], openapi_extra={"requestBody": body()})
async def relations(request: Request, model: Model = "") -> Response:
    """Find relations: between the entities that the model finds, or those that documents carry where it seeks none."""
    annotator = service_of(request).annotators.find(model, RELATIONS)
    results, left_out = await results_of(request, annotator, (), keep=True)
    return await _answer(results, left_out, lambda one: Related(id=one.id, relations=relating.relations(one)))


class Classified(BaseModel):
    """The classes of a document, with the probability of each."""

    id: str
    labels: list[str]
    scores: dict[str, float]


@router.post("/classify", response_model=Answer[Classified], openapi_extra={"requestBody": body()})
async def classify(request: Request, model: Model = "") -> Response:
    """Say which classes documents are of, with the probability of each."""
    annotator = service_of(request).annotators.find(model, CLASSES)
    results, left_out = await results_of(request, annotator, (), keep=False)
    return await _answer(results, left_out, _classified)


def _classified(document: Document) -> Classified:
    scores = {name: round(score, 3) for name, score in document.label_scores}
    return Classified(id=document.id, labels=list(document.labels), scores=scores)


async def _answer(
    results: Sequence[Document | Failure], left_out: dict[str, int], shown: Callable[[Document], BaseModel]
) -> Response:
    def make() -> str:
        failures = [Failed(place=n, **media.failed(one)) for n, one in enumerate(results) if isinstance(one, Failure)]
        found = [shown(one) for one in results if not isinstance(one, Failure)]
        return Answer[BaseModel](documents=found, failures=failures, left_out=left_out).model_dump_json(
            serialize_as_any=True
        )

    return Response(await _made(make, results), media_type=media.JSON)
