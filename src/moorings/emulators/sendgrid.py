"""SendGrid's scopes of an API key and its refusals, as its published documents describe them."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "sendgrid"
KEY = "SG.emulated0000000000key.emulated00000000000000000000000000sendgrid0"
SCOPES = {"scopes": ["mail.send", "user.username.read"]}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"errors": [{"message": message, "field": None, "help": None}]}, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "The provided authorization grant is invalid, expired, or revoked")
MISSING = refusal(HTTPStatus.UNAUTHORIZED, "authorization required")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "not found")
LIMITS = {"x-ratelimit-limit": "600", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795428060"}

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a key with scopes", Answer(HTTPStatus.OK, SCOPES), "works"),
    ("a key without a scope", Answer(HTTPStatus.OK, {"scopes": []}), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("no key", MISSING, "rejected"),
    ("a refusal that says nothing of the key", refusal(HTTPStatus.FORBIDDEN, "access forbidden"), "unavailable"),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, "too many requests", LIMITS), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Sendgrid:
    """Accepts one key; every other, and none, is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "region": "global"}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("authorization")
        if shown != f"Bearer {KEY}":
            return REFUSED if shown else MISSING
        if (call.method, call.path) == ("GET", "/v3/scopes"):
            return Answer(HTTPStatus.OK, SCOPES)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Sendgrid()
