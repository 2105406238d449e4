"""Bodies as models, read from the bytes at once, and never said again in an error."""

from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request

from moorings.http.schemas.part import Given

JSON_TYPES = ("application/json", "+json")

B = TypeVar("B", bound=Given)

_documented: set[type[Given]] = set()


async def body_of(request: Request, model: type[B]) -> B:
    """The call's body; raises what the framework would for a wrong one, without the input."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.endswith(JSON_TYPES):
        raise RequestValidationError([{"type": "not_json", "loc": ("body",), "msg": "Content-Type: application/json."}])
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(
            [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors(include_input=False)]
        ) from None


def documented(model: type[Given]) -> dict[str, Any]:
    """The body for the OpenAPI document, for a route's `openapi_extra`."""
    _documented.add(model)
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def schemas() -> dict[str, Any]:
    """The schemas of all documented bodies, by name."""
    found: dict[str, Any] = {}
    for model in sorted(_documented, key=lambda model: model.__name__):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found
