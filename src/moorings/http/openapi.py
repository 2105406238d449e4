"""The OpenAPI document: every call with its errors, and both ways to send a key."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moorings import __version__
from moorings.http import responses
from moorings.http.operation import Operation
from moorings.http.parameters import parameters
from moorings.http.routing import Call
from moorings.http.schemas.problem import Problem

PATH = "/openapi.json"
INFO = {
    "title": "Moorings",
    "version": __version__,
    "summary": "Integrations and credentials for AI agents.",
    "description": """\
Moorings holds a team's connections to third parties: a catalogue of integrations, credentials per integration and
environment, and the tools they unlock. Every answer is JSON; every error has one shape and a request id.
""",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key with the word Bearer before it."},
    "bareKey": {
        "type": "apiKey", "in": "header", "name": "Authorization",
        "description": "The same key without the word Bearer, as Runtype's examples send it.",
    },
}  # fmt: skip

References = Mapping[type, Any]


def route(calls: Sequence[Call]) -> Route:
    """Where the document is read; it is made at the first request and kept."""

    @cache
    def written() -> bytes:
        return json.dumps(document(calls), ensure_ascii=False, separators=(",", ":")).encode()

    async def answered(_: Request) -> Response:
        return Response(written(), media_type="application/json")

    return Route(PATH, answered)


def document(calls: Iterable[Call]) -> dict[str, Any]:
    """All calls that have an operation."""
    told = [(call, call.operation) for call in calls if call.operation]
    schemas, references = _schemas(operation for _, operation in told)
    paths: dict[str, dict[str, Any]] = {}
    for call, operation in told:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, operation, references)
    components = {"schemas": schemas, "securitySchemes": SECURITY, "headers": responses.quota_headers()}
    return {"openapi": "3.1.0", "info": INFO, "paths": paths, "components": components}


def _schemas(operations: Iterable[Operation]) -> tuple[Mapping[str, Any], References]:
    """All schemas by name, and what refers to each model's."""
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in operations:
        models[operation.answer, "serialization"] = None
        if operation.body:
            models[operation.body, "validation"] = None
    references, schemas = models_json_schema([*models], ref_template="#/components/schemas/{model}")
    return schemas["$defs"], {model: reference for (model, _), reference in references.items()}


def _operation(call: Call, operation: Operation, references: References) -> dict[str, Any]:
    limited = call.path.startswith("/v1/") and not call.path.startswith("/v1/health")
    description = cleandoc(call.function.__doc__ or "")
    answers = responses.responses(operation, references[operation.answer], references[Problem], limited=limited)
    answers[str(operation.status)]["description"] = description.splitlines()[0]
    told: dict[str, Any] = {
        "tags": [call.tag], "summary": operation.summary, "description": description, "operationId": operation.id,
        "responses": answers,
    }  # fmt: skip
    if taken := parameters(call, operation):
        told["parameters"] = taken
    if operation.body:
        told["requestBody"] = {"required": True, "content": responses.json(references[operation.body])}
    if limited:
        told["security"] = [{name: []} for name in SECURITY]
    return told
