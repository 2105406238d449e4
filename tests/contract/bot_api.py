"""Telegram's published methods and types in the form of the other providers' documents."""

from collections.abc import Mapping
from typing import Any

Spec = Mapping[str, Any]

PATH = "/bot{token}/"
_PLAIN = {
    "Integer": {"type": "integer"},
    "Float": {"type": "number"},
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
}


def openapi(spec: Spec) -> dict[str, Any]:
    """The same facts as an OpenAPI document; types that were trimmed away admit everything."""
    return {
        "paths": {PATH + name: _item(spec, name) for name in spec["methods"]},
        "components": {"schemas": {name: _object(spec, entry["fields"]) for name, entry in spec["types"].items()}},
    }


def _item(spec: Spec, name: str) -> dict[str, Any]:
    method = spec["methods"][name]
    result = {"anyOf": [_type(spec, kind) for kind in method["returns"]]}
    answer = {"ok": {"type": "boolean"}, "result": result, "description": {"type": "string"}}
    good = {"type": "object", "required": ["ok", "result"], "properties": answer}
    refused = {"ok": {"type": "boolean"}, "error_code": {"type": "integer"}, "description": {"type": "string"}}
    refused["parameters"] = _type(spec, "ResponseParameters")
    bad = {"type": "object", "required": ["ok", "error_code", "description"], "properties": refused}
    body = {"content": {"application/json": {"schema": _object(spec, method.get("fields", []))}}}
    operation = {"requestBody": body, "responses": {"200": _json(good), "default": _json(bad)}}
    return {"post": operation, "get": {"responses": operation["responses"]}}


def _json(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _object(spec: Spec, fields: list[Any]) -> dict[str, Any]:
    properties = {field["name"]: {"anyOf": [_type(spec, kind) for kind in field["types"]]} for field in fields}
    required = [field["name"] for field in fields if field["required"]]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _type(spec: Spec, kind: str) -> dict[str, Any]:
    if kind.startswith("Array of "):
        return {"type": "array", "items": _type(spec, kind.removeprefix("Array of "))}
    if kind in _PLAIN:
        return _PLAIN[kind]
    return {"$ref": f"#/components/schemas/{kind}"} if kind in spec["types"] else {}
