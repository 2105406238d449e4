"""Tools have names of their own and parameters that their requests use."""

import re
from collections.abc import Iterator

from moorings.catalog.checks.parameters import parameter_problems
from moorings.catalog.checks.schemas import is_schema
from moorings.domain.integration import Integration
from moorings.errors import Detail

_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


def tools(integration: Integration) -> Iterator[Detail]:
    """Doubled and overlong names, contradictions, and what is wrong with parameters."""
    seen: set[str] = set()
    for tool in integration.tools:
        place = f"tools.{tool.id}"
        if tool.id in seen:
            yield Detail(place, "the tool is declared twice")
        seen.add(tool.id)
        if not _TOOL_NAME.match(tool.name):
            yield Detail(place, f"its full name {tool.name} is longer than 64 characters")
        if tool.read_only and tool.destructive:
            yield Detail(place, "a tool that only reads destroys nothing")
        if not is_schema(dict(tool.parameters)):
            yield Detail(place, "its parameters are no JSON Schema")
        else:
            yield from (Detail(place, problem) for problem in parameter_problems(tool))
