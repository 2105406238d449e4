"""Confluence Cloud's current user of an API token, as its published schemas and people's reports describe it."""

import base64
from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

SITE = "moorings-emulated"
EMAIL = "person@example.com"
TOKEN = "ATATT3xemulated00000000confluence"
PERSON = {
    "type": "known",
    "accountId": "5b10a2844c20165700ede21g",
    "accountType": "atlassian",
    "email": EMAIL,
    "publicName": "An emulated person",
    "displayName": "An emulated person",
    "isExternalCollaborator": False,
    "_expandable": {"operations": "", "personalSpace": ""},
    "_links": {"self": f"https://{SITE}.atlassian.net/wiki/rest/api/user?accountId=5b10a2844c20165700ede21g"},
}
ANONYMOUS = {"type": "anonymous", "displayName": "Anonymous", "accountId": None}
HTML = {"content-type": "text/html"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", HTML)


def refusal(status: HTTPStatus, message: str) -> Answer:
    """The form of the errors of the first version of the API."""
    return Answer(status, {"statusCode": status.value, "message": message})


def refusal_v2(status: HTTPStatus, code: str, title: str) -> Answer:
    """The form of the errors of the second version."""
    return Answer(status, {"errors": [{"status": status.value, "code": code, "title": title, "detail": None}]})


REFUSED = refusal(HTTPStatus.FORBIDDEN, "Current user not permitted to use Confluence")
NO_SCOPE = Answer(HTTPStatus.UNAUTHORIZED, {"code": 401, "message": "Unauthorized; scope does not match"})

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a person", Answer(HTTPStatus.OK, PERSON), "works"),
    ("a token without the scope", NO_SCOPE, "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("a wrong token, as 401", Answer(HTTPStatus.UNAUTHORIZED, {"code": 401, "message": "Unauthorized"}), "rejected"),
    ("a wrong token where strangers may read", Answer(HTTPStatus.OK, ANONYMOUS), "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, HTML), "unavailable"),
    ("no such site", Answer(HTTPStatus.NOT_FOUND, b"<html><body>Page unavailable</body></html>", HTML), "unavailable"),
    ("a site that moved", Answer(HTTPStatus.FOUND, b"", {"location": "https://example.com/moved"}), "unavailable"),
    ("too many calls", Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"retry-after": "5"}), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Confluence:
    """Accepts one pair of address and token; every other is refused with 403, as on a site without strangers."""

    integration_id = "confluence"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"site": SITE, "email": EMAIL, "apiToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        pair = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/wiki/rest/api/user/current"):
            return Answer(HTTPStatus.OK, PERSON)
        return sampled(self.integration_id, call) or refusal_v2(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Not Found")


EMULATOR = Confluence()
