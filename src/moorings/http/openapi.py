"""The OpenAPI document: every call with its errors, and both ways to send a key."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from moorings.http import body
from moorings.http.schemas.problem import Problem

DESCRIPTIONS = {
    400: "The call is not right; `details` names each place.",
    401: "No API key, or one that is not good.",
    403: "The key may not do this; the message names the scope or environment that is missing.",
    404: "There is no such thing, or it is another owner's.",
    409: "The call does not fit the present state, or its idempotency key was used for another call.",
    414: "The path and query are longer than any call needs.",
    429: "Too many calls; `Retry-After` says when to come again.",
    431: "The headers are larger than any call needs.",
    408: "The body did not come within a minute.",
    413: "The body is larger than 1 MiB.",
    500: "Something failed here: the database, the vault, or a defect of ours.",
    502: "The provider failed, or answered with something that cannot be read.",
    504: "The provider did not answer in time.",
}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The answer you hold (If-None-Match) is still right."}
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of your own, kept for 24 hours: the same key and body give the same answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "a7f2c6de-7d0a-4d3c-a1c5-7b2f7e6f0d11",
}
QUOTA = {
    "RateLimit-Limit": ("integer", "Calls in a full quota."),
    "RateLimit-Remaining": ("integer", "Calls that can be made at once."),
    "RateLimit-Reset": ("integer", "Seconds until the quota is full again."),
}
EVERYWHERE = (414, 429, 431)
"""What any call may answer before anybody has looked at what it wants."""

PUBLISHED = frozenset({"deleteIntegrationCredentials"})
"""Calls whose codes are published to the letter; the quota holds for them too."""

TOLD = "Stands in the log as well."
_GOOD = {"200", "201", "202"}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for these error statuses."""
    slow = (408,) if 413 in statuses else ()  # noqa: PLR2004 - whatever has a body may be too large or too slow
    return {status: {"model": Problem, "description": DESCRIPTIONS[status]} for status in (*slow, *statuses)}


def install(app: FastAPI) -> None:
    """Replace the framework's document by ours, made at the first request and kept."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI documents this as the way to do it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes,
        tags=app.openapi_tags, license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    schemas = document["components"]["schemas"]
    schemas |= body.schemas()
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = _security_schemes()
    document["components"]["headers"] = {name: _header(told, kind) for name, (kind, told) in QUOTA.items()}
    for path, calls in document["paths"].items():
        for method, operation in calls.items():
            _finish(path, method, operation)
    return document


def _finish(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["responses"].pop("422", None)
    for code in _GOOD & set(operation["responses"]):
        operation["responses"][code]["description"] = operation["description"].splitlines()[0]
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for response in operation["responses"].values():
        response.setdefault("headers", {})["X-Request-Id"] = _header(TOLD)
    if path.startswith("/v1/") and not path.startswith("/v1/health"):
        operation["security"] = [{"bearer": []}, {"bareKey": []}]
        _limit(operation)
    if method == "post":
        operation.setdefault("parameters", []).append(IDEMPOTENCY)


def _limit(operation: dict[str, Any]) -> None:
    """What every call with a quota may answer, and tells of it."""
    responses = operation["responses"]
    if operation["operationId"] not in PUBLISHED:
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for status in EVERYWHERE:
            refused = {"description": DESCRIPTIONS[status], "content": content}
            responses[str(status)] = {**refused, "headers": {"X-Request-Id": _header(TOLD)}}
    operation["responses"] = dict(sorted(responses.items()))
    for code in operation["responses"].keys() - {"401", "414", "431"}:
        responses[code]["headers"] |= {name: {"$ref": f"#/components/headers/{name}"} for name in QUOTA}


def _header(description: str, kind: str = "string") -> Mapping[str, Any]:
    return {"description": description, "schema": {"type": kind}}


def _security_schemes() -> dict[str, Any]:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key with the word Bearer before it."},
        "bareKey": {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "The same key without the word Bearer, as Runtype's examples send it.",
        },
    }  # fmt: skip
