"""Jira Cloud's current user of an API token, as its published schema and Atlassian's pages describe it."""

import base64
from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

SITE = "moorings-emulated"
EMAIL = "person@example.com"
TOKEN = "ATATT3xemulated0000000000000jira"
PERSON = {
    "self": f"https://{SITE}.atlassian.net/rest/api/3/user?accountId=5b10a2844c20165700ede21g",
    "accountId": "5b10a2844c20165700ede21g",
    "accountType": "atlassian",
    "emailAddress": EMAIL,
    "displayName": "An emulated person",
    "active": True,
    "timeZone": "Europe/Berlin",
    "locale": "en_US",
}
HIDDEN = {name: value for name, value in PERSON.items() if name != "emailAddress"}
HTML = {"content-type": "text/html"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", HTML)
REFUSED = Answer(
    HTTPStatus.UNAUTHORIZED,
    b"Client must be authenticated to access this resource.",
    {"content-type": "text/plain;charset=UTF-8", "www-authenticate": 'OAuth realm="https%3A%2F%2Fexample.com"'},
)


def refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The form of Jira's own errors."""
    return Answer(status, {"errorMessages": [message], "errors": {}}, headers or {})


def gateway(message: str) -> Answer:
    """The form of a refusal by api.atlassian.com, where tokens with scopes go."""
    return Answer(HTTPStatus.UNAUTHORIZED, {"code": 401, "message": message})


SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a person", Answer(HTTPStatus.OK, PERSON), "works"),
    ("a person who hides the address", Answer(HTTPStatus.OK, HIDDEN), "works"),
    ("a token without the scope", gateway("Unauthorized; scope does not match"), "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("a wrong token with scopes", gateway("Unauthorized"), "rejected"),
    ("a refusal that says nothing", Answer(HTTPStatus.UNAUTHORIZED, b""), "rejected"),
    ("no such site", Answer(HTTPStatus.NOT_FOUND, b"<html><body>Page unavailable</body></html>", HTML), "unavailable"),
    ("a site that moved", Answer(HTTPStatus.FOUND, b"", {"location": "https://example.com/moved"}), "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, HTML), "unavailable"),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"retry-after": "5", "ratelimit-reason": "jira-burst-based"}),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Jira:
    """Accepts one pair of address and token; every other is refused with 401."""

    integration_id = "jira"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"site": SITE, "email": EMAIL, "apiToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        pair = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/rest/api/3/myself"):
            return Answer(HTTPStatus.OK, PERSON)
        return sampled(self.integration_id, call) or Answer(
            HTTPStatus.NOT_FOUND, {"message": f"null for uri: {call.path}", "status-code": 404}
        )


EMULATOR = Jira()
