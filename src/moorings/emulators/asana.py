"""Asana's person of a token, as its published schema and its page of errors describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

TOKEN = "2/1200000000000000/emulated0000000000asana"
PERSON = {
    "gid": "1200000000000001",
    "resource_type": "user",
    "name": "An emulated person",
    "email": "person@example.com",
    "photo": None,
    "workspaces": [{"gid": "1200000000000002", "resource_type": "workspace", "name": "Emulated workspace"}],
}
HELP = "For more information on API status codes and how to handle them, read the docs on errors"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"errors": [{"message": message, "help": HELP}]}, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Not Authorized")
FAULT = Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    {"errors": [{"message": "Server Error", "phrase": "6 sad squid snuggle softly"}]},
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a person", Answer(HTTPStatus.OK, {"data": PERSON}), "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("a refusal that proves nothing", refusal(HTTPStatus.FORBIDDEN, "Forbidden"), "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "You have made too many requests recently.", {"retry-after": "30"}),
        "unavailable",
    ),
    ("a fault", FAULT, "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Asana:
    """Accepts one token; every other is refused with 401."""

    integration_id = "asana"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/users/me"):
            return Answer(HTTPStatus.OK, {"data": PERSON})
        return sampled(self.integration_id, call) or refusal(HTTPStatus.NOT_FOUND, "No matching route for request")


EMULATOR = Asana()
