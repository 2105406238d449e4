"""Daytona's answer about the key in use and its refusals, as its published document and its guard describe them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "daytona"
KEY = "dtn_emulated00000000000000000000daytona"
CURRENT: dict[str, Any] = {
    "name": "Emulated key",
    "value": "dtn_********************ona",
    "createdAt": "2026-11-01T09:30:00.000Z",
    "permissions": ["write:sandboxes", "delete:sandboxes"],
    "lastUsedAt": None,
    "expiresAt": None,
    "userId": "auth0|emulated0000000000000001",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"statusCode": status.value, "error": status.phrase, "message": message}, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Invalid credentials")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a key that never ends", Answer(HTTPStatus.OK, CURRENT), "works"),
    ("a key with an end", Answer(HTTPStatus.OK, {**CURRENT, "expiresAt": "2027-01-01T00:00:00.000Z"}), "works"),
    ("a key without permissions", Answer(HTTPStatus.OK, {**CURRENT, "permissions": []}), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "ThrottlerException: Too Many Requests", {"retry-after": "30"}),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Daytona:
    """Accepts one key, for the service and for its toolbox; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/api-keys/current"):
            return Answer(HTTPStatus.OK, CURRENT)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, f"Cannot {call.method} /api{call.path}")


EMULATOR = Daytona()
