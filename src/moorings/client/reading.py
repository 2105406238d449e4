"""Reads what came back: the answer that a call wants, or an error that holds nothing of what was sent."""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
from pydantic import ValidationError

from moorings.client.call import A, Call
from moorings.client.errors import SERVER_FAULT, ClientError, Detail, NotUnderstood, Unreachable, refusal

FAILURES = (httpx2.HTTPError, httpx2.InvalidURL)
_BUSY = 429
_SECONDS = re.compile(r"[0-9]{1,9}")


def read(call: Call[A], reply: httpx2.Response) -> A | ClientError:
    """The answer, or the error that it means; errors are returned and not raised, so that none drags a trace along."""
    body = _json(reply)
    if reply.is_success and body is not None:
        return _answer(call, reply, body)
    if isinstance(body, dict) or reply.status_code == _BUSY or reply.status_code >= SERVER_FAULT:
        return _refused(reply, body if isinstance(body, dict) else {})
    return NotUnderstood(f"What answers at {reply.url.host} is not a Moorings server.", "NOT_UNDERSTOOD")


def lost(failure: Exception, url: str) -> Unreachable:
    """The error for a call that no answer came to."""
    if isinstance(failure, httpx2.TimeoutException) and not isinstance(failure, httpx2.ConnectTimeout):
        return Unreachable(f"The server at {url} did not answer in time.", "TIMEOUT", broken=False)
    broken = isinstance(failure, httpx2.TransportError) and not isinstance(failure, httpx2.UnsupportedProtocol)
    return Unreachable(f"No server answers at {url}. Is it running, and is the address right?", broken=broken)


def _json(reply: httpx2.Response) -> Any:
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        return None


def _answer(call: Call[A], reply: httpx2.Response, body: Any) -> A | NotUnderstood:
    try:
        return call.answer.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
    details = [Detail(".".join(str(part) for part in item["loc"]), item["msg"]) for item in found]
    return NotUnderstood(
        f"The server at {reply.url.host} answered in a form that this client does not know; is one of the two older?",
        "NOT_UNDERSTOOD", reply.status_code, details, _request_id(reply, {}),
    )  # fmt: skip


def _refused(reply: httpx2.Response, body: Mapping[str, Any]) -> ClientError:
    status, code = reply.status_code, str(body.get("code", "UNKNOWN"))
    message = str(body.get("error") or f"The server at {reply.url.host} answered {status} and gave no reason.")
    request_id, retry_after = _request_id(reply, body), _retry_after(reply.headers)
    return refusal(status, code)(message, code, status, _details(body.get("details")), request_id, retry_after)


def _details(told: object) -> list[Detail]:
    found = [item for item in told if isinstance(item, dict)] if isinstance(told, list) else []
    return [Detail(str(item.get("field", "")), str(item.get("message", ""))) for item in found]


def _request_id(reply: httpx2.Response, body: Mapping[str, Any]) -> str | None:
    told = body.get("requestId") or reply.headers.get("x-request-id")
    return None if told is None else str(told)


def _retry_after(headers: httpx2.Headers) -> int | None:
    """Seconds, as told; a date counts from the moment the answer itself bears (RFC 9110, 10.2.3)."""
    told = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(told):
        return int(told)
    try:
        span = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0, round(span.total_seconds()))
