"""Telegram bots: installed by their token, heard by webhook or by polling, and let go of without a trace.

An installation is stored before Telegram is told where to send its updates, for of two installs of one bot at once only
one may set the webhook. What a killed process leaves between the two, a job brings to its end.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from moorings.domain.audit import Kind, done_by
from moorings.domain.bot import Delivery, InstalledBot, TelegramBot, Webhook
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import Clock
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.job import JobKind, Wish
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import (
    Conflict,
    CredentialsRejected,
    DifferentAccount,
    IntegrationNotFound,
    MooringsError,
    ProviderFailed,
)
from moorings.providers.contract import BotHost
from moorings.services.installing import TRIES, Held, Installing, InstallWish, Plan
from moorings.services.jobs import Jobs
from moorings.services.managing_bot import ManagingBot
from moorings.store import connections as rows
from moorings.store import installations as installation_rows

ID = "telegram"
TOKEN, WEBHOOK_SECRET = "botToken", "webhookSecret"
"""The sealed fields."""

UPDATES = (
    "message", "edited_message", "channel_post", "edited_channel_post", "message_reaction", "inline_query",
    "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query", "poll", "poll_answer",
    "my_chat_member", "chat_member", "chat_join_request",
)  # fmt: skip
"""The kinds of updates that a bot hears; named each time, for a list that was set before stays otherwise."""

REPAIRED_AFTER = timedelta(minutes=2)
"""When a job looks after an installation whose making has not come to an end by then."""

DEAD = "Telegram no longer knows this bot's token; give the present one: moorings telegram rotate {}."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TelegramInstalled:
    """An installed bot, and how its messages come."""

    installation: Installation
    bot: TelegramBot
    delivery: Delivery
    webhook_url: str | None


@dataclass(frozen=True, slots=True)
class TokenReplaced:
    """A bot has another token since."""

    installation_id: str
    rotated_at: datetime


@dataclass(frozen=True, slots=True)
class Telegram:
    """`webhook_base` is the public https address of this server; None where it has none, and bots are polled."""

    installing: Installing
    host: BotHost
    jobs: Jobs
    now: Clock
    webhook_base: str | None
    managing: ManagingBot
    new_secret: Callable[[], str] = lambda: secrets.token_urlsafe(32)

    async def install(
        self, caller: Caller, token: Secret, wish: InstallWish, *, drop_pending: bool = False
    ) -> TelegramInstalled:
        """Nothing stays stored unless Telegram knows the token and sends us its updates."""
        plan = await self.installing.plan(caller, ID, wish)
        plan.integration.check({TOKEN: token}, below="")
        bot = await self.host.me(token)
        fields = {TOKEN: token, WEBHOOK_SECRET: Secret(self.new_secret())}
        installed = await self.store(plan, bot, fields)
        try:
            await self.listen(self.address(installed.installation_id), fields, drop_pending=drop_pending)
        except (MooringsError, asyncio.CancelledError):
            await asyncio.shield(self.installing.withdraw(plan))
            raise
        return await self.connect(caller, plan.installation, bot, self.delivery)

    async def rotate(self, caller: Caller, integration_id: str, token: Secret) -> TokenReplaced:
        """Take the token that @BotFather gave in place of one that it revoked; another bot's changes nothing.

        Should Telegram not be told where to send the updates, a job sees to it.
        """
        for _ in range(TRIES):
            held = await self.installing.held(caller, ID, integration_id)
            held.integration.check({TOKEN: token}, below="")
            bot = await self.host.me(token)
            if str(bot.id) != held.bot.claim:
                raise DifferentAccount("This is the token of another bot; the old one is kept.")
            fields = {**held.opened.fields, TOKEN: token}
            wishes, kind = self._after_rotation(held), Kind.CREDENTIALS_ROTATED
            if await self.installing.replace(caller, held, fields, bot.verification, kind, wishes=wishes):
                with suppress(ProviderFailed):
                    await self.heard(await self._again(held))
                self.jobs.wake()
                return TokenReplaced(held.installation.id, self.now())
        raise Conflict("The token of this bot is being replaced by others too; try again.")

    def _after_rotation(self, held: Held) -> list[Wish]:
        place, now = held.installation.id, self.now()
        polls = [Wish(JobKind.POLL, place, now)] if held.bot.delivery is Delivery.POLLING else []
        return [Wish(JobKind.REPAIR, place, now + REPAIRED_AFTER), *polls]

    async def store(
        self, plan: Plan, bot: TelegramBot, fields: SecretFields, put: Callable[..., None] | None = None,
        *, managed: bool = False,
    ) -> InstalledBot:  # fmt: skip
        """Keep a bot that is not heard yet; raises `AlreadyInstalled` when the owner has it.

        One that is `managed` counts as connected at once: nobody waits for an answer whom a refusal could be told, and
        its messages wait at Telegram until the job has seen to its webhook.
        """
        status = InstallationStatus.CONNECTED if managed else InstallationStatus.PENDING
        kept = replace(plan, installation=replace(plan.installation, status=status))
        installed = InstalledBot(
            plan.installation.id, plan.caller.owner, ID, str(bot.id), self.delivery, managed=managed
        )
        wishes = [Wish(JobKind.REPAIR, installed.installation_id, self.now() + REPAIRED_AFTER)]
        if managed and self.delivery is Delivery.POLLING:
            wishes.append(Wish(JobKind.POLL, installed.installation_id, self.now()))
        await self.installing.install(kept, installed, fields, bot.verification, wishes=wishes, put=put or rows.install)
        return installed

    async def listen(self, address: str | None, fields: SecretFields, *, drop_pending: bool = False) -> None:
        """Let Telegram send a bot's updates to an address of ours, or keep them for us to fetch."""
        token = fields[TOKEN]
        if address is None:
            await self.host.delete_webhook(token, drop_pending=drop_pending)
            return
        await self.host.set_webhook(token, Webhook(address, fields[WEBHOOK_SECRET], UPDATES, drop_pending))
        if await self.host.webhook_url(token) != address:
            raise ProviderFailed("Telegram sends the bot's updates elsewhere; is another program using this bot?")

    async def connect(
        self, caller: Caller, installation: Installation, bot: TelegramBot, delivery: Delivery
    ) -> TelegramInstalled:
        """Let an installation that is heard count as connected."""
        now = self.now()
        entry = done_by(caller, now, Kind.INSTALLATION_CONNECTED, installation.id, installation.environment)
        account, polls = bot.verification.account, delivery is Delivery.POLLING
        wishes = [Wish(JobKind.POLL, installation.id, now)] if polls else []
        if not await self.installing.database.write(rows.heard, installation, account, entry, wishes=wishes):
            raise IntegrationNotFound("The installation was removed while it was made.")
        self.jobs.wake()
        connected = replace(
            installation, status=InstallationStatus.CONNECTED, account=account, verified_at=now, updated_at=now
        )
        return TelegramInstalled(connected, bot, delivery, None if polls else self.address(installation.id))

    async def repair(self, installation_id: str) -> datetime | None:
        """The job that brings to its end what a process has left half done; see `Handler`."""
        installation = await self.installing.database.read(installation_rows.by_id, installation_id)
        held = await self.installing.open(ID, installation) if installation else None
        if held is None:
            return None
        caller = by_itself(held.installation.owner)
        held = await self.adopt(caller, held) if held.bot.managed else held
        try:
            bot = await self.host.me(held.opened.fields[TOKEN])
        except CredentialsRejected:
            await self.installing.fail(held.installation, DEAD.format(installation_id))
            return None
        await self.heard(held)
        if held.installation.status is not InstallationStatus.CONNECTED:
            await self.connect(caller, held.installation, bot, held.bot.delivery)
            log.info("an installation was brought to its end by a job", extra={"installation": installation_id})
        return None

    async def heard(self, held: Held) -> None:
        """Let Telegram send a bot's updates to us unless it does so already; a new token may have ended that."""
        fields = held.opened.fields
        address = self.address(held.installation.id) if held.bot.delivery is Delivery.WEBHOOK else None
        if await self.host.webhook_url(fields[TOKEN]) != (address or ""):
            await self.listen(address, fields)

    async def adopt(self, caller: Caller, held: Held) -> Held:
        """Hold the token that a managed bot has at present, whoever replaced the one before."""
        for _ in range(TRIES):
            token = await self.managing.token_of(int(held.bot.claim))
            if token == held.opened.fields[TOKEN]:
                return held
            with suppress(CredentialsRejected):  # it was replaced once more since
                bot = await self.host.me(token)
                fields = {**held.opened.fields, TOKEN: token}
                await self.installing.replace(caller, held, fields, bot.verification, Kind.CREDENTIALS_ROTATED)
            held = await self._again(held)
        raise Conflict("The token of this bot is being replaced by others too; try again.")

    async def _again(self, held: Held) -> Held:
        again = await self.installing.open(ID, held.installation)
        if again is None:
            raise IntegrationNotFound("The installation was removed meanwhile.")
        return again

    async def farewell(self, installation: Installation) -> str | None:
        """Tell Telegram to send nothing more; what a person should know where that did not work."""
        try:
            held = await self.installing.open(ID, installation)
            if held is None or held.bot.delivery is Delivery.POLLING:
                return None
            token = held.opened.fields[TOKEN]
            if await self.host.webhook_url(token) == self.address(installation.id):
                await self.host.delete_webhook(token)
        except MooringsError:
            return "Telegram could not be told to stop; its calls find nothing here any more, and it gives up in time."
        return None

    @property
    def delivery(self) -> Delivery:
        """How bots' messages come on this server."""
        return Delivery.POLLING if self.webhook_base is None else Delivery.WEBHOOK

    def address(self, installation_id: str) -> str | None:
        """Where Telegram sends an installation's updates; None where they are fetched."""
        return None if self.webhook_base is None else f"{self.webhook_base}/hooks/{ID}/{installation_id}"


def by_itself(owner: str) -> Caller:
    """The actor of what this server does without being asked, for an owner."""
    return Caller("moorings", owner, frozenset({Scope.WRITE}))
