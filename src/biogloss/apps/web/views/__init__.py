"""One file a view; each has a ``router``.

views.add(app)    ->    the same application, with the pages
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biogloss.apps.web import assets
from biogloss.apps.web.views import annotate, corpus, explore, export, models

if TYPE_CHECKING:
    from fastapi import FastAPI

VIEWS = (annotate, export, explore, models, corpus)


def add(app: FastAPI) -> FastAPI:
    """Add the pages to an application of :func:`biogloss.apps.rest.factory.create`."""
    for module in (*VIEWS, assets):
        app.include_router(module.router)
    return app
