"""Twilio's phone numbers of an account and its refusals, as its published documents and error pages describe them."""

import base64
from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "twilio"
ACCOUNT = "AC0000000000000000000000000000e001"
KEY = "SK0000000000000000000000000000e002"
SECRET = "emulated0000000000twilio0secret0"
BASIC = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
OWN = f"/2010-04-01/Accounts/{ACCOUNT}/"
LOOKUPS = "/@lookups.twilio.com/"
NONE_YET = {"incoming_phone_numbers": [], "page": 0, "page_size": 1, "start": 0, "end": 0, "next_page_uri": None}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: int, message: str) -> Answer:
    """The one shape of all errors."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer(status, {"code": code, "message": message, "more_info": more, "status": status.value})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, 20003, "Authenticate")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, 20404, "The requested resource was not found")
RESTRICTED = "Authorization error: the key lacks the permission for this call"

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an account without a number", Answer(HTTPStatus.OK, NONE_YET), "works"),
    ("a restricted key", refusal(HTTPStatus.UNAUTHORIZED, 70051, RESTRICTED), "works"),
    ("a restricted key, told by 403", refusal(HTTPStatus.FORBIDDEN, 70051, RESTRICTED), "works"),
    ("a wrong secret", REFUSED, "rejected"),
    ("a wrong secret, told by 403", refusal(HTTPStatus.FORBIDDEN, 20003, "Permission denied"), "rejected"),
    (
        "a refusal by something in between",
        Answer(HTTPStatus.FORBIDDEN, b"<html><body>Forbidden</body></html>", {"content-type": "text/html"}),
        "unavailable",
    ),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, 20429, "Too Many Requests"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, 20500, "Internal Server Error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Twilio:
    """Accepts one Main key until it deletes itself; every other is refused with 401 and the code 20003."""

    integration_id = ID

    def __init__(self) -> None:
        self._deleted = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accountSid": ACCOUNT, "apiKeySid": KEY, "secret": SECRET}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if self._deleted or call.headers.get("authorization") != BASIC:
            return REFUSED
        if (call.method, call.path) == ("DELETE", f"{OWN}Keys/{KEY}.json"):
            self._deleted = True
            return Answer(HTTPStatus.NO_CONTENT)
        if not call.path.startswith((OWN, LOOKUPS)):
            return UNKNOWN
        return sampled(ID, call) or UNKNOWN

    def reset(self) -> None:
        """As before any call."""
        self._deleted = False


EMULATOR = Twilio()
