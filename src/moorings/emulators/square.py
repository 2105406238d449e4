"""Square's merchant of a token and its refusals, as its document describes them; other answers are samples."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "square"
TOKEN = "EAAAEemulated0000000000000000000000square"
SELLER = {
    "merchant": {
        "id": "MLEMULATED001",
        "business_name": "Emulated harbour shop",
        "country": "US",
        "language_code": "en-US",
        "currency": "USD",
        "status": "ACTIVE",
        "main_location_id": "LEMULATED0001",
        "created_at": "2026-01-10T08:00:00.000Z",
    }
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, category: str, code: str, detail: str) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"errors": [{"category": category, "code": code, "detail": detail}]})


def unauthorized(code: str, detail: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> Answer:
    """A refusal of the token."""
    return refusal(status, "AUTHENTICATION_ERROR", code, detail)


REFUSED = unauthorized("UNAUTHORIZED", "This request could not be authorized.")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "INVALID_REQUEST_ERROR", "NOT_FOUND", "API endpoint for URL path not found.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a seller", Answer(HTTPStatus.OK, SELLER), "works"),
    (
        "a token without the permission",
        unauthorized(
            "INSUFFICIENT_SCOPES",
            "The merchant has not given your application sufficient permissions to do that.",
            HTTPStatus.FORBIDDEN,
        ),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("an expired token", unauthorized("ACCESS_TOKEN_EXPIRED", "The access token has expired."), "rejected"),
    ("a revoked token", unauthorized("ACCESS_TOKEN_REVOKED", "The access token has been revoked."), "rejected"),
    (
        "a disabled application",
        unauthorized("APPLICATION_DISABLED", "The application is disabled.", HTTPStatus.FORBIDDEN),
        "rejected",
    ),
    (
        "something else forbidden",
        unauthorized("FORBIDDEN", "You may not do that.", HTTPStatus.FORBIDDEN),
        "unavailable",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMIT_ERROR", "RATE_LIMITED", "Too many requests."),
        "unavailable",
    ),
    (
        "a fault",
        refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR, "API_ERROR", "INTERNAL_SERVER_ERROR", "An internal error has occurred."
        ),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Square:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/v2/merchants/me"):
            return Answer(HTTPStatus.OK, SELLER)
        return sampled(ID, call) or UNKNOWN


EMULATOR = Square()
