"""Qdrant's list of collections and its refusals, as its document and source describe them; the rest are samples."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "qdrant"
KEY = "emulated-00000000000000000000-qdrant"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def plain(status: HTTPStatus, text: str) -> Answer:
    """A refusal before the call is looked at: words, not JSON."""
    return Answer(status, text.encode(), {"content-type": "text/plain; charset=utf-8"})


def refusal(status: HTTPStatus, error: str) -> Answer:
    """The shape of all other errors."""
    return Answer(status, {"status": {"error": error}, "time": 0.000012})


def collections(*names: str) -> Answer:
    """A list of collections."""
    return Answer(
        HTTPStatus.OK,
        {"result": {"collections": [{"name": name} for name in names]}, "status": "ok", "time": 0.000012},
    )


NO_KEY = plain(HTTPStatus.UNAUTHORIZED, "Must provide an API key or an Authorization bearer token")
REFUSED = plain(HTTPStatus.UNAUTHORIZED, "Invalid API key or JWT")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a collection", collections("articles"), "works"),
    ("no collection", collections(), "works"),
    (
        "a JWT that may not list collections",
        refusal(HTTPStatus.FORBIDDEN, "Forbidden: Global access is required"),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("no key where one is needed", NO_KEY, "rejected"),
    ("an expired JWT", plain(HTTPStatus.FORBIDDEN, "ExpiredSignature"), "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "Rate limiting exceeded: Read rate limit exceeded"),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Service internal error: Emulated"),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Qdrant:
    """A server with one key, shown as api-key or as a bearer token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"url": "https://emulated.qdrant.example.com:6333", "apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("api-key") or call.headers.get("authorization", "").removeprefix("Bearer ")
        if not shown:
            return NO_KEY
        if shown != KEY:
            return REFUSED
        return sampled(ID, call) or Answer(HTTPStatus.NOT_FOUND, b"")


EMULATOR = Qdrant()
