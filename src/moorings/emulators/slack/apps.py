"""Apps and what they were granted: bot tokens, refresh tokens, codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moorings.emulators.slack.answers import BOT, Json

TOKEN = "xoxb-emulated-000000000000-slackbot"
PERSONS_TOKEN = "xoxp-emulated-000000000000-a-person"
CONFIGURATION_TOKEN = "xoxe.xoxp-1-emulated-configuration-token"
SIGNING_SECRET = "emulated0000signing0000secret000"
CLIENT_ID, CLIENT_SECRET = "100000000000.200000000000", "emulated0000client0000secret0000"
TOKEN_SECONDS = 12 * 60 * 60
CODE_SECONDS = 10 * 60
PLACES = {"channel": "channels", "group": "groups", "im": "im"}
SCOPES = (
    "channels:history", "channels:read", "chat:write", "files:write", "groups:history", "groups:read", "im:history",
    "im:read", "mpim:history", "mpim:read", "reactions:write", "users:read", "users:read.email",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class App:
    """An app, installed in one workspace as one bot; `events` are the kinds it subscribed to, None for all."""

    id: str
    name: str
    team_id: str
    team: str
    bot_id: str
    bot_user_id: str
    client_id: str
    client_secret: str
    signing_secrets: list[str]
    rotates: bool = False
    redirect_urls: Sequence[str] = ()
    request_url: str = ""
    request_url_verified: bool = False
    interactivity_url: str = ""
    command_urls: Mapping[str, str] = field(default_factory=dict)
    scopes: Sequence[str] = SCOPES
    events: Sequence[str] | None = None

    def hears(self, event: Json) -> bool:
        """Whether it subscribed to events of this kind."""
        kind = event["type"] if event["type"] != "message" else f"message.{PLACES[event['channel_type']]}"
        return self.events is None or kind in self.events

    def identity(self, *, bot: bool) -> Json:
        """What auth.test tells of it."""
        told = {**BOT, "team": self.team, "user": self.name, "team_id": self.team_id, "user_id": self.bot_user_id}
        return {**told, "bot_id": self.bot_id} if bot else {name: told[name] for name in told if name != "bot_id"}


@dataclass(slots=True, eq=False)
class Grant:
    """A token; `error` is the word it gets instead of an answer."""

    token: str
    app: App
    scopes: Sequence[str]
    kind: str = "bot"
    expires_at: float | None = None
    refresh_token: str | None = None
    error: str | None = None


@dataclass(slots=True, eq=False)
class Code:
    """What the authorisation page hands over; good once and for ten minutes."""

    app: App
    redirect_uri: str
    scopes: Sequence[str]
    until: float
    used: bool = False


@dataclass(slots=True)
class Apps:
    """All apps with their tokens and codes."""

    apps: dict[str, App] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    serial: int = 0

    def __post_init__(self) -> None:
        first = App(
            "A0EMULATED", "moorings", BOT["team_id"], BOT["team"], BOT["bot_id"], BOT["user_id"], CLIENT_ID,
            CLIENT_SECRET, [SIGNING_SECRET],
        )  # fmt: skip
        self.apps[first.id] = first
        self.grants[TOKEN] = Grant(TOKEN, first, SCOPES)
        self.grants[PERSONS_TOKEN] = Grant(PERSONS_TOKEN, first, SCOPES, "user")

    def next(self) -> int:
        """The next number of what must be unlike all before."""
        self.serial += 1
        return self.serial

    def create(self, name: str, scopes: Sequence[str], team_id: str, team: str) -> App:
        """A new app, its bot and secrets."""
        number = self.next()
        app = App(
            f"A{number:010d}", name, team_id, team, f"B{number:010d}", f"U{number:010d}", f"100000000000.{number:012d}",
            f"emulated{number:012d}clientsecret", [f"emulated{number:010d}signingsecret0"], scopes=scopes,
        )  # fmt: skip
        self.apps[app.id] = app
        return app

    def by_client(self, client_id: str) -> App | None:
        """The app of a client id."""
        return next((app for app in self.apps.values() if app.client_id == client_id), None)

    def grant(self, app: App, scopes: Sequence[str], now: float) -> Grant:
        """A bot token; with a refresh token and an end where the app rotates."""
        number = self.next()
        if app.rotates:
            pair = f"xoxe.xoxb-1-emulated-{number:016d}", f"xoxe-1-emulated-{number:016d}"
            grant = Grant(pair[0], app, scopes, expires_at=now + TOKEN_SECONDS, refresh_token=pair[1])
        else:
            grant = Grant(f"xoxb-emulated-{number:016d}-slackbot", app, scopes)
        self.grants[grant.token] = grant
        return grant

    def refresh(self, refresh_token: str, app: App, now: float) -> Grant | None:
        """A new pair for a refresh token, which is used up by that; None where it is good for nothing."""
        old = next((grant for grant in self.grants.values() if grant.refresh_token == refresh_token), None)
        if old is None or old.app is not app or old.error:
            return None
        old.refresh_token = None
        return self.grant(app, old.scopes, now)

    def revoke(self, app: App, error: str) -> list[Grant]:
        """Every bot token of the app says this from now on."""
        revoked = [grant for grant in self.grants.values() if grant.app is app and grant.kind == "bot"]
        for grant in revoked:
            grant.error = grant.error or error
        return revoked
