"""Cloudflare's check of a user's API token, as its published schema and the known error codes describe it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "cloudflare"
TOKEN = "emulated000000000000000000000cloudflare0"
ACCOUNT_ID = "00000000000000000000000000e8a301"
TOKEN_ID = "00000000000000000000000000e30001"
ACTIVE = {"code": 10000, "message": "This API Token is valid and active"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def checked(status: str, *messages: Mapping[str, Any]) -> Answer:
    """What the check says of a token that it knows: active, disabled or expired."""
    result = {"id": TOKEN_ID, "status": status, "not_before": "2026-01-01T00:00:00Z"}
    return Answer(HTTPStatus.OK, {"result": result, "success": True, "errors": [], "messages": list(messages)})


def refusal(status: HTTPStatus, *errors: Mapping[str, Any]) -> Answer:
    """The form of all errors."""
    return Answer(status, {"success": False, "errors": list(errors), "messages": [], "result": None})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, {"code": 1000, "message": "Invalid API Token"})
MALFORMED = refusal(
    HTTPStatus.BAD_REQUEST,
    {
        "code": 6003,
        "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
    },
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an active token", checked("active", ACTIVE), "works"),
    ("a disabled token", checked("disabled"), "rejected"),
    ("an expired token", checked("expired"), "rejected"),
    ("a wrong token, or that of an account", REFUSED, "rejected"),
    ("a wrong token, as 403", Answer(HTTPStatus.FORBIDDEN, REFUSED.body), "rejected"),
    ("no token at all", MALFORMED, "rejected"),
    (
        "a wrong token, known to be none",
        refusal(HTTPStatus.FORBIDDEN, {"code": 9109, "message": "Invalid access token"}),
        "rejected",
    ),
    (
        "a token limited to other addresses",
        refusal(
            HTTPStatus.FORBIDDEN,
            {"code": 9109, "message": "Cannot use the access token from location: 203.0.113.7"},
        ),
        "unavailable",
    ),
    (
        "a token that may not do this",
        refusal(HTTPStatus.FORBIDDEN, {"code": 10000, "message": "Authentication error"}),
        "unavailable",
    ),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, b"", {"retry-after": "300"}),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.BAD_GATEWAY, b"<html>502</html>", {"content-type": "text/html"}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Cloudflare:
    """Accepts one user's token; every other is refused with 401, and a header that carries none with 400."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiToken": TOKEN, "accountId": ACCOUNT_ID}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        scheme, _, shown = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not shown:
            return MALFORMED
        if shown != TOKEN:
            return REFUSED
        if (call.method, call.path) == ("GET", "/user/tokens/verify"):
            return checked("active", ACTIVE)
        return sampled(ID, call) or _unknown(call)


def _unknown(call: Call) -> Answer:
    return refusal(
        HTTPStatus.NOT_FOUND,
        {"code": 7003, "message": f"Could not route to {call.path}, perhaps your object identifier is invalid?"},
        {"code": 7000, "message": "No route for that URI"},
    )


EMULATOR = Cloudflare()
