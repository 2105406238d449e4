"""What the Bot API says: results, refusals with the reference server's words, and the cases that are read wrongly."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer

BOT: Mapping[str, Any] = {
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


class Refused(Exception):
    """The Bot API says no; `parameters` may tell when to try again."""

    def __init__(self, status: HTTPStatus, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.answer = refusal(status, description, retry_after)


def refusal(status: HTTPStatus, description: str, retry_after: int | None = None) -> Answer:
    """The one shape of all errors; the status stands in the body once more."""
    body: dict[str, Any] = {"ok": False, "error_code": status.value, "description": description}
    if retry_after is None:
        return Answer(status, body)
    return Answer(status, {**body, "parameters": {"retry_after": retry_after}}, {"retry-after": str(retry_after)})


def done(result: Any, description: str | None = None) -> Answer:
    """The one shape of all results."""
    said: Mapping[str, Any] = {} if description is None else {"description": description}
    return Answer(HTTPStatus.OK, {"ok": True, "result": result, **said})


def bad(words: str) -> Refused:
    """A call that means nothing here."""
    return Refused(HTTPStatus.BAD_REQUEST, f"Bad Request: {words}")


def forbidden(words: str) -> Refused:
    """A call that somebody does not allow."""
    return Refused(HTTPStatus.FORBIDDEN, f"Forbidden: {words}")


def conflict(words: str) -> Refused:
    """A call that another one rules out."""
    return Refused(HTTPStatus.CONFLICT, f"Conflict: {words}")


def too_many(seconds: int) -> Refused:
    """Too many calls, told in the body and in the header."""
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, f"Too Many Requests: retry after {seconds}", seconds)


UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "Not Found")
DEAD = refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized")
NO_METHOD = refusal(HTTPStatus.NOT_FOUND, "Not Found: method not found")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a bot", done(BOT), "works"),
    ("a dead token", DEAD, "rejected"),
    (
        "a token that the reference server cannot read",
        refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized: invalid token specified"),
        "rejected",
    ),
    ("a token that the public service cannot read", UNKNOWN, "rejected"),
    ("a page that is not there", Answer(HTTPStatus.NOT_FOUND, PAGE.body, PAGE.headers), "unavailable"),
    ("a server without the method", NO_METHOD, "unavailable"),
    ("too many calls", too_many(5).answer, "unavailable"),
    (
        "a bot that is elsewhere",
        refusal(HTTPStatus.MISDIRECTED_REQUEST, "Misdirected Request: the bot is on another server"),
        "unavailable",
    ),
    ("a restart", refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error: restart"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)
