"""Discord's user of a bot token, as its published document and its reference pages describe it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "discord"
TOKEN = "ZW11bGF0ZWQtZGlzY29yZA.emulated.emulated-not-a-real-bot-token-0"
BOT = {
    "id": "1042150554363461640",
    "username": "emulated-bot",
    "avatar": None,
    "discriminator": "0000",
    "public_flags": 0,
    "flags": 0,
    "bot": True,
    "global_name": None,
    "primary_guild": None,
    "mfa_enabled": True,
    "locale": "en-US",
    "verified": True,
    "email": None,
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})
BLOCKED = Answer(HTTPStatus.FORBIDDEN, b"error code: 1010", {"content-type": "text/plain; charset=UTF-8"})


def refusal(status: HTTPStatus, message: str, code: int = 0, **more: Any) -> Answer:
    """The one shape of all errors; the code is Discord's own number, nought where the status says all."""
    return Answer(status, {"message": message, "code": code, **more})


REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "401: Unauthorized")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a bot", Answer(HTTPStatus.OK, BOT), "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("a call that the edge turns away", BLOCKED, "unavailable"),
    (
        "an address that is shut out",
        Answer(HTTPStatus.TOO_MANY_REQUESTS, b"<html><body>You are being rate limited</body></html>"),
        "unavailable",
    ),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "You are being rate limited.", retry_after=0.65, **{"global": False}),
        "unavailable",
    ),
    ("a fault", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "500: Internal Server Error"), "unavailable"),
    ("a gateway without a server", Answer(HTTPStatus.BAD_GATEWAY, PAGE.body, PAGE.headers), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Discord:
    """Accepts one bot token; all else is refused with 401, and a call that does not name a bot with 403."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"botToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if not call.headers.get("user-agent", "").startswith("DiscordBot ("):
            return BLOCKED
        if call.headers.get("authorization") != f"Bot {TOKEN}":
            return REFUSED
        if (call.method, call.path) == ("GET", "/users/@me"):
            return Answer(HTTPStatus.OK, BOT)
        return sampled(ID, call) or refusal(HTTPStatus.NOT_FOUND, "404: Not Found")


EMULATOR = Discord()
