"""Cloudflare Vectorize as its published schema and the known error codes describe it; other answers are samples."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "vectorize"
TOKEN = "emulated000000000000000000000vectorize00"
ACCOUNT = "00000000000000000000000000e30002"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, *errors: Mapping[str, Any]) -> Answer:
    """The form of all errors."""
    return Answer(status, {"success": False, "errors": list(errors), "messages": [], "result": None})


def indexes(*found: Mapping[str, Any]) -> Answer:
    """A list of indexes."""
    return Answer(HTTPStatus.OK, {"success": True, "errors": [], "messages": [], "result": list(found)})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, {"code": 9109, "message": "Invalid access token"})
NOT_ALLOWED = refusal(HTTPStatus.FORBIDDEN, {"code": 10000, "message": "Authentication error"})
MALFORMED = refusal(
    HTTPStatus.BAD_REQUEST,
    {
        "code": 6003,
        "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
    },
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an index", indexes({"name": "articles", "config": {"dimensions": 768, "metric": "cosine"}}), "works"),
    ("no index", indexes(), "works"),
    (
        "an account without Vectorize",
        refusal(HTTPStatus.FORBIDDEN, {"code": 1005, "message": "vectorize.not_entitled"}),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("a wrong token, told by 403", Answer(HTTPStatus.FORBIDDEN, REFUSED.body), "rejected"),
    ("a token that may not act on this account", NOT_ALLOWED, "rejected"),
    ("a header that holds no token", MALFORMED, "rejected"),
    (
        "a token limited to other addresses",
        refusal(
            HTTPStatus.FORBIDDEN,
            {"code": 9109, "message": "Cannot use the access token from location: 203.0.113.7"},
        ),
        "unavailable",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls", Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"retry-after": "300"}), "unavailable"),
    ("an outage", Answer(HTTPStatus.BAD_GATEWAY, b"<html>502</html>", {"content-type": "text/html"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Vectorize:
    """Accepts one token for one account; every other token is refused with 401, every other account with 403."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiToken": TOKEN, "accountId": ACCOUNT}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        scheme, _, shown = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not shown:
            return MALFORMED
        if shown != TOKEN:
            return REFUSED
        if call.path.startswith("/accounts/") and call.path.split("/")[2] != ACCOUNT:
            return NOT_ALLOWED
        return sampled(ID, call) or refusal(
            HTTPStatus.NOT_FOUND,
            {"code": 7003, "message": f"Could not route to {call.path}, perhaps your object identifier is invalid?"},
            {"code": 7000, "message": "No route for that URI"},
        )


EMULATOR = Vectorize()
