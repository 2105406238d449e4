"""Deepgram's list of projects, as its document and its page of errors describe it; other answers are samples."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "deepgram"
KEY = "emulated0000000000000000deepgram"
REQUEST_ID = "5f0c2a11-0000-4000-8000-000000000002"
PROJECTS = {"projects": [{"project_id": "5f0c2a11-0000-4000-8000-000000000001", "name": "Emulated project"}]}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, code: str, message: str) -> Answer:
    """The older shape of errors, which most calls have."""
    return Answer(status, {"err_code": code, "err_msg": message, "request_id": REQUEST_ID})


def newer_refusal(status: HTTPStatus, category: str, message: str) -> Answer:
    """The newer shape of errors."""
    return Answer(status, {"category": category, "message": message, "request_id": REQUEST_ID})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "INVALID_AUTH", "Invalid credentials.")
NO_SCOPE = "Your account does not have the required scope to perform that action for this project."

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a project", Answer(HTTPStatus.OK, PROJECTS), "works"),
    ("no project", Answer(HTTPStatus.OK, {"projects": []}), "works"),
    (
        "a key with few scopes, told by 401",
        refusal(HTTPStatus.UNAUTHORIZED, "INSUFFICIENT_PERMISSIONS", "User does not have sufficient permissions."),
        "works",
    ),
    (
        "a key with few scopes, told by 403 and a category",
        newer_refusal(HTTPStatus.FORBIDDEN, "INSUFFICIENT_PERMISSIONS", "User does not have sufficient permissions."),
        "works",
    ),
    (
        "a key with few scopes, told in words",
        Answer(HTTPStatus.FORBIDDEN, {"message": NO_SCOPE}),
        "works",
    ),
    ("a wrong key", REFUSED, "rejected"),
    ("a wrong key, told by 400", refusal(HTTPStatus.BAD_REQUEST, "INVALID_AUTH", "Invalid credentials."), "rejected"),
    (
        "another malformed call",
        newer_refusal(HTTPStatus.BAD_REQUEST, "INVALID_JSON", "Invalid JSON submitted."),
        "unavailable",
    ),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "Too many requests. Please try again later"),
        "unavailable",
    ),
    ("a fault", Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Deepgram:
    """Accepts one key after the word Token; every other is refused with 401."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if call.headers.get("authorization") != f"Token {KEY}":
            return REFUSED
        return sampled(ID, call) or Answer(HTTPStatus.NOT_FOUND, "Not found")


EMULATOR = Deepgram()
