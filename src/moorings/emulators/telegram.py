"""Telegram's bot of a token, as the Bot API's page and the reference server describe it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "telegram"
TOKEN = "7000000001:emulated-telegram-bot-token-00000000"
BOT = {
    "id": 7000000001,
    "is_bot": True,
    "first_name": "Emulated bot",
    "username": "emulated_example_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_guest_queries": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
    "has_topics_enabled": False,
    "allows_users_to_create_topics": False,
    "can_manage_bots": False,
    "supports_join_request_queries": False,
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})

_SHOWN = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>\w+)")
_WELL_FORMED = re.compile(r"[1-9][0-9]{4,15}:[A-Za-z0-9_-]{30,64}")


def refusal(status: HTTPStatus, description: str, retry_after: int | None = None) -> Answer:
    """The one shape of all errors; the status stands in the body once more."""
    body: dict[str, Any] = {"ok": False, "error_code": status.value, "description": description}
    if retry_after is None:
        return Answer(status, body)
    return Answer(status, {**body, "parameters": {"retry_after": retry_after}}, {"retry-after": str(retry_after)})


UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "Not Found")
REFUSED = refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")
NO_METHOD = refusal(HTTPStatus.NOT_FOUND, "Not Found: method not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a bot", Answer(HTTPStatus.OK, {"ok": True, "result": BOT}), "works"),
    ("a dead token", REFUSED, "rejected"),
    (
        "a token that the reference server cannot read",
        refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized: invalid token specified"),
        "rejected",
    ),
    ("a token that the public service cannot read", UNKNOWN, "rejected"),
    ("a page that is not there", Answer(HTTPStatus.NOT_FOUND, PAGE.body, PAGE.headers), "unavailable"),
    ("a server without the method", NO_METHOD, "unavailable"),
    (
        "too many calls",
        refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests: retry after 5", retry_after=5),
        "unavailable",
    ),
    (
        "a bot that is elsewhere",
        refusal(HTTPStatus.MISDIRECTED_REQUEST, "Misdirected Request: the bot is on another server"),
        "unavailable",
    ),
    (
        "a restart",
        refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error: restart"),
        "unavailable",
    ),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Telegram:
    """Accepts one token in the path; a dead one is refused with 401, one of another form with 404."""

    integration_id = ID

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"botToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`; GET and POST mean the same."""
        shown = _SHOWN.fullmatch(call.path)
        if shown is None or not _WELL_FORMED.fullmatch(shown["token"]):
            return UNKNOWN
        if shown["token"] != TOKEN:
            return REFUSED
        if shown["method"].lower() == "getme":
            return Answer(HTTPStatus.OK, {"ok": True, "result": BOT})
        return sampled(ID, replace(call, method="POST")) or NO_METHOD


EMULATOR = Telegram()
