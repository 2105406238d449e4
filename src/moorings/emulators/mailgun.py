"""Mailgun's list of domains and its refusals, as its published document and its page of responses describe them."""

import base64
from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "mailgun"
KEY = "emulated00000000000000mailgun000-00000000-00000000"
BASIC = "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
NONE_YET = {"total_count": 0, "items": []}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str) -> Answer:
    """The form of nearly all errors."""
    return Answer(status, {"message": message})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Invalid private key")
UNKNOWN = Answer(HTTPStatus.NOT_FOUND, b"404 page not found", {"content-type": "text/plain"})

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an account without a domain", Answer(HTTPStatus.OK, NONE_YET), "works"),
    ("a wrong key or region", REFUSED, "rejected"),
    ("a wrong key, told in one word", Answer(HTTPStatus.UNAUTHORIZED, "Forbidden"), "rejected"),
    ("a role that may not list domains", refusal(HTTPStatus.FORBIDDEN, "Forbidden"), "unavailable"),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Mailgun:
    """Accepts one key under the user name api; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "domain": "mg.example.com", "region": "us"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != BASIC:
            return REFUSED
        return sampled(ID, call) or UNKNOWN


EMULATOR = Mailgun()
