"""Slack as it answers in these tests: a token names its workspace and bot, or the error it meets."""

import base64
import itertools
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


CLIENT = {"clientId": "100.200", "clientSecret": f"client-{CANARY}"}


def code(team: str = "TACME", *, rotating: bool = False) -> str:
    """What Slack leads back with when a person let the app in."""
    return f"{'rotating' if rotating else 'lasting'}-{team}-{CANARY}-{next(_numbers)}"


_numbers = itertools.count(1)


@dataclass
class Workspaces:
    """`heard` are the calls that came in, `revoked` the tokens that were good once, `used` codes and refresh tokens."""

    heard: list[Heard] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    async def say(self, heard: Heard) -> tuple[int, Any]:
        self.heard.append(heard)
        token = heard.headers.get("authorization", "").removeprefix("Bearer ")
        if heard.path == "/oauth.v2.access":
            return 200, self._access(heard)
        if heard.path == "/auth.revoke" and token not in self.revoked:
            self.revoked.add(token)
            return 200, {"ok": True, "revoked": True}
        if heard.path not in ("/auth.test", "/auth.revoke"):
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

    def _access(self, heard: Heard) -> dict[str, Any]:
        pair = base64.b64decode(heard.headers["authorization"].removeprefix("Basic ")).decode()
        if pair != f"{CLIENT['clientId']}:{CLIENT['clientSecret']}":
            return {"ok": False, "error": "bad_client_secret"}
        refreshing = heard.form.get("grant_type") == "refresh_token"
        shown = heard.form["refresh_token" if refreshing else "code"]
        if shown in self.used or CANARY not in shown:
            return {"ok": False, "error": "invalid_refresh_token" if refreshing else "invalid_code"}
        self.used.add(shown)
        kind, team, *_ = shown.removeprefix("xoxe-").split("-")
        number = next(_numbers)
        granted = {"ok": True, "token_type": "bot", "access_token": bot_token(team, number=number), "app_id": "A1"}
        if kind == "lasting":
            return granted
        token = f"xoxe.{granted['access_token']}"
        return {
            **granted, "access_token": token, "refresh_token": f"xoxe-rotating-{team}-{CANARY}-{number}",
            "expires_in": 43_200,
        }  # fmt: skip
