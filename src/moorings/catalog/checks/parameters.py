"""Each parameter is described, used, and required where an address cannot do without it."""

from collections.abc import Iterator
from typing import Any

from moorings.catalog.checks.template_names import FIELDS, TEMPLATE, TOKEN, names_of
from moorings.domain.request_form import Turning
from moorings.domain.tool import MAX_PAGES, Tool


def parameter_problems(tool: Tool) -> Iterator[str]:
    """What is wrong with a tool's parameters, which are a schema."""
    properties = tool.parameters.get("properties", {})
    used = {name for name in names_of(tool.request) if not name.startswith((FIELDS, TOKEN))}
    if tool.pages:
        used.add(MAX_PAGES)
        yield from _page_problems(tool)
    if tool.parameters.get("type") != "object" or tool.parameters.get("additionalProperties") is not False:
        yield "its parameters must be an object with additionalProperties = false"
    if not tool.own_calls:
        yield from _mismatches(set(properties), used)
    required = set(tool.parameters.get("required", ()))
    yield from (f"{name} is required but not a parameter" for name in sorted(required - set(properties)))
    in_path = set(_alone_in(tool.request.base_url or "")) | set(_alone_in(tool.request.path))
    missing = (in_path & set(properties)) - required
    yield from (f"{name} stands in the address and must be required" for name in sorted(missing))
    yield from (f"the parameter {name} has no description" for name in _undescribed(properties))


def _mismatches(properties: set[str], used: set[str]) -> Iterator[str]:
    yield from (f"the template {{{name}}} names no parameter" for name in sorted(used - properties))
    yield from (f"the parameter {name} is used nowhere in the request" for name in sorted(properties - used))


def _alone_in(template: str) -> Iterator[str]:
    """Names that an address cannot do without: no alternative beside them, and not the rest of a path."""
    found = (match for match in TEMPLATE.finditer(template) if not match[0].startswith("{+"))
    return (match[1] for match in found if "|" not in match[1])


def _page_problems(tool: Tool) -> Iterator[str]:
    pages = tool.pages
    if pages is None:
        return
    if pages.turning is not Turning.LINK and pages.parameter not in tool.parameters.get("properties", {}):
        yield "its pages name no parameter that takes the cursor or number of the next one"
    if pages.turning is Turning.CURSOR and pages.next is None:
        yield "its pages do not say where the next cursor stands"


def _undescribed(properties: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, schema in properties.items():
        if not schema.get("description"):
            yield above + name
        for inner in _parts(schema):
            yield from _undescribed(inner.get("properties", {}), f"{above}{name}.")


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema, the schemas of its items and of its alternatives, at any depth."""
    if isinstance(schema, dict):
        yield schema
        for inner in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from _parts(inner)
