"""Airtable's owner of a token, as its documentation and its Python client describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

TOKEN = "patEmulated000000.emulated00000000000000000000airtable"
PERSON = {"id": "usrEmulated000001", "scopes": ["data.records:read", "data.records:write", "schema.bases:read"]}
NAMED = {**PERSON, "email": "person@example.com"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, kind: str, message: str) -> Answer:
    """The form of most errors."""
    return Answer(status, {"error": {"type": kind, "message": message}})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "AUTHENTICATION_REQUIRED", "Authentication required")
LIMITED = Answer(
    HTTPStatus.TOO_MANY_REQUESTS,
    {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}]},
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a person", Answer(HTTPStatus.OK, NAMED), "works"),
    ("a person without an address", Answer(HTTPStatus.OK, PERSON), "works"),
    ("a wrong token", REFUSED, "rejected"),
    (
        "a refusal that proves nothing",
        refusal(HTTPStatus.FORBIDDEN, "INVALID_PERMISSIONS", "You are not permitted to perform this operation"),
        "unavailable",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls", LIMITED, "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "SERVER_ERROR", "Something went wrong"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Airtable:
    """Accepts one token; every other is refused with 401."""

    integration_id = "airtable"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/meta/whoami"):
            return Answer(HTTPStatus.OK, PERSON)
        if call.path.startswith(("/meta/bases", "/app")) and (known := sampled(self.integration_id, call)):
            return known
        return Answer(HTTPStatus.NOT_FOUND, {"error": "NOT_FOUND"})


EMULATOR = Airtable()
