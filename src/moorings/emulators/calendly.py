"""Calendly's own user of a token and its refusals, as its published document has them, and samples of other answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "calendly"
TOKEN = "eyJemulated.0000000000000000calendly.emulated"  # accepted by this stand-in alone
ME: Mapping[str, Any] = {
    "resource": {
        "uri": "https://api.calendly.com/users/EXAMPLE0USER",
        "name": "Emulated Host",
        "slug": "emulated-host",
        "email": "host@example.com",
        "scheduling_url": "https://calendly.com/emulated-host",
        "timezone": "Europe/Berlin",
        "avatar_url": None,
        "created_at": "2026-01-12T09:00:00.000000Z",
        "updated_at": "2026-11-02T09:00:00.000000Z",
        "current_organization": "https://api.calendly.com/organizations/EXAMPLE0ORG",
    }
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, title: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"title": title, "message": message}, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Unauthenticated", "The access token is invalid")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "Resource Not Found", "The server could not find the requested resource.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("the own user", Answer(HTTPStatus.OK, ME), "works"),
    (
        "a scope is missing",
        refusal(HTTPStatus.FORBIDDEN, "Permission Denied", "You do not have permission to access this resource."),
        "works",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("a wrong token", REFUSED, "rejected"),
    (
        "an expired token",
        refusal(HTTPStatus.UNAUTHORIZED, "Unauthenticated", "The access token expired"),
        "rejected",
    ),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", "Rate limit", {"x-ratelimit-reset": "30"}),
        "unavailable",
    ),
    (
        "a fault",
        refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "Internal Server Error",
            "The server encountered an unexpected condition that prevented it from fulfilling the request.",
        ),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Calendly:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/users/me"):
            return Answer(HTTPStatus.OK, ME)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Calendly()
