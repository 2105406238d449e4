"""Telegram bots that a person makes by a link, without ever seeing a token; asked for, bound, and given new tokens."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from moorings.domain.audit import AuditEntry, Kind, done_by
from moorings.domain.bot import InstalledBot, Webhook
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import MANAGED, Clock, is_id, new_id
from moorings.domain.job import JobKind, Wish
from moorings.domain.managed_bot import OPEN_FOR, ManagedRequest, NewBot, RequestStatus
from moorings.domain.secret import Secret
from moorings.domain.username import suggested, username_problem
from moorings.errors import (
    AlreadyInstalled,
    Conflict,
    CredentialsRejected,
    Detail,
    IntegrationNotFound,
    InvalidBody,
    MooringsError,
    NotManaged,
    RequestClosed,
    RequestNotFound,
)
from moorings.services.installing import TRIES, InstallWish
from moorings.services.managing_bot import SENTENCES, Reason
from moorings.services.telegram import ID, TOKEN, WEBHOOK_SECRET, Telegram, TokenReplaced, by_itself
from moorings.store import bots as bot_rows
from moorings.store import jobs as job_rows
from moorings.store import managed_bots as rows
from moorings.store.database import Database

GIVEN_UP_AFTER = timedelta(hours=24)
"""How long it is tried to bind a bot that has arrived."""

MANAGER = "manager"
"""The managing bot's place among the addresses and jobs of bots."""

HEARD = ("managed_bot",)

SOON = timedelta(seconds=30)
"""When a job looks after what a call has begun, in case its process is killed."""

UNHEARD_FOR = timedelta(hours=1)
"""When a managing bot is looked at again whose token Telegram does not know."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a managed bot can be had; of a username it is only known whether Telegram would take such a one."""

    manager: str | None
    reason: Reason | None
    username: str | None
    username_valid: bool | None


@dataclass(frozen=True, slots=True)
class BotWish:
    """The bot that is asked for; `username` is how its suggestion shall begin."""

    name: str
    username: str | None
    install: InstallWish


@dataclass(frozen=True, slots=True)
class Invitation:
    """A request, and the link by which a person answers it in Telegram."""

    request: ManagedRequest
    link: str


@dataclass(frozen=True, slots=True)
class ManagedBots:
    """The use cases of managed bots; `telegram` installs what is bound."""

    telegram: Telegram
    database: Database
    now: Clock

    async def availability(self, caller: Caller, username: str | None) -> Availability:
        """What can be said before a request is made."""
        caller.require(Scope.READ)
        standing = await self.telegram.managing.standing()
        valid = None if username is None else username_problem(username) is None
        reason = standing.reason or (Reason.USERNAME_INVALID if valid is False else None)
        return Availability(standing.username, reason, username, valid)

    async def initiate(self, caller: Caller, wish: BotWish) -> Invitation:
        """Ask for a bot: the link lets a person make it, under the suggested names or others."""
        caller.require(Scope.WRITE)
        self.telegram.installing.environments.check(wish.install.environment)
        caller.require_write(wish.install.environment)
        self.telegram.installing.forwarding.check(wish.install.forward_url)
        if wish.username is not None and (problem := username_problem(wish.username)):
            raise InvalidBody("Telegram takes no bot of this username.", [Detail("username", problem)])
        await self._check_reserved(caller, wish.install)
        manager, now = await self.telegram.managing.username(), self.now()
        request = ManagedRequest(
            new_id(MANAGED, now), caller.owner, caller.id, RequestStatus.PENDING,
            suggested(wish.username or wish.name), wish.name, wish.install.environment, wish.install.forward_url,
            wish.install.reserved, now, now + OPEN_FOR, now,
        )  # fmt: skip
        entry = done_by(caller, now, Kind.BOT_REQUESTED, request.id, request.environment)
        await self.database.write(rows.add, request, entry)
        return Invitation(request, _link(manager, request))

    async def status(self, caller: Caller, request_id: str) -> ManagedRequest:
        """Where a request stands."""
        caller.require(Scope.READ)
        request = await self._find(caller.owner, request_id)
        caller.require_read(request.environment)
        return request

    async def cancel(self, caller: Caller, request_id: str) -> ManagedRequest:
        """End a request that has not ended yet."""
        return await self._change(caller, request_id, lambda request: request.cancelled(self.now()))

    async def confirm(self, caller: Caller, request_id: str) -> ManagedRequest:
        """Bind the bot that arrived under another name than the suggested one."""
        request = await self._writable(caller, request_id)
        bind = [Wish(JobKind.BIND, request.id, self.now() + SOON)]
        await self._change(caller, request_id, lambda present: present.confirmed(self.now()), bind)
        await self.bind(request.id)
        return await self._find(caller.owner, request_id)

    async def reject(self, caller: Caller, request_id: str) -> ManagedRequest:
        """Leave that bot to its owner; its token is replaced, so that none that we might have had is worth anything."""
        request = await self._writable(caller, request_id)
        request.rejected(self.now())
        if request.bot_id is not None:
            await self.telegram.managing.replace_token_of(request.bot_id)
        return await self._change(caller, request_id, lambda present: present.rejected(self.now()))

    async def rotate(self, caller: Caller, integration_id: str) -> TokenReplaced:
        """Give a managed bot a new token; should we be killed, a job fetches what Telegram has."""
        held = await self.telegram.installing.held(caller, ID, integration_id)
        if not held.bot.managed:
            raise NotManaged(
                "This bot was installed by its token; only @BotFather can give it another. Bring that by "
                "POST /v1/integrations/telegram/rotate."
            )
        place = held.installation.id
        await self.database.write(job_rows.wish, JobKind.REPAIR, place, self.now() + SOON)
        await self.telegram.managing.replace_token_of(int(held.bot.claim))
        for _ in range(TRIES):
            with suppress(CredentialsRejected):  # replaced once more between the two
                await self.telegram.heard(await self.telegram.adopt(caller, held))
                return TokenReplaced(place, self.now())
        raise Conflict("The token of this bot is being replaced by others too; try again.")

    async def hear(self, update: Mapping[str, Any]) -> None:
        """What Telegram tells the managing bot: a bot was made, or has another token or owner; not which of these."""
        bot = _told(update)
        if bot is None:
            return
        installed = await self.database.read(bot_rows.managed, ID, str(bot.id))
        for one in installed:
            await self.database.write(job_rows.wish, JobKind.REPAIR, one.installation_id, self.now())
        if not installed:
            answered = await self.database.write(rows.arrive, bot, self.now(), self._arrival)
            told = answered.id if answered else "no request that can be told"
            log.info("a bot arrived at the managing bot", extra={"bot": bot.id, "answers": told})
        self.telegram.jobs.wake()

    async def start(self) -> None:
        """See, once this server runs, that the managing bot is heard."""
        if self.telegram.managing.token is not None:
            await self.database.write(job_rows.wish, JobKind.MANAGE, MANAGER, self.now())
            self.telegram.jobs.wake()

    async def listen(self, _: str) -> datetime | None:
        """Let Telegram send the managing bot's updates here, or fetch them; a job, see `Handler`."""
        telegram = self.telegram
        if telegram.managing.token is None:
            return None
        try:
            await self._listen_at(telegram.managing.token, telegram.address(MANAGER))
        except CredentialsRejected:  # a matter for the operator; to try it every few seconds would help nobody
            log.error(SENTENCES[Reason.TOKEN_INVALID])  # noqa: TRY400 - no defect that wants a trace
            return self.now() + UNHEARD_FOR
        return None

    async def _listen_at(self, token: Secret, address: str | None) -> None:
        telegram = self.telegram
        if address is None:
            await telegram.host.delete_webhook(token)
            await self.database.write(job_rows.wish, JobKind.POLL, MANAGER, self.now())
            telegram.jobs.wake()
            return
        await telegram.host.set_webhook(token, Webhook(address, telegram.managing.webhook_secret, HEARD))

    async def bind(self, request_id: str) -> datetime | None:
        """Fetch the token of a bot that has arrived, and install the bot; a job, see `Handler`."""
        request = await self.database.read(rows.by_id, request_id)
        if request is None or request.status is not RequestStatus.BINDING or request.bot_id is None:
            return None
        try:
            installed = await self._install(request, await self.telegram.managing.token_of(request.bot_id))
        except (CredentialsRejected, AlreadyInstalled, IntegrationNotFound, RequestClosed) as error:
            await self._fail(request, error)
            return None
        except MooringsError as error:
            if self.now() < request.updated_at + GIVEN_UP_AFTER:
                raise
            await self._fail(request, error)
            return None
        await self._listen(installed)
        return None

    async def _install(self, request: ManagedRequest, token: Secret) -> InstalledBot:
        caller = by_itself(request.owner)
        bot = await self.telegram.host.me(token)
        wish = InstallWish(request.reserved, request.suggested_name, request.environment, request.forward_url)
        plan = await self.telegram.installing.plan(caller, ID, wish)
        completed = request.completed(plan.installation.id, self.now())
        put = partial(rows.bind, before=request, completed=completed, noted=self._noted(caller, completed))
        fields = {TOKEN: token, WEBHOOK_SECRET: Secret(self.telegram.new_secret())}
        return await self.telegram.store(plan, bot, fields, put, managed=True)

    async def _listen(self, installed: InstalledBot) -> None:
        """The bot is installed; what is wrong with its webhook is the job's to put right, not the request's."""
        try:
            await self.telegram.repair(installed.installation_id)
        except MooringsError as error:
            log.warning("a bound bot is not heard yet; it will be tried again", extra={"code": error.code})
        self.telegram.jobs.wake()

    async def _fail(self, request: ManagedRequest, error: MooringsError) -> None:
        failed = request.failed(error.message, self.now())
        await self.database.write(rows.change, request, failed, self._noted(by_itself(request.owner), failed))

    async def _check_reserved(self, caller: Caller, wish: InstallWish) -> None:
        try:
            if wish.reserved:
                await self.telegram.installing.reserved(caller, ID, wish)
        except IntegrationNotFound as error:
            raise InvalidBody(
                "There is nothing reserved to complete.", [Detail("integrationId", error.message)]
            ) from None

    async def _writable(self, caller: Caller, request_id: str) -> ManagedRequest:
        caller.require(Scope.WRITE)
        request = await self._find(caller.owner, request_id)
        caller.require_write(request.environment)
        return request

    async def _find(self, owner: str, request_id: str) -> ManagedRequest:
        known = is_id(request_id, MANAGED)
        request = await self.database.read(rows.find, owner, request_id) if known else None
        if request is None:
            raise RequestNotFound("There is no request for a managed bot of this id.")
        return request.at(self.now())

    async def _change(
        self, caller: Caller, request_id: str, step: Callable[[ManagedRequest], ManagedRequest],
        wishes: list[Wish] | None = None,
    ) -> ManagedRequest:  # fmt: skip
        for _ in range(TRIES):
            before = await self._writable(caller, request_id)
            after = step(before)
            if await self.database.write(rows.change, before, after, self._noted(caller, after), wishes or []):
                return after
        raise Conflict("This request is being changed by others too; try again.")

    def _noted(self, caller: Caller, request: ManagedRequest) -> AuditEntry:
        kind, at = Kind.BOT_REQUEST_CHANGED, self.now()
        return done_by(caller, at, kind, request.id, request.environment, outcome=request.status)

    def _arrival(self, request: ManagedRequest) -> AuditEntry:
        return self._noted(by_itself(request.owner), request)


def _link(manager: str, request: ManagedRequest) -> str:
    name = quote(request.suggested_name, safe="")
    return f"https://t.me/newbot/{manager}/{request.suggested_username}?name={name}"


def _told(update: Mapping[str, Any]) -> NewBot | None:
    """The bot of a `managed_bot` update; None for anything else."""
    told = update.get("managed_bot")
    bot = told.get("bot") if isinstance(told, dict) else None
    if not isinstance(bot, dict) or not isinstance(bot.get("id"), int) or not isinstance(bot.get("username"), str):
        return None
    return NewBot(bot["id"], bot["username"], str(bot.get("first_name", "")))
