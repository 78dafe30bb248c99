"""What every view stands in: the frame with its navigation, and the policy under which a browser shows it.

Templates escape whatever is put into them. Text of documents goes through ``shown`` (between tags) or ``plain`` (in
attributes) as well, which make characters visible that are invisible or reorder others.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from biogloss import __version__, markup
from biogloss.apps.rest.access import service_of
from biogloss.apps.web.assets import address
from biogloss.apps.web.words import LANGUAGES, language_of, words

if TYPE_CHECKING:
    from starlette.requests import Request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing but the files of this service runs; no style, script or handler that stands in a page itself does."""
VIEWS = ("annotate", "explore", "models", "corpus")
IN_SCRIPTS = "js."
"""How the keys of those words begin that scripts say."""


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("biogloss.apps.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = lambda text: Markup(markup.safe(text))  # noqa: S704 - safe() escapes # nosec B704
    made.filters["plain"] = lambda text: Markup(markup.attribute(text))  # noqa: S704 - attribute() escapes # nosec B704
    made.globals["address"] = address
    return made


def page(request: Request, view: str, **values: Any) -> HTMLResponse:  # noqa: ANN401 - of a template
    """A whole page: the view's template in its frame."""
    language = language_of(request)
    say = words(language)
    frame = {
        "view": view,
        "views": VIEWS,
        "language": language,
        "languages": LANGUAGES,
        "said": json.dumps({key.removeprefix(IN_SCRIPTS): say[key] for key in say if key.startswith(IN_SCRIPTS)}),
        "needs_key": service_of(request).keys is not None,
        "version": __version__,
    }
    return _answer(f"{view}.html", {**frame, **values, "say": say}, language)


def piece(request: Request, template: str, **values: Any) -> HTMLResponse:  # noqa: ANN401 - of a template
    """A piece of a page, as htmx puts it where it belongs."""
    language = language_of(request)
    return _answer(template, {**values, "say": words(language), "language": language}, language)


def _answer(template: str, values: dict[str, Any], language: str) -> HTMLResponse:
    headers = {"Content-Security-Policy": POLICY, "Content-Language": language}
    return HTMLResponse(_templates().get_template(template).render(values), headers=headers)
