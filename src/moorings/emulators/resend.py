"""Resend's domain list and refusals, as its OpenAPI document and errors page describe them, and samples of the rest."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "resend"
KEY = "re_emulated0000_resend0000000000"
DOMAINS = {
    "object": "list",
    "has_more": False,
    "data": [
        {
            "id": "d91cd9bd-1176-453e-8fc1-35364d380206",
            "name": "pending.example.com",
            "status": "pending",
            "created_at": "2026-11-02T09:00:00.000000+00:00",
            "region": "eu-west-1",
            "capabilities": {"sending": "enabled", "receiving": "disabled"},
        },
        {
            "id": "b6d24b8e-af0b-4c3c-be0c-359bbd97381e",
            "name": "mail.example.com",
            "status": "verified",
            "created_at": "2026-11-01T09:00:00.000000+00:00",
            "region": "us-east-1",
            "capabilities": {"sending": "enabled", "receiving": "disabled"},
        },
    ],
}


def _problem(status: HTTPStatus, name: str, message: str) -> Answer:
    return Answer(status, {"statusCode": int(status), "name": name, "message": message})


MISSING = _problem(HTTPStatus.UNAUTHORIZED, "missing_api_key", "Missing API key in the authorization header.")
REFUSED = _problem(HTTPStatus.FORBIDDEN, "invalid_api_key", "API key is invalid.")
UNKNOWN = _problem(HTTPStatus.NOT_FOUND, "not_found", "The requested endpoint does not exist.")
BLOCKED = Answer(HTTPStatus.FORBIDDEN, b"error code: 1010", {"content-type": "text/plain; charset=UTF-8"})

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("wrong key", REFUSED, "rejected"),
    (
        "wrong key in older words",
        _problem(HTTPStatus.FORBIDDEN, "invalid_api_key", "The API key is not valid."),
        "rejected",
    ),
    (
        "wrong key as a bad request",
        _problem(HTTPStatus.BAD_REQUEST, "validation_error", "API key is invalid"),
        "rejected",
    ),
    ("no key", MISSING, "rejected"),
    (
        "key that only sends",
        _problem(HTTPStatus.UNAUTHORIZED, "restricted_api_key", "This API key is restricted to only send emails."),
        "works",
    ),
    ("no domains yet", Answer(HTTPStatus.OK, {"object": "list", "has_more": False, "data": []}), "works"),
    ("blocked before the key is looked at", BLOCKED, "unavailable"),
    (
        "too many requests",
        _problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate_limit_exceeded",
            "Too many requests. Please limit the number of requests per second.",
        ),
        "unavailable",
    ),
    (
        "server error",
        _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_server_error", "An unexpected error occurred."),
        "unavailable",
    ),
    ("a page instead", Answer(HTTPStatus.OK, b"<html>Sign in</html>", {"content-type": "text/html"}), "unavailable"),
)


class Resend:
    """Accepts one key with full access; every other is refused with 403, a call without User-Agent as well."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if refusal := self._refusal(call):
            return refusal
        if (call.method, call.path) == ("GET", "/domains"):
            return Answer(HTTPStatus.OK, DOMAINS)
        return sampled(ID, call) or UNKNOWN

    def _refusal(self, call: Call) -> Answer | None:
        if not call.headers.get("user-agent"):
            return BLOCKED
        authorization = call.headers.get("authorization", "")
        if not authorization.startswith("Bearer "):
            return MISSING
        return None if authorization == f"Bearer {KEY}" else REFUSED


EMULATOR = Resend()
