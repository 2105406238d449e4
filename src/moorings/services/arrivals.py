"""What the managing bot hears: that a person has made a bot, or that one of them has another token or owner."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moorings.domain.audit import AuditEntry
from moorings.domain.bot import Webhook
from moorings.domain.ids import Clock
from moorings.domain.job import JobKind
from moorings.domain.managed_bot import ManagedRequest, NewBot
from moorings.domain.secret import Secret
from moorings.errors import CredentialsRejected
from moorings.services.binding import noted
from moorings.services.managing_bot import SENTENCES, Reason
from moorings.services.telegram import ID, Telegram, by_itself
from moorings.store import bots as bot_rows
from moorings.store import jobs as job_rows
from moorings.store import managed_bots as rows
from moorings.store.database import Database

MANAGER = "manager"
"""The managing bot's place among the addresses and jobs of bots."""

HEARD = ("managed_bot",)

UNHEARD_FOR = timedelta(hours=1)
"""When a managing bot is looked at again whose token Telegram does not know."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Takes in the managing bot's updates, sent here or fetched."""

    telegram: Telegram
    database: Database
    now: Clock

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

    async def _listen_at(self, token: Secret, address: str | None) -> None:
        telegram = self.telegram
        if address is None:
            await telegram.host.delete_webhook(token)
            await self.database.write(job_rows.wish, JobKind.POLL, MANAGER, self.now())
            telegram.jobs.wake()
            return
        await telegram.host.set_webhook(token, Webhook(address, telegram.managing.webhook_secret, HEARD))

    def _arrival(self, request: ManagedRequest) -> AuditEntry:
        return noted(by_itself(request.owner), request, self.now())


def _told(update: Mapping[str, Any]) -> NewBot | None:
    """The bot of a `managed_bot` update; None for anything else."""
    told = update.get("managed_bot")
    bot = told.get("bot") if isinstance(told, dict) else None
    if not isinstance(bot, dict) or not isinstance(bot.get("id"), int) or not isinstance(bot.get("username"), str):
        return None
    return NewBot(bot["id"], bot["username"], str(bot.get("first_name", "")))
