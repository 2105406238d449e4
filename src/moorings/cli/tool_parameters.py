"""A tool's parameters as they are typed: `name=text`, `name:=json`, or one JSON object."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from moorings.domain.example import kind_of
from moorings.domain.tool import JsonSchema
from moorings.errors import Detail, InvalidRequest

_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_TYPED = ("integer", "number", "object", "null")


def given(assignments: Sequence[str], whole: str | None, schema: JsonSchema) -> dict[str, Any]:
    """The object's values and then the assigned ones; raises `InvalidRequest` for what cannot be read.

    Text is turned into the type that the schema wants. A value is never said again, for it may be private.
    """
    values = _object(whole) if whole is not None else {}
    for place, assignment in enumerate(assignments, 1):
        name, typed, text = _split(assignment, place)
        wanted = schema.get("properties", {}).get(name, {})
        values[name] = _json(text, name) if typed else _converted(text, wanted, name)
    return values


def _split(assignment: str, place: int) -> tuple[str, bool, str]:
    """The name, whether the value is JSON, and the value."""
    name, equals, text = assignment.partition("=")
    typed = name.endswith(":")
    name = name.removesuffix(":")
    if not equals or not name:
        advice = "write name=value, or name:=json for a number, a list or an object."
        raise InvalidRequest(f"Parameter {place} is no assignment; {advice}")
    return name, typed, text


def _converted(text: str, wanted: Mapping[str, Any], name: str) -> Any:
    match kind_of(wanted):
        case "boolean" if text.casefold() in _WORDS:
            return _WORDS[text.casefold()]
        case "array":
            return _list(text, wanted, name)
        case kind if kind in _TYPED:
            return _json(text, name)
    return text


def _list(text: str, wanted: Mapping[str, Any], name: str) -> Any:
    """A JSON list, or its items between commas."""
    if text.lstrip().startswith("["):
        return _json(text, name)
    items = wanted.get("items")
    item = items if isinstance(items, Mapping) else {}
    return [_converted(part.strip(), item, name) for part in text.split(",")]


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        problem = Detail(f"parameters.{name}", "Its value is neither a number, true, false, null nor other JSON.")
        raise InvalidRequest("A parameter cannot be read as JSON.", [problem]) from None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise InvalidRequest("The parameters are no JSON.") from None
    if not isinstance(found, dict):
        raise InvalidRequest("The parameters are JSON but no object.")
    return found
