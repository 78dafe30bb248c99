"""``/v1/models``: what is loaded, in the shape that OpenAI's clients know, with what each model can say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.problems import RESPONSES
from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from biogloss.apps.rest.annotators import Annotator

router = APIRouter(prefix="/v1", dependencies=[needs("annotate")], responses=RESPONSES)


class Head(BaseModel):
    """What one head of a model says."""

    name: str
    task: str
    labels: list[str]


class Model(BaseModel):
    """A loaded model."""

    id: str
    object: str = "model"
    owned_by: str = "biogloss"
    language: str
    heads: list[Head]
    embeddings: bool


class Models(BaseModel):
    """All that are loaded."""

    object: str = "list"
    data: list[Model]


class Card(Model):
    """A model with its card."""

    card: str


@router.get("/models")
async def models(request: Request) -> Models:
    """List the models that can be asked."""
    service = service_of(request)
    own = [Model(**_shown(one)) for one in service.annotators.all.values()]
    known = {one.id: one for one in own}
    if service.vectors is not None:
        name = service.vectors.model
        known[name] = (
            known[name].model_copy(update={"embeddings": True})
            if name in known
            else Model(id=name, language="", heads=[], embeddings=True)
        )
    return Models(data=list(known.values()))


@router.get("/models/{name}")
async def model(request: Request, name: str) -> Card:
    """Show a model's card: types, training data, licences, scores."""
    service = service_of(request)
    if name not in service.annotators.all:
        raise ConfigError(f"no model {name[:60]!r} is loaded; there are: {', '.join(service.annotators.all)}")
    found = service.annotators.all[name]
    embeds = service.vectors is not None and service.vectors.model == name
    card = (found.folder / "README.md").read_text(encoding="utf-8")
    return Card(**{**_shown(found), "embeddings": embeds}, card=card)


def _shown(one: Annotator) -> dict[str, Any]:
    heads = [Head(name=head.name, task=head.task, labels=list(head.labels)) for head in one.heads]
    return {"id": one.name, "language": one.language, "heads": heads, "embeddings": False}
