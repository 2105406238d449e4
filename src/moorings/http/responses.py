"""What a call may answer, as the OpenAPI document tells it."""

from collections.abc import Mapping
from typing import Any

from moorings.http.operation import Operation

DESCRIPTIONS = {
    304: "The answer you hold (If-None-Match) is still right.",
    400: "The call is not right; `details` names each place.",
    401: "No API key, or one that is not good.",
    403: "The key may not do this; the message names the scope or environment that is missing.",
    404: "There is no such thing, or it is another owner's.",
    408: "The body did not come within a minute.",
    409: "The call does not fit the present state, or its idempotency key was used for another call.",
    413: "The body is larger than 1 MiB.",
    414: "The path and query are longer than any call needs.",
    429: "Too many calls; `Retry-After` says when to come again.",
    431: "The headers are larger than any call needs.",
    500: "Something failed here: the database, the vault, or a defect of ours.",
    502: "The provider failed, or answered with something that cannot be read.",
    504: "The provider did not answer in time.",
}
QUOTA = {
    "RateLimit-Limit": ("integer", "Calls in a full quota."),
    "RateLimit-Remaining": ("integer", "Calls that can be made at once."),
    "RateLimit-Reset": ("integer", "Seconds until the quota is full again."),
}
EVERYWHERE = (414, 429, 431)
"""What any call may answer before anybody has looked at what it wants."""
BEFORE_THE_QUOTA = (401, 414, 431)

PUBLISHED = frozenset({"deleteIntegrationCredentials"})
"""Calls whose codes are published to the letter; the quota holds for them too."""

UNCHANGED, TOO_SLOW, TOO_LARGE = 304, 408, 413

Schema = Mapping[str, Any]


def responses(operation: Operation, good: Schema, problem: Schema, *, limited: bool) -> dict[str, Any]:
    """By status; `limited` says whether the call counts against a quota."""
    found = {status: {"description": DESCRIPTIONS[status], "content": json(problem)} for status in _errors(operation)}
    if limited and operation.id not in PUBLISHED:
        found |= {status: {"description": DESCRIPTIONS[status], "content": json(problem)} for status in EVERYWHERE}
    if operation.unchanged:
        found[UNCHANGED] = {"description": DESCRIPTIONS[UNCHANGED]}
    found[operation.status] = {"content": json(good)}
    for status, response in found.items():
        response["headers"] = _headers(limited=limited and status not in BEFORE_THE_QUOTA)
    return {str(status): found[status] for status in sorted(found)}


def json(schema: Schema) -> dict[str, Any]:
    """A body of this schema."""
    return {"application/json": {"schema": schema}}


def quota_headers() -> dict[str, Any]:
    """The headers that tell of a quota, for the components of the document."""
    return {name: _header(told, kind) for name, (kind, told) in QUOTA.items()}


def _errors(operation: Operation) -> tuple[int, ...]:
    """Whatever has a body may be too large, or too slow."""
    return (TOO_SLOW, *operation.errors) if TOO_LARGE in operation.errors else operation.errors


def _headers(*, limited: bool) -> dict[str, Any]:
    quota = {name: {"$ref": f"#/components/headers/{name}"} for name in QUOTA} if limited else {}
    return {"X-Request-Id": _header("Stands in the log as well."), **quota}


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}
