"""Every error becomes the same shape of JSON, here and nowhere else."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from moorings.domain.caller import Caller
from moorings.errors import (
    Forbidden,
    InternalError,
    InvalidBody,
    MethodNotAllowed,
    MooringsError,
    NotFound,
    Unauthenticated,
)
from moorings.http.calls import DONE, name_of
from moorings.services.denials import Denials

log = logging.getLogger(__name__)

SERVER_FAULT = 500
NOT_FOUND, METHOD_NOT_ALLOWED, BAD_REQUEST = 404, 405, 400


def problem(error: MooringsError, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    """The response to an error."""
    body: dict[str, Any] = {"error": error.message, "code": error.code}
    if error.details:
        body["details"] = [{"field": detail.field, "message": detail.message} for detail in error.details]
    body["requestId"] = request_id
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, error.status, {**(headers or {}), **_headers(error)}, "application/json")


def _headers(error: MooringsError) -> dict[str, str]:
    """What HTTP wants said beside a status."""
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowed) and error.allowed:
        return {"Allow": ", ".join(error.allowed)}
    return {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}


def register(app: Starlette, denials: Denials) -> None:
    """Let the app answer every error in our shape; the framework's own never leave the house."""

    async def ours(request: Request, error: Exception) -> Response:
        known = error if isinstance(error, MooringsError) else InternalError("This is a defect of ours.")
        return await answer_to(known, request, denials)

    async def framework(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else SERVER_FAULT
        headers = _allowed(app.routes, request.url.path) if status == METHOD_NOT_ALLOWED else None
        return problem(_of_status(status), request.scope["request_id"], headers)

    async def defect(request: Request, error: Exception) -> Response:
        return unexpected(error, name_of(request), request.scope["request_id"])

    app.add_exception_handler(Exception, defect)
    app.add_exception_handler(MooringsError, ours)
    app.add_exception_handler(HTTPException, framework)


async def answer_to(error: MooringsError, request: Request, denials: Denials) -> Response:
    """The response to one of our errors, after it was noted where it must be."""
    await _note(denials, request, error)
    request.scope[DONE] = error.done
    return problem(error, request.scope["request_id"])


def _allowed(routes: Sequence[BaseRoute], path: str) -> dict[str, str]:
    """All methods of a path; the framework names only those of the first route that fits it.

    Where several paths of the document fit, the one with the most of it written out counts, its end before its middle.
    """
    fitting = [route for route in routes if isinstance(route, Route) and route.path_regex.match(path)]
    exact = min((_templated(route.path) for route in fitting), default=())
    found = [route.methods or set() for route in fitting if _templated(route.path) == exact]
    return {"Allow": ", ".join(sorted(set().union(*found)))}


def _templated(path: str) -> tuple[bool, ...]:
    """Which parts of a path are parameters, the last one first."""
    return tuple(part.startswith("{") for part in reversed(path.split("/")))


def unexpected(error: Exception, call: str, request_id: str) -> Response:
    """The response to a defect of ours; the trace goes to the log alone."""
    log.error("a call met a defect", exc_info=error, extra={"call": call, "request_id": request_id})
    return problem(InternalError("Something went wrong here, and it is our defect; the log tells more."), request_id)


async def _note(denials: Denials, request: Request, error: MooringsError) -> None:
    call = name_of(request)
    if error.status >= SERVER_FAULT:
        log.warning(
            "a call failed", extra={"call": call, "code": error.code, "request_id": request.scope["request_id"]}
        )
    caller: Caller | None = request.scope.get("caller")
    if isinstance(error, Forbidden) and caller is not None:
        await denials.record(caller, call, error)


def _of_status(status: int) -> MooringsError:
    if status == NOT_FOUND:
        return NotFound("There is nothing at this path; /openapi.json lists what there is.")
    if status == METHOD_NOT_ALLOWED:
        return MethodNotAllowed("This path does not take this method; the Allow header names those it takes.")
    if BAD_REQUEST <= status < SERVER_FAULT:
        return InvalidBody("The body could not be read; send JSON in UTF-8 with Content-Type: application/json.")
    return InternalError("Something went wrong here, and it is our defect; the log tells more.")
