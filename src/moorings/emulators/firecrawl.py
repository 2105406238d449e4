"""Firecrawl's team endpoint, as its v2 OpenAPI document and errors page describe it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "firecrawl"
KEY = "fc-emulated0000000000000000firecrawl"
TEAM = {
    "remainingCredits": 1000,
    "planCredits": 500000,
    "billingPeriodStart": "2026-11-01T00:00:00Z",
    "billingPeriodEnd": "2026-11-30T23:59:59Z",
}
USAGE = {"success": True, "data": TEAM}
NO_CREDITS_LEFT = {"success": True, "data": {**TEAM, "remainingCredits": 0}}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(error: str) -> dict[str, Any]:
    """The one shape of all errors."""
    return {"success": False, "error": error}


REFUSED = refusal("Unauthorized: Invalid token")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("no credit left, told by the balance", Answer(HTTPStatus.OK, NO_CREDITS_LEFT), "works"),
    (
        "no credit left, told by 402",
        Answer(HTTPStatus.PAYMENT_REQUIRED, refusal("Payment Required: Insufficient credits")),
        "works",
    ),
    ("a key without the permission", Answer(HTTPStatus.FORBIDDEN, refusal("Forbidden")), "works"),
    ("a revoked key", Answer(HTTPStatus.UNAUTHORIZED, REFUSED), "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "no usage known of the team",
        Answer(HTTPStatus.NOT_FOUND, refusal("Could not find credit usage information")),
        "unavailable",
    ),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, refusal("Rate limit exceeded"), {"retry-after": "20"}),
        "unavailable",
    ),
    ("a fault", Answer(HTTPStatus.INTERNAL_SERVER_ERROR, refusal("Internal Server Error")), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Firecrawl:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return Answer(HTTPStatus.UNAUTHORIZED, REFUSED)
        if (call.method, call.path) == ("GET", "/team/credit-usage"):
            return Answer(HTTPStatus.OK, USAGE)
        return sampled(ID, call) or Answer(HTTPStatus.NOT_FOUND, refusal("Not Found"))


EMULATOR = Firecrawl()
