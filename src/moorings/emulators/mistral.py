"""Mistral's list of models, as its published document, its error glossary and public reports describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "mistral"
KEY = "emulated0000000000000000mistral"
MODELS = {
    "object": "list",
    "data": [
        {
            "id": "mistral-emulated",
            "object": "model",
            "created": 1767225600,
            "owned_by": "mistralai",
            "capabilities": {"completion_chat": True, "function_calling": True},
            "max_context_length": 131072,
            "aliases": [],
            "type": "base",
        }
    ],
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The shape that the documentation gives to all errors."""
    body = {"object": "error", "message": message, "type": kind, "param": None, "code": None}
    return Answer(status, body, headers or {})


REFUSED = Answer(HTTPStatus.UNAUTHORIZED, {"detail": "Unauthorized"})
AT_THE_GATE = Answer(
    HTTPStatus.UNAUTHORIZED, {"message": "Unauthorized", "request_id": "c61f2f15feca71626a990e3740f99245"}
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a list of models", Answer(HTTPStatus.OK, MODELS), "works"),
    ("no models", Answer(HTTPStatus.OK, {"object": "list", "data": []}), "works"),
    (
        "a workspace that may not list models",
        refusal(HTTPStatus.FORBIDDEN, "invalid_request_error", "Forbidden"),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("a wrong key, told by the gateway", AT_THE_GATE, "rejected"),
    (
        "a wrong key, told in the documented form",
        refusal(HTTPStatus.UNAUTHORIZED, "authentication_error", "Unauthorized"),
        "rejected",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "a malformed call",
        Answer(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            {"detail": [{"loc": ["query", "provider"], "msg": "Input is not valid", "type": "value_error"}]},
        ),
        "unavailable",
    ),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_error", "Rate limit exceeded", {"retry-after": "1"}),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "Internal server error"),
        "unavailable",
    ),
    ("an outage", refusal(HTTPStatus.SERVICE_UNAVAILABLE, "server_error", "Service unavailable"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Mistral:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/v1/models"):
            return Answer(HTTPStatus.OK, MODELS)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, "invalid_request_error", "Not found")


EMULATOR = Mistral()
