"""``/v1/link``: names in, identifiers out, as ``biogloss link`` gives them.

curl --json '{"names": [{"text": "RA", "type": "Disease", "context": "Rheumatoid arthritis (RA) hurts."}]}' .../v1/link
"""

from __future__ import annotations

from fastapi import APIRouter, Request

from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.naming import Answer, Asked, linked
from biogloss.apps.rest.problems import RESPONSES
from biogloss.apps.rest.waiting import answered

router = APIRouter(prefix="/v1", dependencies=[needs("link")], responses=RESPONSES)


@router.post("/link")
async def link(request: Request, asked: Asked) -> Answer:
    """Give names identifiers, each with its probability and the reason."""
    service = service_of(request)
    return await answered(request, linked(service, asked), service.settings.limits)
