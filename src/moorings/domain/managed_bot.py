"""A request for a managed bot: from a link that is minted to a bot that is bound, or to one of its other ends.

Nothing that Telegram tells of a new bot names the request, only the bot's username does. So a bot is bound by itself
only under a suggestion of ours that nobody could guess; any other bot is a candidate at most, for its owner to confirm.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from moorings.domain.environment import Environment
from moorings.errors import RequestClosed

OPEN_FOR = timedelta(minutes=30)
LATE_FOR = timedelta(minutes=30)
"""How long after its end a request may still be what somebody answers: its link is open on a person's telephone."""


class RequestStatus(StrEnum):
    """Where a request stands; a binding one has its bot and lacks only its token and installation."""

    PENDING = "pending"
    RENAME_PENDING = "rename_pending"
    BINDING = "binding"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


OPEN = frozenset({RequestStatus.PENDING, RequestStatus.RENAME_PENDING})
UNANSWERED = frozenset({RequestStatus.EXPIRED, RequestStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class NewBot:
    """A bot that Telegram tells our manager of, under the names that its owner chose."""

    id: int
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class ManagedRequest:
    """One request; `reserved` is the pending installation it shall complete, `installation_id` what it became."""

    id: str
    owner: str
    actor: str
    status: RequestStatus
    suggested_username: str
    suggested_name: str
    environment: Environment
    forward_url: str | None
    reserved: str | None
    created_at: datetime
    expires_at: datetime
    updated_at: datetime
    bot_id: int | None = None
    actual_username: str | None = None
    actual_name: str | None = None
    installation_id: str | None = None
    error: str | None = None

    def at(self, now: datetime) -> "ManagedRequest":
        """The same at this time; one that nobody answered has ended then, whether or not anybody noted it."""
        if self.status in OPEN and now >= self.expires_at:
            return replace(self, status=RequestStatus.EXPIRED, updated_at=self.expires_at)
        return self

    def arrived(self, bot: NewBot, now: datetime) -> "ManagedRequest":
        """With the bot that answers it: bound under the suggested name, to be confirmed under any other."""
        allowed = OPEN if self.suggests(bot) else {RequestStatus.PENDING}
        status = RequestStatus.BINDING if self.suggests(bot) else RequestStatus.RENAME_PENDING
        moved = self._moved(allowed, status, now)
        return replace(moved, bot_id=bot.id, actual_username=bot.username, actual_name=bot.name)

    def confirmed(self, now: datetime) -> "ManagedRequest":
        """Bound under the name that the bot's owner chose."""
        return self._moved({RequestStatus.RENAME_PENDING}, RequestStatus.BINDING, now)

    def rejected(self, now: datetime) -> "ManagedRequest":
        """The bot is not wanted, and stays its owner's."""
        return self._moved({RequestStatus.RENAME_PENDING}, RequestStatus.REJECTED, now)

    def cancelled(self, now: datetime) -> "ManagedRequest":
        """Nobody waits for a bot any more."""
        return self._moved(OPEN, RequestStatus.CANCELLED, now)

    def completed(self, installation_id: str, now: datetime) -> "ManagedRequest":
        """The bot is installed."""
        moved = self._moved({RequestStatus.BINDING}, RequestStatus.COMPLETED, now)
        return replace(moved, installation_id=installation_id)

    def failed(self, error: str, now: datetime) -> "ManagedRequest":
        """The bot cannot be installed; `error` says why, to a person."""
        return replace(self._moved({RequestStatus.BINDING}, RequestStatus.FAILED, now), error=error)

    def suggests(self, bot: NewBot) -> bool:
        """Whether the bot bears exactly the suggested username; Telegram's are the same in any case."""
        return bot.username.lower() == self.suggested_username.lower()

    def _moved(self, allowed: Iterable[RequestStatus], status: RequestStatus, now: datetime) -> "ManagedRequest":
        present = self.at(now)
        if present.status not in allowed:
            raise RequestClosed(f"The request is {present.shown}; this has no meaning there.")
        return replace(self, status=status, updated_at=now)

    @property
    def shown(self) -> str:
        """The status as the API names it: whoever waits for a bot waits until it is bound."""
        return RequestStatus.PENDING if self.status is RequestStatus.BINDING else self.status


def answered_by(bot: NewBot, requests: Iterable[ManagedRequest], now: datetime) -> ManagedRequest | None:
    """The request that a bot answers, with the bot in it; None where that cannot be told for certain.

    `requests` are all that were open lately, of whatever owner. Who bears a suggested name answers that request and no
    other. Any other bot may be an answer only where a single request could have it: one that is still open, while no
    other owner's has ended so lately that its link may just now be confirmed.
    """
    known = [request.at(now) for request in requests]
    named = next((request for request in known if request.suggests(bot)), None)
    if named is not None:
        return named.arrived(bot, now) if named.status in OPEN else None
    waiting = [request for request in known if request.status in OPEN]
    if len(waiting) != 1 or waiting[0].status is not RequestStatus.PENDING:
        return None
    [one] = waiting
    return None if any(_late(request, one, now) for request in known) else one.arrived(bot, now)


def _late(request: ManagedRequest, one: ManagedRequest, now: datetime) -> bool:
    """Whether another owner's request without an answer ended so lately that the bot may be meant for it."""
    ended = request.status in UNANSWERED and request.bot_id is None
    return ended and request.owner != one.owner and now < request.updated_at + LATE_FOR
