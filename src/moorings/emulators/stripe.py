"""Stripe's account and refusals, as its API reference and error pages describe them, and samples of the rest."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "stripe"
KEY = "sk_test_emulated_0000_stripe_account"
ACCOUNT = {
    "id": "acct_emulated0000",
    "object": "account",
    "business_profile": {"name": "Emulated Shop", "url": "https://shop.example.com"},
    "charges_enabled": True,
    "country": "DE",
    "default_currency": "eur",
    "details_submitted": True,
    "email": "owner@example.com",
    "payouts_enabled": True,
    "settings": {"dashboard": {"display_name": "Emulated Shop", "timezone": "Europe/Berlin"}},
    "type": "standard",
}


def _problem(status: HTTPStatus, message: str, kind: str = "invalid_request_error", code: str | None = None) -> Answer:
    error = {"message": message, "type": kind}
    if code:
        error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
    return Answer(status, {"error": error})


def _unknown(call: Call) -> Answer:
    sentence = (
        f"Unrecognized request URL ({call.method}: {call.path}). "
        "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
    )
    return _problem(HTTPStatus.NOT_FOUND, sentence)


MISSING = _problem(
    HTTPStatus.UNAUTHORIZED,
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or "
    "we can help at https://support.stripe.com/.",
)
REFUSED = _problem(HTTPStatus.UNAUTHORIZED, "Invalid API Key provided: sk_test_****************0000")
PUBLISHABLE = _problem(
    HTTPStatus.FORBIDDEN,
    "This API call cannot be made with a publishable API key. Please use a secret API key. "
    "You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
    code="secret_key_required",
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("wrong key", REFUSED, "rejected"),
    ("no key", MISSING, "rejected"),
    ("publishable key", PUBLISHABLE, "rejected"),
    (
        "expired key",
        _problem(
            HTTPStatus.UNAUTHORIZED, "Expired API Key provided: rk_test_****************0000", code="api_key_expired"
        ),
        "rejected",
    ),
    (
        "restricted key",
        _problem(
            HTTPStatus.FORBIDDEN,
            "The provided key 'rk_test_****************0000' does not have the required permissions for this endpoint "
            "on account 'acct_emulated0000'. Having the 'rak_accounts_kyc_basic_read' permission would allow this "
            "request to continue.",
        ),
        "works",
    ),
    (
        "restricted key of the older kind",
        _problem(
            HTTPStatus.FORBIDDEN,
            "The provided key 'rk_live_****************0000' does not have the required permissions for this endpoint "
            "on account 'acct_emulated0000'. This is a restricted API key, but the required permissions are not "
            "available for use by restricted keys.",
        ),
        "works",
    ),
    ("blocked on the way", Answer(HTTPStatus.FORBIDDEN, b"<html>Forbidden</html>"), "unavailable"),
    (
        "too many requests",
        _problem(HTTPStatus.TOO_MANY_REQUESTS, "Request rate limit exceeded.", code="rate_limit"),
        "unavailable",
    ),
    (
        "server error",
        _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "An unknown error occurred", "api_error"),
        "unavailable",
    ),
    ("a page instead", Answer(HTTPStatus.OK, b"<html>Sign in</html>", {"content-type": "text/html"}), "unavailable"),
)


class Stripe:
    """Accepts one secret key of test mode; every other is refused with 401, a publishable one with 403."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if refusal := self._refusal(call.headers.get("authorization", "")):
            return refusal
        if (call.method, call.path) == ("GET", "/v1/account"):
            return Answer(HTTPStatus.OK, ACCOUNT)
        return sampled(ID, call) or _unknown(call)

    def _refusal(self, authorization: str) -> Answer | None:
        if not authorization.startswith("Bearer "):
            return MISSING
        if authorization.startswith("Bearer pk_"):
            return PUBLISHABLE
        return None if authorization == f"Bearer {KEY}" else REFUSED


EMULATOR = Stripe()
