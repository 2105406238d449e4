"""Google's exchange and revocation of a refresh token and its answer about the account, as its clients know them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "google-workspace"
CLIENT = "000000000000-emulated.apps.googleusercontent.com"
CLIENT_SECRET = "emulated-0000-client-secret-0000"
REFRESH_TOKEN = "1//emulated-0000-refresh-token-0000"
ACCESS_TOKEN = "ya29.emulated-0000-access-token-0000"
OTHER_HOST = "/@oauth2.googleapis.com"
USER = {"id": "100000000000000000001", "email": "person@example.com", "verified_email": True}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, error: str, description: str) -> Answer:
    """The shape of the token address's errors."""
    return Answer(status, {"error": error, "error_description": description})


def api_refusal(status: HTTPStatus, word: str, reason: str, message: str) -> Answer:
    """The shape of the other services' errors."""
    errors = [{"message": message, "domain": "global", "reason": reason}]
    error: dict[str, Any] = {"code": status.value, "message": message, "errors": errors, "status": word}
    return Answer(status, {"error": error})


ENDED = refusal(HTTPStatus.BAD_REQUEST, "invalid_grant", "Token has been expired or revoked.")
NO_CLIENT = refusal(HTTPStatus.UNAUTHORIZED, "invalid_client", "The provided client secret is invalid.")
NOT_REVOCABLE = refusal(HTTPStatus.BAD_REQUEST, "invalid_token", "Token expired or revoked")
UNAUTHENTICATED = api_refusal(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "authError", "Invalid Credentials")
UNKNOWN = api_refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "notFound", "Not Found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a refresh token that has ended", ENDED, "rejected"),
    ("a wrong client", NO_CLIENT, "rejected"),
    (
        "a client that may not renew",
        refusal(HTTPStatus.UNAUTHORIZED, "unauthorized_client", "Unauthorized"),
        "rejected",
    ),
    (
        "a request that is not understood",
        refusal(HTTPStatus.BAD_REQUEST, "invalid_request", "Could not determine client ID from request."),
        "unavailable",
    ),
    (
        "too many calls, told by 403",
        api_refusal(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", "userRateLimitExceeded", "User Rate Limit Exceeded"),
        "unavailable",
    ),
    (
        "too many calls",
        api_refusal(HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "rateLimitExceeded", "Rate Limit Exceeded"),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_failure", "Internal error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class GoogleWorkspace:
    """Exchanges one refresh token of one client for one access token, until it is revoked."""

    integration_id = ID

    def __init__(self) -> None:
        self._revoked = False

    def reset(self) -> None:
        """As if nothing had been revoked."""
        self._revoked = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"clientId": CLIENT, "clientSecret": CLIENT_SECRET, "refreshToken": REFRESH_TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        match (call.method, call.path.removeprefix(OTHER_HOST)):
            case ("POST", "/token"):
                return self._exchanged(_form(call))
            case ("POST", "/revoke"):
                return self._ended(_form(call))
        if self._revoked or call.headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
            return UNAUTHENTICATED
        if (call.method, call.path) == ("GET", "/oauth2/v2/userinfo"):
            return Answer(HTTPStatus.OK, USER)
        return sampled(ID, call) or UNKNOWN

    def _exchanged(self, form: Mapping[str, str]) -> Answer:
        if form.get("grant_type") != "refresh_token":
            return refusal(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", "Invalid grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return NO_CLIENT
        if self._revoked or form.get("refresh_token") != REFRESH_TOKEN:
            return ENDED
        scope = "openid https://www.googleapis.com/auth/userinfo.email"
        token = {"access_token": ACCESS_TOKEN, "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
        return Answer(HTTPStatus.OK, token)

    def _ended(self, form: Mapping[str, str]) -> Answer:
        if self._revoked or form.get("token") not in (REFRESH_TOKEN, ACCESS_TOKEN):
            return NOT_REVOCABLE
        self._revoked = True
        return Answer(HTTPStatus.OK, {})


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode("utf-8", "replace")))


EMULATOR = GoogleWorkspace()
