"""Linear's GraphQL endpoint for the documents that this package sends, as its schema and client describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

KEY = "lin_api_emulated0000000000linear"
VIEWER = {
    "id": "5f0c2a11-0000-4000-8000-000000000001",
    "name": "An emulated person",
    "email": "person@example.com",
    "organization": {
        "id": "5f0c2a11-0000-4000-8000-000000000002",
        "name": "Emulated workspace",
        "urlKey": "emulated-workspace",
    },
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def failure(status: HTTPStatus, kind: str, message: str, code: str | None = None) -> Answer:
    """A GraphQL error with the type, and where it is known the code, that the client reads."""
    extensions = {"type": kind} | ({"code": code} if code else {})
    return Answer(status, {"errors": [{"message": message, "extensions": extensions}]})


def inside_success(refused: Answer) -> Answer:
    """The same error as GraphQL servers may send it: with status 200 and no data."""
    return Answer(HTTPStatus.OK, {**refused.body, "data": None})


REFUSED = failure(
    HTTPStatus.UNAUTHORIZED,
    "authentication error",
    "Authentication required, not authenticated",
    "AUTHENTICATION_ERROR",
)
LIMITED = failure(HTTPStatus.BAD_REQUEST, "ratelimited", "Rate limit exceeded", "RATELIMITED")
UNREADABLE = failure(HTTPStatus.FORBIDDEN, "forbidden", "Invalid scope: `read` required", "FORBIDDEN")
AS_BEARER = Answer(
    HTTPStatus.BAD_REQUEST,
    {
        "errors": [
            {
                "message": "It looks like you're trying to use an API key as a Bearer token. "
                "Remove the Bearer prefix from the Authorization header."
            }
        ]
    },
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a person", Answer(HTTPStatus.OK, {"data": {"viewer": VIEWER}}), "works"),
    ("a key without Read", UNREADABLE, "works"),
    ("a key without Read, as 400", Answer(HTTPStatus.BAD_REQUEST, UNREADABLE.body), "works"),
    ("a key without Read, inside a 200", inside_success(UNREADABLE), "works"),
    ("a wrong key", REFUSED, "rejected"),
    ("a wrong key, inside a 200", inside_success(REFUSED), "rejected"),
    (
        "a wrong key, as 400 and without a code",
        failure(HTTPStatus.BAD_REQUEST, "authentication error", "No"),
        "rejected",
    ),
    ("the hourly limit, as 400", LIMITED, "unavailable"),
    ("the hourly limit, inside a 200", inside_success(LIMITED), "unavailable"),
    ("the hourly limit, as 429", Answer(HTTPStatus.TOO_MANY_REQUESTS, LIMITED.body), "unavailable"),
    (
        "a fault beside the data",
        Answer(
            HTTPStatus.OK,
            {
                **failure(HTTPStatus.OK, "internal error", "Internal server error").body,
                "data": {"viewer": VIEWER},
            },
        ),
        "unavailable",
    ),
    ("a fault", failure(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error", "Internal server error"), "unavailable"),
    ("nobody", Answer(HTTPStatus.OK, {"data": {"viewer": None}}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Linear:
    """Accepts one key, without Bearer before it; every other is refused with 401."""

    integration_id = "linear"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if (call.method, call.path) != ("POST", "/graphql"):
            return Answer(HTTPStatus.NOT_FOUND, b"")
        shown = call.headers.get("authorization", "")
        if shown.startswith("Bearer lin_api_"):
            return AS_BEARER
        if shown != KEY:
            return REFUSED
        return self._answered(call)

    def _answered(self, call: Call) -> Answer:
        """The viewer, or the sample for a document; one of another form is answered with an error."""
        body = call.json()
        document = body.get("query") if isinstance(body, dict) else None
        if isinstance(document, str) and "viewer" in document:
            return Answer(HTTPStatus.OK, {"data": {"viewer": VIEWER}})
        known = sampled(self.integration_id, call) if isinstance(document, str) else None
        return known or failure(HTTPStatus.BAD_REQUEST, "graphql error", "This emulator does not know this document.")


EMULATOR = Linear()
