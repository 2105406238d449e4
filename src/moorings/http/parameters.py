"""What a call takes beside its body, as the OpenAPI document tells it."""

from inspect import get_annotations
from typing import Any

from pydantic import TypeAdapter

from moorings.http.operation import Operation
from moorings.http.query import Query
from moorings.http.routing import Call

Told = dict[str, Any]

IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of your own, kept for 24 hours: the same key and body give the same answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "a7f2c6de-7d0a-4d3c-a1c5-7b2f7e6f0d11",
}


def parameters(call: Call, operation: Operation) -> list[Told]:
    """The parts of its path, its query, and the header that every POST takes."""
    query = _of_query(operation.query) if operation.query else []
    return [*_of_path(call), *query, *([IDEMPOTENCY] if call.method == "POST" else [])]


def _of_path(call: Call) -> list[Told]:
    taken = get_annotations(call.function)
    schemas = {name: TypeAdapter(taken[name]).json_schema() for name in call.param_convertors}
    return [_parameter("path", name, schema, required=True) for name, schema in schemas.items()]


def _of_query(model: type[Query]) -> list[Told]:
    schema = model.model_json_schema()
    wanted = schema.get("required", ())
    return [_parameter("query", name, part, required=name in wanted) for name, part in schema["properties"].items()]


def _parameter(place: str, name: str, schema: Told, *, required: bool) -> Told:
    description, example = schema.pop("description", ""), schema.pop("examples", [None])[0]
    schema.pop("title", None)
    schema.pop("default", None)
    # An absent parameter and one that is null are the same here; the document says it by `required: false`.
    choices = [choice for choice in schema.pop("anyOf", []) if choice.get("type") != "null"]
    schema = {**schema, **(choices[0] if choices else {})}
    found = {"name": name, "in": place, "required": required, "description": description, "schema": schema}
    return found if example is None else {**found, "example": example}
