"""What was annotated or corrected on the page as files of the tools that people annotate with."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from biogloss.apps.rest import media
from biogloss.apps.rest.access import needs, service_of
from biogloss.apps.rest.waiting import answered
from biogloss.apps.web.views.annotate import sent
from biogloss.formats import brat, label_studio
from biogloss.formats._arcs import between_mentions
from biogloss.formats._source import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biogloss.documents import Document

router = APIRouter(include_in_schema=False)
LEFT_OUT = "Biogloss-Left-Out"
"""The header that says what the format has no place for, with counts, in JSON."""

Tool = Annotated[Literal["brat", "label-studio"], Query(alias="as")]
Checked = Annotated[bool, Query(description="Somebody has looked at them: what they say is no guess of a model.")]


@router.post("/web/export", dependencies=[needs("annotate")])
async def exported(request: Request, tool: Tool, checked: Checked = False) -> Response:  # noqa: FBT002 - of an address
    """The documents that are sent as a file of a tool: brat's pairs in a zip archive, or tasks of Label Studio."""
    documents, service = await sent(request), service_of(request)
    size = sum(len(one.text) for one in documents)
    work = service.writing.of(lambda: _written(documents, tool, is_checked=checked), size)
    content, left_out = await answered(request, work, service.settings.limits)
    kind = "application/zip" if tool == "brat" else media.JSON
    return Response(content, media_type=kind, headers={LEFT_OUT: json.dumps(left_out)})


def _written(documents: Sequence[Document], tool: str, *, is_checked: bool) -> tuple[bytes, Report]:
    """The bytes of the file, and what it has no place for."""
    report = Report()
    said = (between_mentions(_confirmed(one) if is_checked else one, report) for one in documents)
    if tool == "brat":
        archive = io.BytesIO()
        brat.write_zip(said, archive, report)
        return archive.getvalue(), report
    stream = io.StringIO(newline="")
    label_studio.write(said, stream, report)
    return stream.getvalue().encode(), report


def _confirmed(document: Document) -> Document:
    """The document without the scores of a model."""
    return replace(
        document,
        entities=tuple(replace(one, score=None) for one in document.entities),
        relations=tuple(replace(one, score=None) for one in document.relations),
    )
