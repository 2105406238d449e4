"""Anthropic's list of models, as its published document and its page of errors describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "anthropic"
KEY = "sk-ant-api03-emulated0000000000000000anthropic"
REQUEST_ID = "req_emulated000000000000"
OVERLOADED = 529
MODEL = {
    "type": "model",
    "id": "claude-emulated",
    "display_name": "Claude Emulated",
    "created_at": "2026-01-01T00:00:00Z",
    "max_input_tokens": 200000,
    "max_tokens": 64000,
    "capabilities": None,
}
MODELS = {"data": [MODEL], "first_id": MODEL["id"], "last_id": MODEL["id"], "has_more": False}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors."""
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID}
    return Answer(status, body, {"request-id": REQUEST_ID, **(headers or {})})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "authentication_error", "invalid x-api-key")
REFUSED_BEARER = refusal(HTTPStatus.UNAUTHORIZED, "authentication_error", "Invalid bearer token")
MISSING = refusal(HTTPStatus.UNAUTHORIZED, "authentication_error", "x-api-key header is required")
NO_VERSION = refusal(HTTPStatus.BAD_REQUEST, "invalid_request_error", "anthropic-version: header is required")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a list of models", Answer(HTTPStatus.OK, MODELS), "works"),
    ("trouble with the bill", refusal(HTTPStatus.PAYMENT_REQUIRED, "billing_error", "Billing error"), "works"),
    (
        "no credit left",
        refusal(
            HTTPStatus.BAD_REQUEST,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. "
            "Please go to Plans & Billing to upgrade or purchase credits.",
        ),
        "works",
    ),
    (
        "a limit of spending is reached",
        refusal(
            HTTPStatus.BAD_REQUEST,
            "invalid_request_error",
            "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
        ),
        "works",
    ),
    (
        "a key without the permission",
        refusal(HTTPStatus.FORBIDDEN, "permission_error", "Permission denied"),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("no key", MISSING, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("a call without the version", NO_VERSION, "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_error", "Rate limited", {"retry-after": "20"}),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "api_error", "Internal server error"), "unavailable"),
    ("no answer in time", refusal(HTTPStatus.GATEWAY_TIMEOUT, "timeout_error", "Request timeout"), "unavailable"),
    ("overloaded", refusal(OVERLOADED, "overloaded_error", "Overloaded"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Anthropic:
    """Accepts one key, in either of its two headers; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if problem := _stranger(call.headers):
            return problem
        if not call.headers.get("anthropic-version"):
            return NO_VERSION
        if (call.method, call.path) == ("GET", "/v1/models"):
            return Answer(HTTPStatus.OK, MODELS, {"request-id": REQUEST_ID})
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, "not_found_error", "Not found")


def _stranger(headers: Mapping[str, str]) -> Answer | None:
    if "x-api-key" in headers:
        return None if headers["x-api-key"] == KEY else REFUSED
    if "authorization" in headers:
        return None if headers["authorization"] == f"Bearer {KEY}" else REFUSED_BEARER
    return MISSING


EMULATOR = Anthropic()
