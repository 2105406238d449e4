"""The bot that manages others: whose it is, whether it may, and how it is proven that Telegram speaks to it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moorings.domain.ids import Clock
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import CredentialsRejected, Detail, NotAvailable, ProviderFailed, WebhookRefused
from moorings.providers.contract import BotHost

REMEMBERED = timedelta(seconds=60)
"""How long Telegram's yes is believed; a no is asked for anew each time, for somebody may just be putting it right."""


class Reason(StrEnum):
    """Why there are no managed bots here."""

    NOT_CONFIGURED = "NOT_CONFIGURED"
    TOKEN_INVALID = "MANAGER_TOKEN_INVALID"  # noqa: S105 - a reason's name
    MODE_OFF = "MANAGEMENT_MODE_OFF"
    UNREACHABLE = "MANAGER_UNREACHABLE"
    USERNAME_INVALID = "USERNAME_INVALID"


SENTENCES = {
    Reason.NOT_CONFIGURED: "No managing bot is configured; the operator sets MOORINGS_TELEGRAM_MANAGER_TOKEN.",
    Reason.TOKEN_INVALID: "Telegram does not know the managing bot's token; the operator sets the present one.",
    Reason.MODE_OFF: "The managing bot may not manage others; its owner turns on Bot Management Mode in @BotFather.",
    Reason.UNREACHABLE: "Telegram cannot be asked at the moment; try again later.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The managing bot's username, or why there is none."""

    username: str | None
    reason: Reason | None = None


class ManagingBot:
    """The operator's bot; `token` is None where none is configured."""

    def __init__(self, host: BotHost, token: Secret | None, now: Clock) -> None:
        self._host, self._now, self.token = host, now, token
        self._good: tuple[str, datetime] | None = None

    async def standing(self) -> Standing:
        """Whether it can manage bots now."""
        if self.token is None:
            return Standing(None, Reason.NOT_CONFIGURED)
        if self._good and self._now() < self._good[1] + REMEMBERED:
            return Standing(self._good[0])
        try:
            bot = await self._host.me(self.token)
        except CredentialsRejected:
            return Standing(None, Reason.TOKEN_INVALID)
        except ProviderFailed:
            return Standing(None, Reason.UNREACHABLE)
        if not bot.can_manage:
            return Standing(bot.username, Reason.MODE_OFF)
        self._good = bot.username, self._now()
        return Standing(bot.username)

    async def username(self) -> str:
        """Its username; raises `NotAvailable` with the reason where it cannot manage bots."""
        standing = await self.standing()
        if standing.reason is not None or standing.username is None:
            raise _unavailable(standing.reason or Reason.NOT_CONFIGURED)
        return standing.username

    async def token_of(self, bot_id: int) -> Secret:
        """The present token of a bot that it manages."""
        return await self._asked(self._host.managed_token, bot_id)

    async def replace_token_of(self, bot_id: int) -> Secret:
        """A new token for a bot that it manages; the one before is worth nothing any more."""
        return await self._asked(self._host.replace_managed_token, bot_id)

    def present(self) -> Secret:
        """Its own token; raises `NotAvailable` where none is configured."""
        if self.token is None:
            raise _unavailable(Reason.NOT_CONFIGURED)
        return self.token

    async def _asked(self, method: Callable[[Secret, int], Awaitable[Secret]], bot_id: int) -> Secret:
        try:
            return await method(self.present(), bot_id)
        except CredentialsRejected:  # not of the bot, but of its manager
            raise _unavailable(Reason.TOKEN_INVALID) from None

    def prove(self, shown: str) -> None:
        """Raise `WebhookRefused` unless this is what Telegram shows with the managing bot's updates."""
        secret = self.webhook_secret if self.token else None
        if secret is None or not hmac.compare_digest(shown.encode(), secret.reveal().encode()):
            raise WebhookRefused

    @property
    def webhook_secret(self) -> Secret:
        """What Telegram shows with each of its updates: made of the token, so that all processes know it alike."""
        return Secret(hmac.new(self.present().reveal().encode(), b"moorings webhook", hashlib.sha256).hexdigest())


class ManagedBotRevoker:
    """See `moorings.providers.contract.Revoker`: a bot that we manage gets another token, which nobody keeps."""

    def __init__(self, managing: ManagingBot) -> None:
        self._managing = managing

    async def revoke(self, fields: SecretFields) -> None:
        """See `Revoker.revoke`; a token that its owner has replaced already is left alone."""
        token = fields["botToken"]
        bot_id = int(token.reveal().partition(":")[0])
        try:
            if await self._managing.token_of(bot_id) != token:
                raise CredentialsRejected("Telegram has given this bot another token since.")
            await self._managing.replace_token_of(bot_id)
        except NotAvailable as error:
            raise ProviderFailed(error.message) from None


def _unavailable(reason: Reason) -> NotAvailable:
    return NotAvailable(SENTENCES[reason], [Detail("reason", reason)])
