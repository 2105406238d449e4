"""Query parameters as models that are read once per query string.

The framework's own way resolves every parameter anew for each call, which on the calls that dashboards make all day
costs more than the work behind them. The same text means the same: it is read once and remembered.
"""

from functools import lru_cache
from typing import Any, TypeVar, cast, get_origin
from urllib.parse import parse_qs

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

REMEMBERED = 1_024
LONGEST_REMEMBERED = 1_024


class Query(BaseModel):
    """The parameters of a call; unknown ones are left alone, as everywhere on the web."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


Q = TypeVar("Q", bound=Query)


def query_of(request: Request, model: type[Q]) -> Q:
    """The call's parameters; raises what the framework would for a wrong one."""
    text: bytes = request.scope["query_string"]
    return cast("Q", _remembered(model, text) if len(text) <= LONGEST_REMEMBERED else _read(model, text))


def documented(model: type[Query]) -> dict[str, Any]:
    """The parameters for the OpenAPI document, for a route's `openapi_extra`."""
    schema = model.model_json_schema()
    return {
        "parameters": [
            {**_parameter(name, part), "required": name in schema.get("required", ())}
            for name, part in schema["properties"].items()
        ]
    }


@lru_cache(maxsize=REMEMBERED)
def _remembered(model: type[Query], query_string: bytes) -> Query:
    return _read(model, query_string)


def _read(model: type[Query], query_string: bytes) -> Query:
    given = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    lists = {field.alias or name for name, field in model.model_fields.items() if _is_list(field.annotation)}
    values = {name: found if name in lists else found[-1] for name, found in given.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(
            [{**problem, "loc": ("query", *problem["loc"])} for problem in error.errors(include_input=False)]
        ) from None


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in (tuple, list)


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    description = schema.pop("description", "")
    example = schema.pop("examples", [None])[0]
    schema.pop("title", None)
    schema.pop("default", None)
    # An absent parameter and one that is null are the same here; the document says it by `required: false`.
    choices = [choice for choice in schema.pop("anyOf", []) if choice.get("type") != "null"]
    schema = {**schema, **(choices[0] if choices else {})}
    found = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return found if example is None else {**found, "example": example}
