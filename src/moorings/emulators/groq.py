"""Groq's list of models, as its published document, its page of errors and public reports describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "groq"
KEY = "gsk_emulated0000000000000000groq"
MODELS = {
    "object": "list",
    "data": [{"id": "openai/gpt-emulated", "object": "model", "created": 1767225600, "owned_by": "OpenAI"}],
}
INVALID = "invalid_request_error"
FLEX_TIER_FULL = 498
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(
    status: int, message: str, kind: str = INVALID, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """The one shape of all errors; a code stands in it where there is one."""
    error = {"message": message, "type": kind} | ({"code": code} if code else {})
    return Answer(status, {"error": error}, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Invalid API Key", code="invalid_api_key")
RESTRICTED = "Organization has been restricted. Please reach out to support if you believe this was in error."

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a list of models", Answer(HTTPStatus.OK, MODELS), "works"),
    ("no models", Answer(HTTPStatus.OK, {"object": "list", "data": []}), "works"),
    (
        "a key that lacks a permission",
        refusal(HTTPStatus.FORBIDDEN, "Forbidden", code="model_permission_blocked_project"),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    (
        "a restricted organization, told by 400",
        refusal(HTTPStatus.BAD_REQUEST, RESTRICTED, code="organization_restricted"),
        "rejected",
    ),
    ("another malformed call", refusal(HTTPStatus.BAD_REQUEST, "Bad request"), "unavailable"),
    ("a network that is blocked", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("a refusal that says nothing of the key", refusal(HTTPStatus.FORBIDDEN, "Forbidden"), "unavailable"),
    (
        "too many calls",
        refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Rate limit reached",
            "requests",
            "rate_limit_exceeded",
            {"retry-after": "2"},
        ),
        "unavailable",
    ),
    (
        "no room in the flex tier",
        refusal(FLEX_TIER_FULL, "Flex tier capacity exceeded", code="capacity_exceeded"),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Groq:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/openai/v1/models"):
            return Answer(HTTPStatus.OK, MODELS)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, f"Unknown request URL: {call.method} {call.path}.")


EMULATOR = Groq()
