"""Mailchimp's account of an API key, as its published document and its page of errors describe it."""

import base64
import binascii
from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "mailchimp"
KEY = "emulated0000000000mailchimp0000-us6"
ACCOUNT = {
    "account_id": "0emulated0mailchimp00000",
    "login_id": "100000001",
    "account_name": "Emulated Harbour",
    "email": "owner@example.com",
    "role": "owner",
}
ERRORS = "https://mailchimp.com/developer/marketing/docs/errors/"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def problem(status: HTTPStatus, title: str, detail: str) -> Answer:
    """The one shape of all errors."""
    instance = "3b4dcb40-0b6b-4820-bfaa-41267b3826ea"
    body = {"type": ERRORS, "title": title, "status": status.value, "detail": detail, "instance": instance}
    return Answer(status, body, {"content-type": "application/problem+json; charset=utf-8"})


REFUSED = problem(
    HTTPStatus.UNAUTHORIZED,
    "API Key Invalid",
    "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
)
MISSING = problem(HTTPStatus.UNAUTHORIZED, "API Key Missing", "Your request did not include an API key.")
UNKNOWN = problem(HTTPStatus.NOT_FOUND, "Resource Not Found", "The requested resource could not be found.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an account", Answer(HTTPStatus.OK, ACCOUNT), "works"),
    ("a wrong key or data centre", REFUSED, "rejected"),
    (
        "a disabled key",
        problem(HTTPStatus.UNAUTHORIZED, "API Key Invalid", "API key has been disabled"),
        "rejected",
    ),
    ("no key", MISSING, "rejected"),
    (
        "throttled, told by a bare refusal",
        Answer(HTTPStatus.FORBIDDEN, b"<html><body>Forbidden</body></html>", {"content-type": "text/html"}),
        "unavailable",
    ),
    (
        "too many calls",
        problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Too Many Requests",
            "You have exceeded the limit of connections.",
        ),
        "unavailable",
    ),
    (
        "a fault",
        problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", "An unexpected internal error has occurred."
        ),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b"<html>Request blocked</html>"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


def shown_password(call: Call) -> str | None:
    """The password of HTTP Basic; None where there is none."""
    kind, _, content = call.headers.get("authorization", "").partition(" ")
    if kind != "Basic":
        return None
    try:
        return base64.b64decode(content, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class Mailchimp:
    """Accepts one key under any user name; every other, and none, is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "dc": "us6"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = shown_password(call)
        if shown != KEY:
            return REFUSED if shown else MISSING
        if (call.method, call.path) == ("GET", "/"):
            return Answer(HTTPStatus.OK, ACCOUNT)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Mailchimp()
