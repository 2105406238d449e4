"""Intercom's admin of a token and its error codes, as its document and pages have them, and samples of the rest."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "intercom"
TOKEN = "emulated00000000000000000000000intercom="  # accepted by this stand-in alone
ADMIN: Mapping[str, Any] = {
    "type": "admin",
    "id": "1295",
    "name": "Emulated Admin",
    "email": "admin@example.com",
    "email_verified": True,
    "app": {
        "type": "app",
        "id_code": "emu12345",
        "name": "Emulated workspace",
        "created_at": 1790000000,
        "identity_verification": False,
        "region": "US",
    },
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, message: str) -> Answer:
    """The one shape of all errors."""
    errors = [{"code": code, "message": message}]
    return Answer(status, {"type": "error.list", "request_id": "b4f6c9d3-emulated", "errors": errors})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "unauthorized", "Access Token Invalid")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "not_found", "The requested resource was not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an admin", Answer(HTTPStatus.OK, ADMIN), "works"),
    (
        "a plan without this call",
        refusal(HTTPStatus.FORBIDDEN, "api_plan_restricted", "Active subscription needed."),
        "works",
    ),
    (
        "a permission is missing",
        refusal(HTTPStatus.FORBIDDEN, "forbidden", "You do not have the required scope to access this resource"),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("a revoked token", refusal(HTTPStatus.UNAUTHORIZED, "token_revoked", "Token revoked"), "rejected"),
    ("a blocked app", refusal(HTTPStatus.FORBIDDEN, "token_blocked", "App blocked"), "rejected"),
    (
        "a token of elsewhere",
        refusal(HTTPStatus.UNAUTHORIZED, "token_unauthorized", "Not authorized to access resource"),
        "rejected",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "Exceeded rate limit"),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "Server error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Intercom:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/me"):
            return Answer(HTTPStatus.OK, ADMIN)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Intercom()
