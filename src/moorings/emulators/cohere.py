"""Cohere's check of an API key, as its document and its page of errors describe it; other answers are samples."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "cohere"
KEY = "emulated0000000000000000cohere"
CHECKED = {
    "valid": True,
    "organization_id": "5f0c2a11-0000-4000-8000-000000000001",
    "owner_id": "5f0c2a11-0000-4000-8000-000000000002",
}
DENY_LISTED = 498
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: int, message: str) -> Answer:
    """The one shape of all errors."""
    return Answer(status, {"id": "5f0c2a11-0000-4000-8000-000000000003", "message": message})


def checked(**changes: Any) -> Answer:
    """The answer to a check, with other values."""
    return Answer(HTTPStatus.OK, CHECKED | changes)


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "invalid api token")
MISSING = refusal(HTTPStatus.UNAUTHORIZED, "no api key supplied")
TRIAL_LIMIT = (
    "You are using a Trial key, which is limited to 40 API calls / minute. You can continue to use the Trial key for "
    "free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'."
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a good key", checked(), "works"),
    ("a good key and no word of its organization", Answer(HTTPStatus.OK, {"valid": True}), "works"),
    (
        "a payment is due",
        refusal(
            HTTPStatus.PAYMENT_REQUIRED,
            "Please add or update your payment method at https://dashboard.cohere.com/billing?tab=payment to continue",
        ),
        "works",
    ),
    ("a trial key at its limit", refusal(HTTPStatus.TOO_MANY_REQUESTS, TRIAL_LIMIT), "works"),
    (
        "a trial key at its limit of tokens",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "trial token rate limit exceeded, limit is 100000 tokens per minute"),
        "works",
    ),
    ("a wrong key, told inside a 200", checked(valid=False), "rejected"),
    ("a wrong key", REFUSED, "rejected"),
    ("no key", MISSING, "rejected"),
    (
        "an expired key",
        refusal(
            HTTPStatus.UNAUTHORIZED,
            "Your API key has expired. Please create a production key at dashboard.cohere.com or reach out to your "
            "contact at Cohere to continue usage.",
        ),
        "rejected",
    ),
    ("a wrong key, told by 403", refusal(HTTPStatus.FORBIDDEN, "invalid api token"), "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(
            HTTPStatus.TOO_MANY_REQUESTS, "You are past the per minute request limit, please wait and try again later."
        ),
        "unavailable",
    ),
    ("a word in the call that is not allowed", refusal(DENY_LISTED, "deny-listed token"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal server error"), "unavailable"),
    ("an answer without a verdict", Answer(HTTPStatus.OK, {}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Cohere:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if not call.headers.get("authorization"):
            return MISSING
        if call.headers["authorization"] != f"Bearer {KEY}":
            return REFUSED
        if (call.method, call.path) == ("POST", "/v1/check-api-key"):
            return checked()
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, "404 page not found")


EMULATOR = Cohere()
