"""Tools as the protocol shows them: their schemas, their hints, and pages of them."""

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from mcp import MCPError
from mcp_types import INVALID_PARAMS, ListToolsResult, ToolAnnotations
from mcp_types import Tool as Shown

from moorings.domain.tool import JsonSchema, Tool

PAGE = 100
_ALWAYS = ("result", "environment", "source", "durationMs", "truncated", "retryAfter")


def page(tools: Iterable[Tool], cursor: str | None) -> ListToolsResult:
    """The tools after the cursor, by name. A cursor holds the last name shown, so that no server has to remember it."""
    after = _after(cursor)
    rest = sorted((tool for tool in tools if tool.name > after), key=lambda tool: tool.name)
    more = _cursor(rest[PAGE - 1].name) if len(rest) > PAGE else None
    return ListToolsResult(tools=[shown(tool) for tool in rest[:PAGE]], next_cursor=more)


def shown(tool: Tool) -> Shown:
    """One tool; made once, for tools are the same for as long as a server runs."""
    return _shown(_Same(tool))


class _Same:
    """A tool as a cache's key."""

    __slots__ = ("tool",)

    def __init__(self, tool: Tool) -> None:
        self.tool = tool

    def __hash__(self) -> int:
        return hash(self.tool.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.tool is self.tool


@lru_cache(maxsize=4_096)
def _shown(same: _Same) -> Shown:
    tool = same.tool
    return Shown(
        name=tool.name, title=tool.title, description=tool.description, input_schema=dict(tool.parameters),
        output_schema=envelope(tool), annotations=hints(tool),
    )  # fmt: skip


def hints(tool: Tool) -> ToolAnnotations:
    """What a client may believe. That the same call twice does no more than once is said only where it must be so."""
    # Reading changes nothing; what is deleted is deleted (RFC 9110, 9.2.2). Of any other method providers differ.
    idempotent = True if tool.read_only or tool.request.method == "DELETE" else None
    return ToolAnnotations(
        title=tool.title, read_only_hint=tool.read_only, destructive_hint=tool.destructive, idempotent_hint=idempotent,
        open_world_hint=True,
    )  # fmt: skip


def envelope(tool: Tool) -> dict[str, Any]:
    """The schema of what comes back. A provider may deviate from what it documents: anything will do as its result."""
    declared = {"anyOf": [_alone(tool.output, tool.name), {}]} if tool.output else {}
    return {
        "type": "object",
        "properties": {
            "result": {"description": "What the provider answered.", **declared},
            "environment": _field("The environment asked for; null for all.", "string", "null"),
            "source": _field("Which entry's credentials were used: environment or all.", "string", "null"),
            "durationMs": _field("How long the provider took, in milliseconds.", "integer"),
            "truncated": _field("Whether the answer went on beyond the limit and was cut.", "boolean"),
            "retryAfter": _field("Seconds the provider wants to be left alone.", "integer", "null"),
            "hint": _field("What a person has to do first, and where.", "object"),
        },
        "required": list(_ALWAYS),
    }


def _alone(schema: JsonSchema, name: str) -> dict[str, Any]:
    """A schema that refers to parts of itself needs a name of its own when it stands within another."""
    return {"$id": f"urn:moorings:tool:{name}", **schema} if "$defs" in schema else dict(schema)


def _field(description: str, *kinds: str) -> dict[str, Any]:
    return {"type": list(kinds) if len(kinds) > 1 else kinds[0], "description": description}


def _cursor(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _after(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise MCPError(INVALID_PARAMS, "This is no cursor of ours; list from the beginning.") from None
