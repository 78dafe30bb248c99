"""``/healthz``, ``/readyz`` and ``/metrics``: for who keeps the service running."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from biogloss.apps.rest import meters
from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.problems import RESPONSES, Problem

router = APIRouter(responses=RESPONSES)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """Whether the service can be asked; 503 while it cannot."""
    if problems := service_of(request).problems():
        raise Problem(503, "not-ready", "; ".join(problems), headers={"Retry-After": "5"})
    return {"status": "ready"}


@router.get(
    "/metrics",
    dependencies=[needs("metrics")],
    response_class=Response,
    responses={200: {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Counters, as Prometheus reads them."""
    return Response(service_of(request).meters.text(), media_type=meters.MEDIA_TYPE)
