"""The words of the pages, in each language: one catalogue a file in ``words/``, all with the same keys.

words("zh")["nav.annotate"]    ->    "标注"
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from biogloss.formats import html

if TYPE_CHECKING:
    from starlette.requests import Request

LANGUAGES = ("en", "zh")


@cache
def words(language: str) -> dict[str, str]:
    """The catalogue of a language of :data:`LANGUAGES`."""
    text = files(__package__).joinpath("words", f"{language}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def in_articles(language: str) -> html.Words:
    """What documents in colour say beside their own words."""
    say = words(language)
    return html.Words(say["article.relation"], say["article.relations"], say["article.hidden"])


def language_of(request: Request) -> str:
    """The language of a page: what ``?lang=`` says, else the first known one of ``Accept-Language``, else English."""
    said = request.query_params.get("lang", "")
    accepted = [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((one for one in (said, *accepted) if one in LANGUAGES), LANGUAGES[0])
