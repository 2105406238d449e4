"""What Slack says: results, refusals of which nearly all come with 200, and the cases that are read wrongly."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moorings.emulators.contract import Answer

Json = dict[str, Any]

BOT: Json = {
    "ok": True,
    "url": "https://emulated.slack.example.com/",
    "team": "Emulated workspace",
    "user": "moorings",
    "team_id": "T0EMULATED",
    "user_id": "U0EMULATED",
    "bot_id": "B0EMULATED",
    "is_enterprise_install": False,
}
PERSON = {name: value for name, value in BOT.items() if name != "bot_id"}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


class Refused(Exception):
    """Slack says no, with one word and what belongs to it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = Answer(HTTPStatus.OK, {"ok": False, "error": error, **more})


def refusal(error: str, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors, and nearly always with a status that says success."""
    return Answer(status, {"ok": False, "error": error}, headers or {})


def done(**result: Any) -> Answer:
    """The one shape of all results."""
    return Answer(HTTPStatus.OK, {"ok": True, **result})


SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a bot", Answer(HTTPStatus.OK, BOT), "works"),
    ("a person's token", Answer(HTTPStatus.OK, PERSON), "rejected"),
    ("a wrong token", refusal("invalid_auth"), "rejected"),
    ("no token", refusal("not_authed"), "rejected"),
    ("a revoked token", refusal("token_revoked"), "rejected"),
    ("an expired token", refusal("token_expired"), "rejected"),
    ("a deleted workspace", refusal("account_inactive"), "rejected"),
    ("a token of another kind", refusal("not_allowed_token_type"), "rejected"),
    ("a workspace that the token may not enter", refusal("team_access_not_granted"), "rejected"),
    ("a network that is not allowed", refusal("accesslimited"), "rejected"),
    (
        "too many calls",
        refusal("ratelimited", HTTPStatus.TOO_MANY_REQUESTS, {"retry-after": "30"}),
        "unavailable",
    ),
    ("too many calls with 200", refusal("ratelimited"), "unavailable"),
    ("a fault with 200", refusal("internal_error"), "unavailable"),
    ("a fault", refusal("fatal_error", HTTPStatus.INTERNAL_SERVER_ERROR), "unavailable"),
    ("an outage", refusal("service_unavailable", HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("an error that no page names", refusal("something_new"), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)
