"""Typeform's own account of a token and its refusals, as its document describes them, and samples of other answers."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "typeform"
TOKEN = "tfp_emulated0000000000typeform"  # accepted by this stand-in alone
ME = {"user_id": "01EXAMPLE0USER", "alias": "Emulated account", "email": "forms@example.com", "language": "en"}
NAMELESS = {name: value for name, value in ME.items() if name != "user_id"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, description: str) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"code": code, "description": description})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "AUTHENTICATION_FAILED", "Authentication credentials are not valid")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Endpoint not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("the own account", Answer(HTTPStatus.OK, ME), "works"),
    ("an account without an id", Answer(HTTPStatus.OK, NAMELESS), "works"),
    ("a scope is missing", refusal(HTTPStatus.FORBIDDEN, "FORBIDDEN", "The scope is missing"), "works"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("a wrong token", REFUSED, "rejected"),
    (
        "a wrong token, told by another status",
        refusal(HTTPStatus.FORBIDDEN, "AUTHENTICATION_FAILED", "Authentication credentials are not valid"),
        "rejected",
    ),
    ("a refusal without a code", Answer(HTTPStatus.UNAUTHORIZED, {}), "rejected"),
    ("too many calls", Answer(HTTPStatus.TOO_MANY_REQUESTS, {}), "unavailable"),
    ("a fault", Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {}), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Typeform:
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
            return Answer(HTTPStatus.OK, ME)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Typeform()
