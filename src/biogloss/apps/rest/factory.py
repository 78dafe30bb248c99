"""The application: a service, its routes, and what stands around them. Other front ends are added to it.

app = create(load(Settings()))
app.include_router(pages)            # a web page asks ``request.app.state.service``, as the routes here do
"""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware

from biogloss import __version__
from biogloss.apps.rest import problems
from biogloss.apps.rest.guard import REQUEST_ID, Guard
from biogloss.apps.rest.routes import annotate, embeddings, graph, health, jobs, link, models

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from biogloss.apps.rest.service import Service

ROUTERS = (annotate, link, graph, embeddings, models, jobs, health)
_ABOUT = (
    "Entities, relations, identifiers and a graph of statements from biomedical text. Errors are RFC 9457 problems. "
    "For research and education, not for diagnosis."
)


def create(service: Service) -> FastAPI:
    """The application of a service; started, it warms up, and stopped, it finishes or keeps what is in work."""
    tools = _tools(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            async with tools.run() if tools is not None else nullcontext():
                yield
        finally:
            await service.stop()
            service.close()

    app = FastAPI(
        title="Biogloss",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,  # its page takes scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for module in ROUTERS:
        app.include_router(module.router)
    if tools is not None:
        app.include_router(tools.router)
    problems.install(app)
    app.openapi = lambda: _description(app, service)  # type: ignore[method-assign]
    if service.settings.access.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(service.settings.access.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
            expose_headers=["location", "retry-after", REQUEST_ID],
        )
    app.add_middleware(Guard, settings=service.settings, meters=service.meters)
    return app


def _tools(service: Service) -> Any:  # noqa: ANN401 - of a module that is imported only where its extra is installed
    """The route of the tools for language models, where the package that speaks their protocol is installed."""
    if find_spec("mcp") is None:
        return None
    from biogloss.apps.rest.routes.mcp import Tools  # noqa: PLC0415

    return Tools(service)


def _description(app: FastAPI, service: Service) -> dict[str, Any]:
    """The description of what this service does, in OpenAPI 3.1; made once."""
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        parts = found.setdefault("components", {})
        parts["schemas"] = {**parts.get("schemas", {}), **annotate.schemas()}
        if service.keys is None:
            parts.pop("securitySchemes", None)
            for operation in (one for path in found["paths"].values() for one in path.values()):
                operation.pop("security", None)
        app.openapi_schema = found
    return app.openapi_schema
