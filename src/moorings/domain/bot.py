"""Bots: who a token belongs to, and which installation a bot is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from moorings.domain.credential import Verification
from moorings.domain.secret import Secret


class Delivery(StrEnum):
    """How a bot's messages reach us: the provider calls us, or we ask."""

    WEBHOOK = "webhook"
    POLLING = "polling"


@dataclass(frozen=True, slots=True)
class InstalledBot:
    """Which bot an installation is; an owner holds one of the same `claim` and no more.

    `managed` is a bot whose tokens our manager may replace.
    """

    installation_id: str
    owner: str
    type: str
    claim: str
    delivery: Delivery = Delivery.WEBHOOK
    managed: bool = False

    @property
    def itself(self) -> str:
        """The bot, whatever the environment that it is claimed for."""
        return self.claim.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class SlackBot:
    """Whose bot a Slack token is; `verification` is what the manifest's rules make of the same answer."""

    team_id: str
    team_name: str | None
    bot_id: str
    user_id: str | None
    verification: Verification


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A word that people type to call an app: with its slash, and what Slack shows of it."""

    command: str
    description: str
    usage_hint: str | None = None


@dataclass(frozen=True, slots=True)
class AppForm:
    """From which a provider makes an app, and the page where a person has it made."""

    manifest: Mapping[str, Any]
    create_url: str


@dataclass(frozen=True, slots=True)
class SlackGrant:
    """What Slack gives for a code or a refresh token; the latter two are there where the app's tokens expire."""

    token: Secret
    refresh_token: Secret | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TelegramBot:
    """Whose token it is; `can_manage` is whether its owner has switched on that it manages other bots."""

    id: int
    username: str
    name: str
    can_manage: bool
    verification: Verification


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a provider shall send a bot's updates, what proves that it was the provider, and which ones we want."""

    url: str
    secret: Secret
    updates: tuple[str, ...]
    drop_pending: bool = False
