"""PagerDuty's abilities of an account and its refusals, as its document and its page of errors describe them."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "pagerduty"
KEY = "u+emulated0000000000pagerduty"
ABILITIES = {"abilities": ["teams", "read_only_users", "service_support_hours", "urgencies"]}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: int, message: str) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"error": {"message": message, "code": code}})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, 2006, "Authentication failed")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, 2100, "Not Found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("abilities", Answer(HTTPStatus.OK, ABILITIES), "works"),
    ("an account without abilities", Answer(HTTPStatus.OK, {"abilities": []}), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("an expired account", refusal(HTTPStatus.UNAUTHORIZED, 2012, "Your account is expired"), "unavailable"),
    ("a locked account", refusal(HTTPStatus.FORBIDDEN, 2008, "Account Locked"), "unavailable"),
    ("a key that may not", refusal(HTTPStatus.FORBIDDEN, 2010, "Access Denied"), "unavailable"),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": {"message": "Rate Limit Exceeded"}}, {"ratelimit-reset": "12"}),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, 2000, "An internal error has occurred."), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class PagerDuty:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "fromEmail": "person@example.com", "region": "us"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Token token={KEY}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/abilities"):
            return Answer(HTTPStatus.OK, ABILITIES)
        return sampled(ID, call) or UNKNOWN


EMULATOR = PagerDuty()
