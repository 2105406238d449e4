"""Cal.com's own profile of a key and its refusals, as its document and source describe them, and other samples."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "cal-com"
KEY = "cal_test_emulated0000000000calcom"
ME: Mapping[str, Any] = {
    "status": "success",
    "data": {
        "id": 4242,
        "username": "emulated-host",
        "email": "host@example.com",
        "name": "Emulated Host",
        "avatarUrl": None,
        "bio": None,
        "timeFormat": 24,
        "defaultScheduleId": 77,
        "weekStart": "Monday",
        "timeZone": "Europe/Berlin",
        "organizationId": None,
    },
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(
    status: HTTPStatus, code: str, message: str, path: str = "/v2/me", headers: Mapping[str, str] | None = None
) -> Answer:
    """The one shape of all errors."""
    error = {"code": code, "message": message}
    body = {"status": "error", "timestamp": "2026-11-23T10:00:00.000Z", "path": path, "error": error}
    return Answer(status, body, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "UnauthorizedException", "Your api key is not valid")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("the own profile", Answer(HTTPStatus.OK, ME), "works"),
    ("an error told by 200", Answer(HTTPStatus.OK, {"status": "error", "error": {}}), "unavailable"),
    ("a wrong key", REFUSED, "rejected"),
    (
        "an expired key",
        refusal(HTTPStatus.UNAUTHORIZED, "UnauthorizedException", "Your api key is expired"),
        "rejected",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, {"status": "error"}, {"x-ratelimit-reset-default": "60"}),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerErrorException", "Internal server error"),
        "unavailable",
    ),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class CalCom:
    """Accepts one key; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/v2/me"):
            return Answer(HTTPStatus.OK, ME)
        return sampled(ID, call) or _unknown(call)


def _unknown(call: Call) -> Answer:
    message = f"Cannot {call.method} {call.path}"
    return refusal(HTTPStatus.NOT_FOUND, "NotFoundException", message, call.path)


EMULATOR = CalCom()
