"""Postmark's server of a token, as its published document and its page of errors describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "postmark"
TOKEN = "emulated-0000-0000-postmark-token-00"
SERVER = {
    "ID": 4711,
    "Name": "Emulated server",
    "ApiTokens": ["00000000-0000-4000-8000-000000000000"],
    "ServerLink": "https://postmarkapp.com/servers/4711/overview",
    "Color": "blue",
    "SmtpApiActivated": True,
    "RawEmailEnabled": False,
    "InboundAddress": "yourhash@inbound.example.com",
    "TrackOpens": False,
    "TrackLinks": "None",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: int, message: str) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"ErrorCode": code, "Message": message})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, 10, "Bad or missing API token")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, 404, "The requested resource could not be found.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a server", Answer(HTTPStatus.OK, SERVER), "works"),
    ("a wrong token", REFUSED, "rejected"),
    (
        "a wrong token, told by another status",
        refusal(HTTPStatus.UNPROCESSABLE_ENTITY, 10, "Bad or missing API token"),
        "rejected",
    ),
    ("maintenance", refusal(HTTPStatus.SERVICE_UNAVAILABLE, 100, "Maintenance"), "unavailable"),
    (
        "a refusal by something in between",
        Answer(HTTPStatus.FORBIDDEN, b"<html><body>Forbidden</body></html>", {"content-type": "text/html"}),
        "unavailable",
    ),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, 429, "Rate limit exceeded"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, 500, "Internal server error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Postmark:
    """Accepts one server token; every other, and none, is refused with 401 and the error code 10."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"serverToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("x-postmark-server-token") != TOKEN:
            return REFUSED
        if (call.method, call.path) == ("GET", "/server"):
            return Answer(HTTPStatus.OK, SERVER)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Postmark()
