"""HubSpot's account details and refusals, as its pages describe them, and samples of its other answers."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "hubspot"
TOKEN = "pat-na1-emulated-0000-0000-0000-hubspot00000"  # accepted by this stand-in alone
CORRELATION = "aeb5f871-7f07-4993-9211-075dc63e7cbf"
MIGRATING = 477
DETAILS = {
    "portalId": 123456,
    "accountType": "STANDARD",
    "timeZone": "US/Eastern",
    "companyCurrency": "USD",
    "additionalCurrencies": [],
    "utcOffset": "-05:00",
    "utcOffsetMilliseconds": -18000000,
    "uiDomain": "app.hubspot.com",
    "dataHostingLocation": "na1",
}


def _problem(status: int, message: str, **more: object) -> Answer:
    return Answer(status, {"status": "error", "message": message, "correlationId": CORRELATION, **more})


REFUSED = _problem(
    HTTPStatus.UNAUTHORIZED,
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    category="INVALID_AUTHENTICATION",
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("wrong token", REFUSED, "rejected"),
    (
        "expired token",
        _problem(
            HTTPStatus.UNAUTHORIZED,
            "The OAuth token used to make this call expired 0 second(s) ago.",
            category="EXPIRED_AUTHENTICATION",
            context={"expire time": ["2026-11-23T12:00:00.000Z"]},
        ),
        "rejected",
    ),
    (
        "missing scope",
        _problem(
            HTTPStatus.FORBIDDEN,
            "This app hasn't been granted all required scopes to make this call. "
            "Read more about required scopes here: https://developers.hubspot.com/scopes.",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredScopes": ["oauth"]},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
            category="MISSING_SCOPES",
        ),
        "works",
    ),
    ("blocked on the way", Answer(HTTPStatus.FORBIDDEN, b"<html>Forbidden</html>"), "unavailable"),
    (
        "too many requests",
        _problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "You have reached your daily limit.",
            errorType="RATE_LIMIT",
            policyName="DAILY",
        ),
        "unavailable",
    ),
    (
        "account on the move",
        Answer(MIGRATING, {"status": "error", "message": "Migration in Progress"}, {"retry-after": "3600"}),
        "unavailable",
    ),
    ("out of service", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page instead", Answer(HTTPStatus.OK, b"<html>Sign in</html>", {"content-type": "text/html"}), "unavailable"),
)


class HubSpot:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/account-info/v3/details"):
            return Answer(HTTPStatus.OK, DETAILS)
        return sampled(ID, call) or _problem(HTTPStatus.NOT_FOUND, "resource not found")


EMULATOR = HubSpot()
