"""Names to identifiers for whoever asks: what is asked, and what is answered.

answer = await linked(service, Asked(names=[Name(text="RA", type="Disease")]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from biogloss.apps.rest.media import too_large
from biogloss.apps.rest.problems import Problem
from biogloss.knowledge.concept import MAX_NAME_CHARACTERS
from biogloss.pipeline import names

if TYPE_CHECKING:
    from biogloss.apps.rest.service import Service
    from biogloss.knowledge.linker import Choice

MOST_NAMES = 1000
MOST_TYPES = 20


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""An integer as JSON Schema has it: 1.0 is one, "1" and true are none."""


class Name(BaseModel):
    """A name, its type where it is known, and what stands around it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=MAX_NAME_CHARACTERS, examples=["RA"])
    type: str = Field("", max_length=60, examples=["Disease"])
    context: str = Field(
        "",
        max_length=100_000,
        examples=["Rheumatoid arthritis (RA) hurts."],
        description="A sentence or text, which tells what the name abbreviates and which species its genes are of.",
    )


class Asked(BaseModel):
    """What is to be linked."""

    model_config = ConfigDict(extra="forbid", strict=True)

    names: list[Name] = Field(min_length=1, max_length=MOST_NAMES)
    types: list[str] = Field([], max_length=MOST_TYPES, description="What a name without a type may be.")
    top: Whole = Field(1, ge=1, le=20, description="Identifiers of each name at most.")
    threshold: float = Field(0.3, ge=0, le=1, description="Least probability of the best one.")


class Identifier(BaseModel):
    """What a name may stand for."""

    id: str = Field(examples=["MESH:D001172"])
    score: float
    name: str
    type: str
    source: str
    why: str


class Linked(BaseModel):
    """A name and its identifiers, best first; none where nothing is likely enough."""

    text: str
    type: str
    ids: list[Identifier]


class Answer(BaseModel):
    """The names in their order."""

    names: list[Linked]


async def linked(service: Service, asked: Asked) -> Answer:
    """What each name may stand for.

    Raises:
        Problem: no index is loaded, or the contexts are too long.
        ConfigError: the index has no such type.
        Busy: too much waits already.
    """
    if service.names is None:
        raise Problem(
            404, "not-loaded", "no index of terms is loaded; start the service with --index, or without --no-link"
        )
    some = [names.Name(one.text, one.type, one.context) for one in asked.names]
    if sum(len(one.context) for one in some) > service.settings.limits.characters:
        raise too_large(f"contexts of more than {service.settings.limits.characters:,} characters")
    names.check(service.names.step, asked.types)
    found = await service.names.link(some, asked.types)
    return Answer(
        names=[
            Linked(text=one.text, type=one.type, ids=_shown(choices, asked))
            for one, choices in zip(some, found, strict=True)
        ]
    )


def _shown(choices: tuple[Choice, ...], asked: Asked) -> list[Identifier]:
    if not choices or choices[0].score < asked.threshold:
        return []
    return [
        Identifier(id=one.id, score=one.score, name=one.name, type=one.type, source=one.source, why=one.reason())
        for one in choices[: asked.top]
    ]
