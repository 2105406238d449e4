"""Zendesk's current user, also the one nobody is, and its refusals, with samples of its other answers."""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "zendesk"
EMAIL = "agent@example.com"
TOKEN = "emulated0000000000000000000000000zendesk"  # accepted by this stand-in alone
AGENT: Mapping[str, Any] = {
    "id": 35436,
    "url": "https://example-harbour.zendesk.com/api/v2/users/35436.json",
    "name": "Emulated Agent",
    "email": EMAIL,
    "role": "agent",
    "verified": True,
    "suspended": False,
    "authenticity_token": "made-up-and-of-no-use",
}
NOBODY: Mapping[str, Any] = {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})

REFUSED = Answer(HTTPStatus.UNAUTHORIZED, {"error": "Couldn't authenticate you"})
ANONYMOUS = Answer(HTTPStatus.OK, {"user": NOBODY})
UNKNOWN = Answer(HTTPStatus.NOT_FOUND, {"error": "InvalidEndpoint", "description": "Not found"})

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an agent", Answer(HTTPStatus.OK, {"user": AGENT}), "works"),
    ("an administrator", Answer(HTTPStatus.OK, {"user": {**AGENT, "role": "admin"}}), "works"),
    ("nobody, told by 200", ANONYMOUS, "rejected"),
    ("nobody, without an id at all", Answer(HTTPStatus.OK, {"user": {"name": "Anonymous user"}}), "rejected"),
    ("an end user", Answer(HTTPStatus.OK, {"user": {**AGENT, "role": "end-user"}}), "rejected"),
    ("a wrong token", REFUSED, "rejected"),
    (
        "a suspended user, or tokens switched off",
        Answer(HTTPStatus.FORBIDDEN, {"error": "Forbidden", "description": "Access is not allowed"}),
        "unavailable",
    ),
    ("no such subdomain", Answer(HTTPStatus.NOT_FOUND, PAGE.body, PAGE.headers), "unavailable"),
    (
        "a subdomain that moved",
        Answer(HTTPStatus.MOVED_PERMANENTLY, b"", {"location": "https://www.zendesk.com/"}),
        "unavailable",
    ),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": "TooMany"}, {"retry-after": "30"}),
        "unavailable",
    ),
    ("a fault", Answer(HTTPStatus.INTERNAL_SERVER_ERROR, b""), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "unavailable"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Zendesk:
    """Accepts one agent with one token; others are refused with 401, a call without credentials is nobody's."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"subdomain": "example-harbour", "email": EMAIL, "apiToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        own = (call.method, call.path) == ("GET", "/api/v2/users/me")
        shown = call.headers.get("authorization")
        if shown is None and own:
            return ANONYMOUS
        if shown != _basic(f"{EMAIL}/token", TOKEN):
            return REFUSED
        return Answer(HTTPStatus.OK, {"user": AGENT}) if own else sampled(ID, call) or UNKNOWN


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


EMULATOR = Zendesk()
