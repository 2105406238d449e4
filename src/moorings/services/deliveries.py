"""Passes events on to the user's own program: signed, in order, again and again until it takes them."""

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.event import RETRIED_FOR, DeliveryState, Event, StoredEvent, Try
from moorings.domain.ids import Clock
from moorings.errors import RowAltered, SealBroken
from moorings.providers.receiver import Receipt, Receiver
from moorings.services.contents import Contents
from moorings.services.forward_secrets import ForwardSecrets
from moorings.services.normal_form import written
from moorings.services.turns import Turns
from moorings.store import events as rows
from moorings.store.database import Database
from moorings.store.events import Head, Outcome

ACTOR = "forwarding"
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 1_800.0
"""Seconds between tries: doubled with each that fails, up to the longest, less a random part of at most a half."""

OFF_AFTER = timedelta(hours=72)
"""An address is switched off when an event was given up and nothing has got through for so long."""

AT_ONCE, AT_ONCE_FAILING = 64, 4
"""How many conversations one address is sent at once by a process: enough for a quick one. A slow one, and even more
one that fails, would else hold all the room that there is, and everybody's events with it."""

PATIENCE_SECONDS = 0.5
"""How long a conversation waits for its turn at an address that works, before it makes room and comes again."""

SOONEST_AGAIN, LATEST_AGAIN = 5.0, 900.0
"""Seconds until then; up to the longest, the longer the address has failed."""

ALTERED = "The forward address was changed past Moorings and is not used; give the right one again."

RUN_SECONDS = 20.0
"""How long one job goes on delivering a conversation before others have their turn."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """At least once: what was sent and could not be written down is sent again, under the same webhook-id."""

    receiver: Receiver
    contents: Contents
    secrets: ForwardSecrets
    database: Database
    now: Clock
    chance: Callable[[], float] = random.random
    turns: Turns = field(default_factory=Turns)

    async def deliver(self, job_id: str) -> datetime | None:
        """Send what waits in a conversation, the oldest first; when the next try is due, None when nothing waits."""
        installation_id, _, conversation = job_id.partition("/")
        until = time.monotonic() + RUN_SECONDS
        while time.monotonic() < until:
            head = await self.database.read(rows.head, installation_id, conversation)
            if head is None:
                return None
            if head.altered is not None:
                await self._distrust(head)
            if head.url is None:
                await self.database.write(rows.keep, installation_id, conversation)
                return None
            if head.event.due_at > self.now():
                return head.event.due_at
            async with self._turn(head) as mine:
                if not mine:
                    return self._later(head)
                await self._try(head, head.url)
        return self.now()

    async def _distrust(self, head: Head) -> None:
        event = head.event
        log.error("a forward address is not as Moorings wrote it", extra={"installation": event.installation_id})
        entry = AuditEntry(
            event.owner, self.now(), Kind.INSTALLATION_FAILING, ACTOR, event.installation_id, event.environment,
            outcome=RowAltered.code,
        )  # fmt: skip
        await self.database.write(rows.distrust, head, ALTERED, entry)

    def _turn(self, head: Head) -> AbstractAsyncContextManager[bool]:
        most, patience = (AT_ONCE, PATIENCE_SECONDS) if head.failing_since is None else (AT_ONCE_FAILING, 0.0)
        return self.turns.taken(head.event.installation_id, most, patience)

    def _later(self, head: Head) -> datetime:
        now = self.now()
        failed = (now - (head.failing_since or now)).total_seconds()
        pause = min(max(failed / 4, SOONEST_AGAIN), LATEST_AGAIN)
        return now + timedelta(seconds=pause * (1 - self.chance() / 2))

    async def _try(self, head: Head, url: str) -> None:
        at, began = self.now(), time.perf_counter()
        await self.contents.prepare(head.event)
        try:
            receipt = await self._send(head, url, await self.contents.open(head.event))
        except SealBroken as error:  # it will never open: those behind it shall not wait for it
            log.warning("an event cannot be opened", extra={"of": head.event.id, "problem": error.message})
            receipt = Receipt(None, error.code)
        took = round((time.perf_counter() - began) * 1000)
        outcome = self._judged(head, receipt, Try(at, receipt.status, took, receipt.error))
        if outcome.off:
            log.warning("a forward address was switched off", extra={"installation": head.event.installation_id})
        await self.database.write(rows.tried, head, outcome)

    async def _send(self, head: Head, url: str, event: Event) -> Receipt:
        stored = head.event
        signing = await self.secrets.signing(stored.owner, stored.installation_id, head.secret)
        now = self.now()
        return await self.receiver.send(url, stored.id, written(event), now, signing.at(now))

    def _judged(self, head: Head, receipt: Receipt, tried: Try) -> Outcome:
        event, entry = head.event, self._entry(head.event, receipt)
        if receipt.error is None:
            return Outcome(DeliveryState.DELIVERED, tried.at, tried, entry)
        if receipt.gone:
            return Outcome(
                DeliveryState.FAILED, tried.at, tried, entry, "The forward address said that it is gone (410)."
            )
        if receipt.error == SealBroken.code:
            return Outcome(DeliveryState.FAILED, tried.at, tried, entry)
        due = self.now() + timedelta(seconds=max(self._pause(event), receipt.retry_after))
        if due < event.give_up_at:
            return Outcome(DeliveryState.WAITING, due, tried, entry)
        return Outcome(DeliveryState.FAILED, tried.at, tried, entry, _off(head, tried))

    def _pause(self, event: StoredEvent) -> float:
        """How long to wait after one more failure; tries from before a redelivery do not count."""
        failed = sum(each.at >= event.give_up_at - RETRIED_FOR for each in event.tries)
        doubled: float = FIRST_PAUSE * 2 ** min(failed, 30)
        return min(doubled, LONGEST_PAUSE) * (1 - self.chance() / 2)

    def _entry(self, event: StoredEvent, receipt: Receipt) -> AuditEntry:
        outcome = "ok" if receipt.error is None else receipt.error
        return AuditEntry(
            event.owner, self.now(), Kind.EVENT_FORWARDED, ACTOR, f"{event.installation_id}/{event.id}",
            event.environment, outcome=outcome,
        )  # fmt: skip


def _off(head: Head, tried: Try) -> str | None:
    """Why the address shall be used no more; None while it may recover."""
    since = head.failing_since
    if since is None or tried.at - since < OFF_AFTER:
        return None
    met = f"it last answered {tried.status}" if tried.status else f"the last try ended with {tried.error}"
    return (
        f"Nothing has got through to the forward address since {since:%Y-%m-%d %H:%M} UTC; {met}. It was switched off."
    )
