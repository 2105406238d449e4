"""Values that fit a JSON Schema, to show or to try a tool with; not random, so that they are the same each time."""

from collections.abc import Mapping
from typing import Any

from moorings.domain.tool import JsonSchema

_FORMATS = {
    "uri": "https://example.com",
    "email": "person@example.com",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "uuid": "0b6f4f0a-6c1e-4c53-9d0b-5b8d4f5a1c2d",
    "hostname": "example.com",
    "byte": "ZXhhbXBsZQ==",
    "binary": "ZXhhbXBsZQ==",
}
_FILE = {"filename": "example.txt", "content": "ZXhhbXBsZQ=="}


def fewest(schema: JsonSchema) -> dict[str, Any]:
    """An object with what is required alone; of several alternatives the first."""
    wanted = [*schema.get("required", ()), *_first(schema).get("required", ())]
    properties = {**schema.get("properties", {}), **_first(schema).get("properties", {})}
    return {name: example(properties.get(name, {}), name) for name in dict.fromkeys(wanted)}


def example(schema: JsonSchema, name: str = "example") -> Any:
    """One value: a given example, the default or the first choice before anything made up."""
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    kind = kind_of(schema)
    if kind == "string" and "type" not in schema and (first := _first(schema)):
        return example(first, name)
    return _made(schema, kind, name)


def kind_of(schema: JsonSchema) -> str:
    """The one type of a value; of several the first, and of none what the other words tell."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return str(kind) if kind else "object" if "properties" in schema else "array" if "items" in schema else "string"


def _made(schema: JsonSchema, kind: str, name: str) -> Any:
    match kind:
        case "object":
            return dict(_FILE) if _FILE.keys() <= schema.get("properties", {}).keys() else fewest(schema)
        case "array":
            items = schema.get("items")
            item: Mapping[str, Any] = items if isinstance(items, dict) else {}
            return [example(item, name) for _ in range(max(1, schema.get("minItems", 1)))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return _FORMATS.get(schema.get("format", "")) or _text(schema, name)


def _text(schema: JsonSchema, name: str) -> str:
    shortest: int = schema.get("minLength", 1)
    longest: int = schema.get("maxLength", len(name))
    return (name * (shortest // max(len(name), 1) + 1))[: max(shortest, min(len(name), longest))]


def _first(schema: JsonSchema) -> JsonSchema:
    found: JsonSchema = next(iter([*schema.get("anyOf", ()), *schema.get("oneOf", ())]), {})
    return found if isinstance(found, Mapping) else {}
