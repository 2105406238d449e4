"""Trello's member of a token, as its published schema and its guide describe it; refusals are plain text."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

KEY = "emulated0000000000000000000trell"
TOKEN = "ATTAemulated00000000000000000000000trello"
MEMBER = {
    "id": "5abbe4b7ddc1b351ef961414",
    "username": "emulatedperson",
    "fullName": "An emulated person",
    "initials": "AP",
    "memberType": "normal",
    "confirmed": True,
    "url": "https://trello.com/emulatedperson",
}
TEXT = {"content-type": "text/plain; charset=utf-8"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, message: str) -> Answer:
    """The form of most errors: a bare text."""
    return Answer(status, message.encode(), TEXT)


WRONG_KEY = refusal(HTTPStatus.UNAUTHORIZED, "invalid key")
WRONG_TOKEN = refusal(HTTPStatus.UNAUTHORIZED, "invalid token")


def limited(word: str) -> Answer:
    """Too many calls, of a key or of a token."""
    return Answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": word, "message": "Rate limit exceeded"})


SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a member", Answer(HTTPStatus.OK, MEMBER), "works"),
    ("a wrong key", WRONG_KEY, "rejected"),
    ("a wrong token", WRONG_TOKEN, "rejected"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too many calls of the token", limited("API_TOKEN_LIMIT_EXCEEDED"), "unavailable"),
    ("too many calls of the key", limited("API_KEY_LIMIT_EXCEEDED"), "unavailable"),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error"), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE, b""), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Trello:
    """Accepts one pair of key and token until the token is deleted; every other is refused with 401."""

    integration_id = "trello"

    def __init__(self) -> None:
        self._deleted = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"apiKey": KEY, "token": TOKEN}

    def reset(self) -> None:
        """Bring the deleted token back."""
        self._deleted = False

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = dict(re.findall(r'(oauth_\w+)="([^"]*)"', call.headers.get("authorization", "")))
        if shown.get("oauth_consumer_key") != KEY:
            return WRONG_KEY
        if shown.get("oauth_token") != TOKEN or self._deleted:
            return WRONG_TOKEN
        if (call.method, call.path) == ("GET", "/members/me"):
            return Answer(HTTPStatus.OK, MEMBER)
        if (call.method, call.path) == ("DELETE", f"/tokens/{TOKEN}/"):
            self._deleted = True
            return Answer(HTTPStatus.OK, {"_value": None})
        return sampled(self.integration_id, call) or refusal(
            HTTPStatus.NOT_FOUND, f"Cannot {call.method} /1{call.path}"
        )


EMULATOR = Trello()
