"""Notion's bot user of a token and its pages, as its published document and its reference describe them."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

TOKEN = "ntn_emulated0000000000000000notion"
REQUEST_ID = "0d1f7a3e-5b0c-4e63-9a1e-6f2f8f0c5d10"
BOT = {
    "object": "user",
    "id": "16d84278-ab0e-484c-9bdd-b35da3bd8905",
    "name": "Emulated connection",
    "avatar_url": None,
    "type": "bot",
    "bot": {"owner": {"type": "workspace", "workspace": True}, "workspace_name": "Emulated workspace"},
}
NAMELESS = {name: value for name, value in BOT.items() if name != "name"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors."""
    body = {"object": "error", "status": status.value, "code": code, "message": message, "request_id": REQUEST_ID}
    return Answer(status, body, headers or {})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "unauthorized", "API token is invalid.")
NO_VERSION = refusal(
    HTTPStatus.BAD_REQUEST,
    "missing_version",
    "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`.",
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a bot", Answer(HTTPStatus.OK, BOT), "works"),
    ("a bot without a name", Answer(HTTPStatus.OK, NAMELESS), "works"),
    (
        "a connection without the capability",
        refusal(HTTPStatus.FORBIDDEN, "restricted_resource", "Insufficient permissions for this endpoint."),
        "works",
    ),
    ("a wrong token", REFUSED, "rejected"),
    (
        "an account that may not use the API",
        refusal(
            HTTPStatus.UNAUTHORIZED, "unauthorized", "This user's account is restricted from accessing the public API."
        ),
        "rejected",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("a call without the version", NO_VERSION, "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", "You have been rate limited.", {"retry-after": "2"}),
        "unavailable",
    ),
    (
        "a fault",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_server_error", "Unexpected error occurred."),
        "unavailable",
    ),
    (
        "an outage",
        refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, "service_unavailable", "Notion is unavailable, please try again later."
        ),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Notion:
    """Accepts one token; every other is refused with 401, a call without a version with 400."""

    integration_id = "notion"

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return REFUSED
        if not call.headers.get("notion-version"):
            return NO_VERSION
        if (call.method, call.path) == ("GET", "/v1/users/me"):
            return Answer(HTTPStatus.OK, BOT)
        return sampled(self.integration_id, call) or refusal(
            HTTPStatus.BAD_REQUEST, "invalid_request_url", "Invalid request URL."
        )


EMULATOR = Notion()
