"""Replicate's account of a token, as its document and public reports describe it; other answers are samples."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "replicate"
TOKEN = "r8_emulated0000000000000000replicate"
ACCOUNT = {
    "type": "organization",
    "username": "emulated",
    "name": "Emulated organization",
    "github_url": "https://github.com/emulated",
}
NAMELESS = {"type": "user", "username": "emulated"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, title: str, detail: str) -> Answer:
    """The shape of errors; some have a detail only."""
    return Answer(status, {"title": title, "detail": detail, "status": status.value})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Unauthenticated", "You did not pass a valid authentication token")
MISSING = refusal(HTTPStatus.UNAUTHORIZED, "Unauthenticated", "You did not pass an authentication token")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("an organization", Answer(HTTPStatus.OK, ACCOUNT), "works"),
    ("a user without a name", Answer(HTTPStatus.OK, NAMELESS), "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("no token", MISSING, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        Answer(
            HTTPStatus.TOO_MANY_REQUESTS,
            {"detail": "Request was throttled. Your rate limit resets in ~30s."},
        ),
        "unavailable",
    ),
    (
        "a fault",
        Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"detail": "Internal server error"}),
        "unavailable",
    ),
    ("nobody", Answer(HTTPStatus.OK, {"type": "user", "username": None}), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Replicate:
    """Accepts one token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if not call.headers.get("authorization"):
            return MISSING
        if call.headers["authorization"] != f"Bearer {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/account"):
            return Answer(HTTPStatus.OK, ACCOUNT)
        return sampled(ID, call) or Answer(HTTPStatus.NOT_FOUND, {"detail": "Not found"})


EMULATOR = Replicate()
