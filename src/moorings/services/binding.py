"""A bot that a person made becomes an installation of ours: its token is fetched, and it is heard."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from moorings.domain.audit import AuditEntry, Kind, done_by
from moorings.domain.bot import InstalledBot
from moorings.domain.caller import Caller
from moorings.domain.ids import Clock
from moorings.domain.managed_bot import ManagedRequest, RequestStatus
from moorings.domain.secret import Secret
from moorings.errors import (
    AlreadyInstalled,
    CredentialsRejected,
    IntegrationNotFound,
    MooringsError,
    RequestClosed,
)
from moorings.services.installing import InstallWish
from moorings.services.telegram import ID, TOKEN, WEBHOOK_SECRET, Telegram, by_itself
from moorings.store import managed_bots as rows
from moorings.store.database import Database

GIVEN_UP_AFTER = timedelta(hours=24)
"""How long it is tried to bind a bot that has arrived."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Binding:
    """`telegram` installs what is bound."""

    telegram: Telegram
    database: Database
    now: Clock

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
        put = partial(rows.bind, before=request, completed=completed, noted=noted(caller, completed, self.now()))
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
        await self.database.write(rows.change, request, failed, noted(by_itself(request.owner), failed, self.now()))


def noted(caller: Caller, request: ManagedRequest, at: datetime) -> AuditEntry:
    """The entry that a request has changed."""
    kind = Kind.BOT_REQUEST_CHANGED
    return done_by(caller, at, kind, request.id, request.environment, outcome=request.status)
