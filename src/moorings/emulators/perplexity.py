"""Perplexity's list of files and its revoking of keys, as its documentation and official client describe them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "perplexity"
KEY = "pplx-emulated0000000000000perplexity"
FILES = {"object": "list", "data": []}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})
UNAUTHORIZED_PAGE = Answer(
    HTTPStatus.UNAUTHORIZED,
    b"<html><head><title>401 Authorization Required</title></head></html>",
    {"content-type": "text/html"},
)


def problem(status: HTTPStatus, message: str, kind: str | None = None) -> Answer:
    """The shape of all errors; `kind` only where it is known."""
    return Answer(status, {"error": {"message": message, **({"type": kind} if kind else {}), "code": status.value}})


REFUSED = problem(HTTPStatus.UNAUTHORIZED, "Invalid API key provided.", "invalid_api_key")
INCOMPLETE = Answer(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    {"detail": [{"loc": ["body", "auth_token"], "msg": "Field required", "type": "missing"}]},
)

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("files of the key's owner", Answer(HTTPStatus.OK, FILES), "works"),
    (
        "used-up credit, told by 401",
        problem(HTTPStatus.UNAUTHORIZED, "You have used up your credit."),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("a wrong key, told by a page", UNAUTHORIZED_PAGE, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls", problem(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit exceeded."), "unavailable"),
    ("a fault", problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error."), "unavailable"),
    ("a call that is no longer there", problem(HTTPStatus.NOT_FOUND, "Not found."), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
    ("another answer", Answer(HTTPStatus.OK, {"status": "ok"}), "unavailable"),
)


class Perplexity:
    """Accepts one key until it is revoked; every other is refused with 401."""

    integration_id = ID

    def __init__(self) -> None:
        self._revoked = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def reset(self) -> None:
        """Forget that the key was revoked."""
        self._revoked = False

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if self._revoked or call.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSED
        match call.method, call.path:
            case "GET", "/v1/files":
                return Answer(HTTPStatus.OK, FILES)
            case "POST", "/revoke_auth_token":
                return self._revoke(call.json())
        return sampled(ID, call) or problem(HTTPStatus.NOT_FOUND, "Not found.")

    def _revoke(self, body: Any) -> Answer:
        token = body.get("auth_token") if isinstance(body, dict) else None
        if not isinstance(token, str):
            return INCOMPLETE
        self._revoked = token == KEY
        return Answer(HTTPStatus.OK)


EMULATOR = Perplexity()
