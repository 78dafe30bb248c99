"""The protocol: which tools there are, and calls to them. How messages come and go is the transports' business.

server = create(service)      # an ``mcp`` server, for standard input and output or for HTTP
"""

from __future__ import annotations

import json
import logging
from time import monotonic
from typing import TYPE_CHECKING, Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from biogloss import __version__
from biogloss.apps.mcp.bounds import bounded
from biogloss.apps.mcp.catalogue import TOOLS, Tool
from biogloss.apps.rest import problems
from biogloss.apps.rest.access import allow, owner
from biogloss.apps.rest.guard import place_of
from biogloss.apps.rest.waiting import answered, in_time
from biogloss.errors import BioglossError

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from starlette.requests import Request

    from biogloss.apps.rest.service import Service

    Context = ServerRequestContext[Any, Request]

INSTRUCTIONS = (
    "Entities, identifiers and a graph of statements from biomedical text, each with the sentence it rests on. Cite "
    "document ids and sentences. For research and education, not for diagnosis."
)
SHOWN_ERRORS = 5
_HINTS = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_log = logging.getLogger("biogloss.rest")


def create(service: Service) -> Server[Any]:
    """The server of a service's tools; those are listed that it can answer."""

    async def listed(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values() if tool.is_there(service)])

    async def called(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            what = f"no tool {params.name[:60]!r}; there are: {', '.join(TOOLS)}"
            raise MCPError(types.INVALID_PARAMS, what)
        started = monotonic()
        result, outcome = await _called(service, tool, context.request, params.arguments or {})
        who = owner(context.request) if context.request is not None else ""
        _log.info("tool %s %s %.3fs key=%s", tool.name, outcome, monotonic() - started, who or "-")
        return result

    return Server(
        "biogloss",
        version=__version__,
        title="Biogloss",
        instructions=INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
        get_tool_input_schema=lambda _: None,  # no argument is asked for in a header
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=tool.arguments.model_json_schema(),
        output_schema=tool.answer.model_json_schema(mode="serialization"),
        annotations=_HINTS,
    )


async def _called(
    service: Service, tool: Tool, request: Request | None, arguments: dict[str, Any]
) -> tuple[types.CallToolResult, str]:
    """What a call comes to, and that in a word for the log; whatever goes wrong is said to who called."""
    try:
        if request is not None:
            allow(request, tool.scope)
        work = _asked(service, tool, tool.arguments.model_validate(arguments))
        limits = service.settings.limits
        answer = await (in_time(work, limits) if request is None else answered(request, work, limits))
        content = bounded(answer, *tool.lists)
    except ValidationError as error:
        return _refused(_invalid(error)), "invalid"
    except problems.Problem as problem:
        return _refused(problem.detail), problem.kind
    except BioglossError as error:
        problems.log([error])
        known = problems.of_error(error)
        return _refused(known.detail), known.kind
    except ClientDisconnect:
        return _refused("whoever asked has left"), "left"
    except Exception as error:  # noqa: BLE001 - the last resort; the words of the error may be a patient's
        _log.error("tool %s %s at %s", tool.name, type(error).__name__, place_of(error))
        return _refused("the service failed; its log says where"), "failed"
    text = types.TextContent(type="text", text=json.dumps(content, ensure_ascii=False))
    return types.CallToolResult(content=[text], structured_content=content), "ok"


async def _asked(service: Service, tool: Tool, asked: object) -> Any:  # noqa: ANN401 - one of the answers
    return await tool.call(service, asked)


def _refused(what: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=what)], is_error=True)


def _invalid(error: ValidationError) -> str:
    """Which arguments are wrong and what is expected of them."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:SHOWN_ERRORS]
    said = (f"{'.'.join(map(str, one['loc']))[:100] or 'arguments'}: {one['msg']}" for one in found)
    return f"{'; '.join(said)}. The tool's input schema says what is expected."
