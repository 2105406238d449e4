"""Apify's own account, as its OpenAPI document describes it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "apify"
TOKEN = "apify_api_emulated000000000000000apify"
FEATURES = (
    "ACTORS",
    "STORAGE",
    "SCHEDULER",
    "PROXY",
    "PROXY_EXTERNAL_ACCESS",
    "PROXY_RESIDENTIAL",
    "PROXY_SERPS",
    "WEBHOOKS",
    "ACTORS_PUBLIC_ALL",
    "ACTORS_PUBLIC_DEVELOPER",
)
ENABLED = {
    "isEnabled": True,
    "disabledReason": None,
    "disabledReasonType": None,
    "isTrial": False,
    "trialExpirationAt": None,
}
USER: dict[str, Any] = {
    "id": "EmulatedUser00001",
    "username": "moorings-emulated",
    "profile": {"name": "An emulated user", "bio": None},
    "email": "emulated@example.com",
    "proxy": {"password": "emulated-proxy-password", "groups": []},
    "plan": {"id": "FREE", "description": "Free plan", "isEnabled": True, "availableProxyGroups": {}},
    "effectivePlatformFeatures": dict.fromkeys(FEATURES, ENABLED),
    "createdAt": "2026-11-01T00:00:00.000Z",
    "isPaying": False,
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def problem(status: HTTPStatus, kind: str, message: str) -> Answer:
    """The shape of all errors."""
    return Answer(status, {"error": {"type": kind, "message": message}})


REFUSED = problem(HTTPStatus.UNAUTHORIZED, "invalid-token", "Authentication token is not valid.")
NO_TOKEN = problem(HTTPStatus.UNAUTHORIZED, "token-not-provided", "Authentication token was not provided")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    (
        "a token that sees little of the account",
        Answer(HTTPStatus.OK, {"data": {name: USER[name] for name in ("id", "username", "isPaying")}}),
        "works",
    ),
    (
        "a token with limited permissions",
        problem(HTTPStatus.FORBIDDEN, "insufficient-permissions", "You do not have permission to perform this action."),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    ("no token", NO_TOKEN, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate-limit-exceeded",
            "You have exceeded the rate limit. Please try again later.",
        ),
        "unavailable",
    ),
    (
        "a fault",
        problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-server-error", "Internal server error."),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"data": {}}), "unavailable"),
)


class Apify:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("authorization")
        if shown != f"Bearer {TOKEN}":
            return REFUSED if shown else NO_TOKEN
        if (call.method, call.path) == ("GET", "/v2/users/me"):
            return Answer(HTTPStatus.OK, {"data": USER})
        unknown = problem(HTTPStatus.NOT_FOUND, "record-not-found", "The requested resource was not found.")
        return sampled(ID, call) or unknown


EMULATOR = Apify()
