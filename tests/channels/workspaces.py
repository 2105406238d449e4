"""Slack as it answers in these tests: a token names its workspace and bot, or the error it meets."""

from dataclasses import dataclass, field
from typing import Any

from tests.channels.listening import Heard
from tests.http.judge import CANARY


def bot_token(team: str = "TACME", bot: str = "BHELPER01", number: int = 1) -> str:
    """A good token of a workspace's bot."""
    return f"xoxb-{team}-{bot}-{number}-{CANARY}"


def broken_token(error: str) -> str:
    """A token that Slack refuses with this word."""
    return f"xoxb-error-{error.replace('_', '-')}-{CANARY}"


@dataclass
class Workspaces:
    """`heard` are the calls that came in, `revoked` the tokens that were good once."""

    heard: list[Heard] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)

    async def say(self, heard: Heard) -> tuple[int, Any]:
        self.heard.append(heard)
        token = heard.headers.get("authorization", "").removeprefix("Bearer ")
        if heard.path != "/auth.test":
            return 200, {"ok": False, "error": "unknown_method"}
        if token.startswith("xoxb-error-"):
            word = token.removeprefix("xoxb-error-").removesuffix(f"-{CANARY}").replace("-", "_")
            return 200, {"ok": False, "error": word}
        if token in self.revoked:
            return 200, {"ok": False, "error": "token_revoked"}
        _, team, bot, *_ = token.removeprefix("xoxe.").split("-")
        return 200, {
            "ok": True, "url": "https://acme.slack.com/", "team": "Acme", "user": "helper", "team_id": team,
            "user_id": "UHELPER01", "bot_id": bot, "is_enterprise_install": False,
        }  # fmt: skip
