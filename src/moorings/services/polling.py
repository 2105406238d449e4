"""Fetches the updates of bots where Telegram cannot reach this server; each bot by one worker, who holds its job.

Telegram keeps an update until a call asks for those after it. That call is made only when the update is on disk here;
what comes twice, because a worker was killed between the two, the inbox knows by its number.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moorings.domain.bot import Delivery
from moorings.domain.ids import Clock
from moorings.domain.secret import Secret
from moorings.errors import CredentialsRejected
from moorings.services.arrivals import HEARD, MANAGER, Arrivals
from moorings.services.inbox import Inbox
from moorings.services.installing import Held
from moorings.services.telegram import DEAD, ID, TOKEN, UPDATES, Telegram, by_itself
from moorings.store import installations as installation_rows
from moorings.store.database import Database

Updates = Sequence[Mapping[str, Any]]
Take = Callable[[Updates], Awaitable[None]]

ROUND = timedelta(seconds=50)
"""How long a worker stays with a bot before it gives its job back."""


@dataclass(frozen=True, slots=True)
class Polling:
    """`seconds` is how long Telegram may hold a call for which there is no update yet."""

    telegram: Telegram
    arrivals: Arrivals
    inbox: Inbox
    database: Database
    now: Clock
    seconds: int = 25
    offsets: dict[str, int] = field(default_factory=dict)

    async def poll(self, job_id: str) -> datetime | None:
        """Stay with a bot for a while; a job, see `Handler`. Its id is an installation's, or the managing bot's."""
        ends = self.now() + ROUND
        while await (self._managing() if job_id == MANAGER else self._installed(job_id)):
            if self.now() >= ends:
                return self.now()
        self.offsets.pop(job_id, None)
        return None

    async def _managing(self) -> bool:
        """One call for the managing bot; False where it is not to be polled any more."""
        token = self.telegram.managing.token
        if token is None or self.telegram.webhook_base is not None:
            return False
        await self._fetch(MANAGER, token, HEARD, self._hear)
        return True

    async def _installed(self, installation_id: str) -> bool:
        """One call for an installed bot; False where it is gone, or its token is dead."""
        held = await self._held(installation_id)
        if held is None:
            return False
        token = held.opened.fields[TOKEN]
        try:
            await self._fetch(installation_id, token, UPDATES, lambda found: self._keep(held, found))
        except CredentialsRejected:
            return await self._replaced(held)
        return True

    async def _replaced(self, held: Held) -> bool:
        """A token that is dead may have been replaced just now; that of a managed bot can be fetched."""
        if held.bot.managed:
            await self.telegram.adopt(by_itself(held.installation.owner), held)
            return True
        again = await self._held(held.installation.id)
        if again is not None and again.opened.fields[TOKEN] == held.opened.fields[TOKEN]:
            await self.telegram.installing.fail(held.installation, DEAD.format(held.installation.id))
            return False
        return again is not None

    async def _fetch(self, name: str, token: Secret, wanted: Sequence[str], take: Take) -> None:
        found = await self.telegram.host.updates(token, self.offsets.get(name), self.seconds, wanted)
        numbers = [update["update_id"] for update in found if isinstance(update.get("update_id"), int)]
        await take(found)
        if numbers:
            self.offsets[name] = max(numbers) + 1

    async def _keep(self, held: Held, found: Updates) -> None:
        read = self.inbox.listeners[ID].read
        events = [event for update in found for event in read(json.dumps(update).encode()).events]
        if events:
            await self.inbox.keep(held.installation, events)

    async def _hear(self, found: Updates) -> None:
        for update in found:
            await self.arrivals.hear(update)

    async def _held(self, installation_id: str) -> Held | None:
        installation = await self.database.read(installation_rows.by_id, installation_id)
        held = await self.telegram.installing.open(ID, installation) if installation else None
        return held if held is not None and held.bot.delivery is Delivery.POLLING else None
