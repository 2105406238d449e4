"""Telegram bots that a person makes by a link, without ever seeing a token: asked for, and given new tokens."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from moorings.domain.audit import Kind, done_by
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import MANAGED, Clock, is_id, new_id
from moorings.domain.job import JobKind, Wish
from moorings.domain.managed_bot import OPEN_FOR, ManagedRequest, RequestStatus
from moorings.domain.username import suggested, username_problem
from moorings.errors import (
    Conflict,
    CredentialsRejected,
    Detail,
    IntegrationNotFound,
    InvalidBody,
    NotManaged,
    RequestNotFound,
)
from moorings.services.binding import Binding, noted
from moorings.services.installing import TRIES, InstallWish
from moorings.services.managing_bot import Reason
from moorings.services.telegram import ID, Telegram, TokenReplaced
from moorings.store import jobs as job_rows
from moorings.store import managed_bots as rows
from moorings.store.database import Database

SOON = timedelta(seconds=30)
"""When a job looks after what a call has begun, in case its process is killed."""


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
    """What callers ask of managed bots."""

    telegram: Telegram
    binding: Binding
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
        await self.binding.bind(request.id)
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
            if await self.database.write(rows.change, before, after, noted(caller, after, self.now()), wishes or []):
                return after
        raise Conflict("This request is being changed by others too; try again.")


def _link(manager: str, request: ManagedRequest) -> str:
    name = quote(request.suggested_name, safe="")
    return f"https://t.me/newbot/{manager}/{request.suggested_username}?name={name}"
