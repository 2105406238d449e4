"""Slack's bot in one workspace, as the pages of the Web API's methods and its published document describe it."""

from collections.abc import Mapping
from http import HTTPStatus

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "slack"
TOKEN = "xoxb-emulated-000000000000-slackbot"
BOT = {
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


def refusal(error: str, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Answer:
    """The one shape of all errors, and nearly always with a status that says success."""
    return Answer(status, {"ok": False, "error": error}, headers or {})


NO_TOKEN = refusal("not_authed")
REFUSED = refusal("invalid_auth")
REVOKED = refusal("token_revoked")

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a bot", Answer(HTTPStatus.OK, BOT), "works"),
    ("a person's token", Answer(HTTPStatus.OK, PERSON), "rejected"),
    ("a wrong token", REFUSED, "rejected"),
    ("no token", NO_TOKEN, "rejected"),
    ("a revoked token", REVOKED, "rejected"),
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


class Slack:
    """Accepts one bot token until it is revoked; every error but a rate limit comes with 200."""

    integration_id = ID

    def __init__(self) -> None:
        self._revoked = False

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"botToken": TOKEN, "signingSecret": "emulated0000signing0000secret000"}

    def reset(self) -> None:
        """Undo a revocation."""
        self._revoked = False

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        shown = call.headers.get("authorization")
        if not shown:
            return NO_TOKEN
        if shown != f"Bearer {TOKEN}":
            return REFUSED
        if self._revoked:
            return REVOKED
        return self._method(call)

    def _method(self, call: Call) -> Answer:
        """Methods that prove or revoke are taken as GET and as POST."""
        if call.path == "/auth.test":
            return Answer(HTTPStatus.OK, BOT)
        if call.path == "/auth.revoke":
            dry = call.query.get("test", [""])[0] in ("1", "true")
            self._revoked = not dry
            return Answer(HTTPStatus.OK, {"ok": True, "revoked": not dry})
        return sampled(ID, call) or refusal("unknown_method")


EMULATOR = Slack()
