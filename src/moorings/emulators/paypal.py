"""PayPal's exchange of client credentials, as its pages and public records describe it; other answers are samples."""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "paypal"
CLIENT_ID = "Emulated-paypal-client-id-0000000000000000"
CLIENT_SECRET = "emulated-paypal-client-secret-000000000000"
ACCESS_TOKEN = "A21AAEmulated0000paypal0000access0token"
BASIC = "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
DEBUG_ID = "90957fca61718"
EXCHANGED = {
    "scope": "https://uri.paypal.com/services/invoicing https://uri.paypal.com/services/disputes/read-seller",
    "access_token": ACCESS_TOKEN,
    "token_type": "Bearer",
    "app_id": "APP-EMULATED00000000T",
    "expires_in": 31668,
    "nonce": "2026-11-23T10:00:00Zemulated",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def unexchanged(status: HTTPStatus, error: str, description: str) -> Answer:
    """The shape of errors of the exchange."""
    return Answer(status, {"error": error, "error_description": description})


def refusal(status: HTTPStatus, name: str, message: str) -> Answer:
    """The shape of all other errors."""
    return Answer(status, {"name": name, "message": message, "debug_id": DEBUG_ID})


REFUSED = unexchanged(HTTPStatus.UNAUTHORIZED, "invalid_client", "Client Authentication failed")
WRONG_GRANT = unexchanged(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", "Grant Type is NULL")
NO_TOKEN = refusal(
    HTTPStatus.UNAUTHORIZED,
    "AUTHENTICATION_FAILURE",
    "Authentication failed due to missing authorization header, or invalid authentication credentials.",
)
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "RESOURCE_NOT_FOUND", "The specified resource does not exist.")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a token", Answer(HTTPStatus.OK, EXCHANGED), "works"),
    ("a wrong secret", REFUSED, "rejected"),
    (
        "a wrong secret, told in other words",
        unexchanged(HTTPStatus.UNAUTHORIZED, "invalid_client", "The client credentials are invalid"),
        "rejected",
    ),
    ("a call without a grant", WRONG_GRANT, "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "An internal server error has occurred."),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("an answer without a token", Answer(HTTPStatus.OK, {"scope": ""}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class PayPal:
    """Exchanges one pair of client credentials, and takes the token it gave for everything else."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if (call.method, call.path) == ("POST", "/v1/oauth2/token"):
            return self._exchange(call)
        if call.headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
            return NO_TOKEN
        return sampled(ID, call) or UNKNOWN

    def _exchange(self, call: Call) -> Answer:
        if call.headers.get("authorization") != BASIC:
            return REFUSED
        grant = parse_qs(call.body.decode(errors="replace")).get("grant_type")
        return Answer(HTTPStatus.OK, EXCHANGED) if grant == ["client_credentials"] else WRONG_GRANT


EMULATOR = PayPal()
