"""What a Weaviate says: before a call is looked at in one shape, after it in another."""

from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer


class Refused(ValueError):
    """The server will not do it; the message is its own."""


PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def unauthorized(message: str) -> Answer:
    """The shape of what is refused at the door."""
    return Answer(HTTPStatus.UNAUTHORIZED, {"code": 401, "message": message})


def refusal(status: HTTPStatus, *messages: str) -> Answer:
    """The shape of all other errors."""
    return Answer(status, {"error": [{"message": message} for message in messages]})


def classes(*found: dict[str, Any]) -> Answer:
    """A schema."""
    return Answer(HTTPStatus.OK, {"classes": list(found)})


NO_KEY = unauthorized(
    "anonymous access not enabled. Please authenticate through one of the available methods: [API-keys]"
)
REFUSED = unauthorized("unauthorized: invalid api key")
FORBIDDEN = refusal(
    HTTPStatus.FORBIDDEN, "rbac: authorization, forbidden action: user 'emulated' has insufficient permissions"
)
NOTHING = Answer(HTTPStatus.NOT_FOUND)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a collection", classes({"class": "Article"}), "works"),
    ("no collection", classes(), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("no key where one is needed", NO_KEY, "rejected"),
    ("a key that may not look", FORBIDDEN, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("a path that is not there", NOTHING, "unavailable"),
    ("too many calls", Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"retry-after": "5"}), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "leader not found"), "unavailable"),
    ("not ready", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)
