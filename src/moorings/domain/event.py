"""Events: what providers tell about an installation, and its way on to the user's own program."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from moorings.domain.environment import Environment
from moorings.domain.secret import Sealed

RETRIED_FOR = timedelta(hours=24)
"""How long an event is sent again and again before it is given up."""

_NAME = re.compile(r"[!-~]{1,64}")
_TYPE = re.compile(r"[a-z0-9_.]{1,64}")


class DeliveryState(StrEnum):
    """Where an event stands on its way: kept ones have no address to go to."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One thing a provider tells, in the one form of all providers; `name` is its own id for it, by which repeats show.

    `revoked` means that the provider has taken our access away.
    """

    name: str
    type: str
    channel: str | None
    sender: str | None
    text: str | None
    raw: Mapping[str, Any]
    revoked: bool = False

    def content(self) -> bytes:
        """What is sealed of it, as JSON; raises `ValueError` for what JSON cannot say."""
        parts = {"channel": self.channel, "sender": self.sender, "text": self.text, "raw": self.raw}
        return json.dumps(parts, separators=(",", ":"), allow_nan=False).encode()

    @property
    def conversation(self) -> str:
        """Within which events keep their order; safe to stand in a row and in a job's id."""
        return _safe(self.channel or "-")

    @property
    def key(self) -> str:
        """The provider's id, safe to stand in a row."""
        return _safe(self.name)

    @property
    def kind(self) -> str:
        """The type, safe to stand in a row."""
        return self.type if _TYPE.fullmatch(self.type) else "unknown"


@dataclass(frozen=True, slots=True)
class Received:
    """What came with one call of a provider, and what it wants to hear back."""

    events: tuple[InboundEvent, ...] = ()
    reply: bytes = b""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to deliver: when, the status it met, the milliseconds it took, and a word for what went wrong."""

    at: datetime
    status: int | None
    duration_ms: int
    error: str | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is kept: what people wrote is sealed."""

    id: str
    owner: str
    installation_id: str
    environment: Environment
    type: str
    sealed: Sealed
    received_at: datetime
    state: DeliveryState
    due_at: datetime
    give_up_at: datetime
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """An event in the open; of one that is not `readable` only what stands beside its content is known."""

    stored: StoredEvent
    channel: str | None = None
    sender: str | None = None
    text: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    readable: bool = True

    @classmethod
    def opened(cls, stored: StoredEvent, content: bytes) -> "Event":
        """From what `InboundEvent.content` made."""
        return cls(stored, **json.loads(content))


def job_id(installation_id: str, conversation: str) -> str:
    """The job that delivers a conversation: one at a time, and so in order."""
    return f"{installation_id}/{conversation}"


def _safe(text: str) -> str:
    return text if _NAME.fullmatch(text) else hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
