"""``/v1/embeddings``: texts to unit vectors, in the shape that OpenAI's clients know.

curl --json '{"input": ["Gout hurts."]}' http://127.0.0.1:8000/v1/embeddings
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.media import too_large
from biogloss.apps.rest.problems import RESPONSES, Problem
from biogloss.apps.rest.waiting import answered
from biogloss.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

router = APIRouter(prefix="/v1", dependencies=[needs("embeddings")], responses=RESPONSES)
MOST_TEXTS = 256

Text = Annotated[str, Field(min_length=1, max_length=200_000)]


class Asked(BaseModel):
    """Texts to embed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)]
    model: str = Field("", description="The embedding model's name; left out, the one that is loaded.")
    encoding_format: Literal["float", "base64"] = "float"
    user: str = Field("", description="Not used, and not kept.")


class Embedding(BaseModel):
    """The vector of one text; as base64, its little-endian 32-bit floats."""

    object: str = "embedding"
    index: int
    embedding: list[float] | str


class Usage(BaseModel):
    """How many pieces of words were read."""

    prompt_tokens: int
    total_tokens: int


class Answer(BaseModel):
    """The vectors in the order of their texts."""

    object: str = "list"
    data: list[Embedding]
    model: str
    usage: Usage


@router.post("/embeddings")
async def embeddings(request: Request, asked: Asked) -> Answer:
    """Turn texts into vectors of length one."""
    service = service_of(request)
    if service.vectors is None:
        raise Problem(404, "not-loaded", "no embedding model is loaded; start the service with --embeddings FOLDER")
    if asked.model not in {"", service.vectors.model}:
        raise ConfigError(f"no embedding model {asked.model[:60]!r} is loaded; there is: {service.vectors.model}")
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if sum(map(len, texts)) > service.settings.limits.characters:
        raise too_large(f"texts of more than {service.settings.limits.characters:,} characters")
    found = await answered(request, service.vectors.batches.submit(texts), service.settings.limits)
    count = sum(pieces for _, pieces in found)
    as_words = asked.encoding_format == "base64"
    data = [
        Embedding(index=place, embedding=_base64(vector) if as_words else vector.tolist())
        for place, (vector, _) in enumerate(found)
    ]
    return Answer(data=data, model=service.vectors.model, usage=Usage(prompt_tokens=count, total_tokens=count))


def _base64(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
