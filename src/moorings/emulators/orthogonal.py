"""Orthogonal's credit balance and refusals, as its documentation describes them, and samples of its other answers."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "orthogonal"
KEY = "orth_test_emulated0000000000orthogonal"
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, error: str) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"success": False, "error": error, "code": code})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "Invalid or missing API key")
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "API or endpoint not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a balance", Answer(HTTPStatus.OK, {"balance": "$5.00"}), "works"),
    ("nothing left, told by 200", Answer(HTTPStatus.OK, {"balance": "$0.00"}), "works"),
    (
        "no credit left",
        refusal(HTTPStatus.PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS", "Account balance too low"),
        "works",
    ),
    ("a payment is asked for by something else", Answer(HTTPStatus.PAYMENT_REQUIRED, {}), "unavailable"),
    ("a wrong key", REFUSED, "rejected"),
    (
        "a wrong key, told by another status",
        refusal(HTTPStatus.FORBIDDEN, "UNAUTHORIZED", "Invalid or missing API key"),
        "rejected",
    ),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED", "Too many requests"), "unavailable"),
    (
        "a fault behind it",
        refusal(HTTPStatus.BAD_GATEWAY, "UPSTREAM_ERROR", "Error from the API provider"),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Orthogonal:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        return sampled(ID, call) or UNKNOWN


EMULATOR = Orthogonal()
