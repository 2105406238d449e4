"""The envelope of all answers, and the errors as public records of live answers tell them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer

PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def result(value: Any, *messages: Mapping[str, Any]) -> Answer:
    """A good answer."""
    return Answer(HTTPStatus.OK, {"success": True, "errors": [], "messages": list(messages), "result": value})


def refusal(status: HTTPStatus, *errors: Mapping[str, Any]) -> Answer:
    """The form of all errors."""
    return Answer(status, {"success": False, "errors": list(errors), "messages": [], "result": None})


def failed(status: HTTPStatus, code: int, message: str) -> Answer:
    """An error with one number."""
    return refusal(status, {"code": code, "message": message})


def no_index(name: str) -> Answer:
    """An index that is not there."""
    return failed(HTTPStatus.NOT_FOUND, 3000, f'vectorize.index.not_found - Index name "{name}"')


def taken(name: str) -> Answer:
    """A name that another index bears; told by 400, not by 409."""
    return failed(HTTPStatus.BAD_REQUEST, 3002, f'vectorize.index.duplicate_name - Index name "{name}"')


def wrong_dimensions(wanted: int, got: int) -> Answer:
    """A vector that does not fit the index."""
    text = f"invalid query vector, expected {wanted} dimensions, and got {got} dimensions"
    return failed(HTTPStatus.BAD_REQUEST, 40006, text)


def no_route(path: str) -> Answer:
    """A path that is not there."""
    return refusal(
        HTTPStatus.NOT_FOUND,
        {"code": 7003, "message": f"Could not route to {path}, perhaps your object identifier is invalid?"},
        {"code": 7000, "message": "No route for that URI"},
    )


def malformed(message: str) -> Answer:
    """A body that cannot be read; its number is not public."""
    return failed(HTTPStatus.BAD_REQUEST, 40000, f"vectorize.malformed_request - {message}")


REFUSED = failed(HTTPStatus.UNAUTHORIZED, 9109, "Invalid access token")
NOT_ALLOWED = failed(HTTPStatus.FORBIDDEN, 10000, "Authentication error")
NOT_ENTITLED = failed(HTTPStatus.FORBIDDEN, 1005, "vectorize.not_entitled")
INVALID_TOKEN = failed(HTTPStatus.UNAUTHORIZED, 1000, "Invalid API Token")
NO_METADATA_INDEX = failed(HTTPStatus.BAD_REQUEST, 40005, "vectorize.metadata_index.not_found")
WANTS_JSON = failed(HTTPStatus.BAD_REQUEST, 40026, "expected `Content-Type: application/json`")
MALFORMED_HEADER = refusal(
    HTTPStatus.BAD_REQUEST,
    {
        "code": 6003,
        "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
    },
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an index", result([{"name": "articles", "config": {"dimensions": 768, "metric": "cosine"}}]), "works"),
    ("no index", result([]), "works"),
    ("an account without Vectorize", NOT_ENTITLED, "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("a wrong token, told by 403", Answer(HTTPStatus.FORBIDDEN, REFUSED.body), "rejected"),
    ("a token that may not act on this account", NOT_ALLOWED, "rejected"),
    ("a header that holds no token", MALFORMED_HEADER, "rejected"),
    (
        "a token limited to other addresses",
        failed(HTTPStatus.FORBIDDEN, 9109, "Cannot use the access token from location: 203.0.113.7"),
        "unavailable",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls", Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"retry-after": "300"}), "unavailable"),
    ("an outage", Answer(HTTPStatus.BAD_GATEWAY, b"<html>502</html>", {"content-type": "text/html"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)
