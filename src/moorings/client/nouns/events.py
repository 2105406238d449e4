"""Events: what providers told, how it was passed on, and where it goes."""

from typing import Any

from pydantic import SecretStr

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, path
from moorings.client.nouns.integrations import Installation
from moorings.client.operation import Noun, Operation, S


class Try(Answer):
    """One attempt to pass an event on; `error` is a word for why it failed."""

    at: Time
    status: int | None
    duration_ms: int
    error: str | None


class Delivery(Answer):
    """How an event fares; `state` is `waiting`, `delivered`, `failed` or `kept`."""

    state: str
    next_try_at: Time | None
    tries: list[Try]


class Event(Answer):
    """What a provider told, in one form for all of them."""

    id: str
    type: str
    integration_id: str
    environment: str | None
    channel: str | None
    sender: str | None
    text: str | None
    raw: dict[str, Any]
    readable: bool = True
    received_at: Time
    delivery: Delivery


class EventList(Answer):
    """Some events, the newest first; `next_cursor` leads to those before."""

    data: list[Event]
    next_cursor: str | None


class ForwardSecret(Answer):
    """The secret that signs deliveries, shown this once."""

    success: bool
    integration_id: str
    secret: SecretStr
    previous_valid_until: Time | None


class Events(Noun[S]):
    """Events and their way on."""

    @Operation
    def list(self, integration: str, *, limit: int | None = None, cursor: str | None = None) -> Call[EventList]:
        """The newest events of an installation, or of all of an integration."""
        return Call("GET", path("integrations", integration, "events"), EventList, given(limit=limit, cursor=cursor))

    @Operation
    def redeliver(self, integration: str, event: str, *, idempotency_key: str | None = None) -> Call[Event]:
        """Pass an event on once more, however it ended."""
        place = path("integrations", integration, "events", event, "redeliver")
        return Call("POST", place, Event, body={}, idempotency_key=idempotency_key)

    @Operation
    def forward_to(self, integration: str, url: str | None) -> Call[Installation]:
        """Let an installation's events go to this address from now on, or nowhere."""
        return Call("PATCH", path("integrations", integration), Installation, body={"forwardUrl": url})

    @Operation
    def renew_secret(self, integration: str, *, grace_seconds: int | None = None) -> Call[ForwardSecret]:
        """A new secret to check deliveries with; the one before stays good for a while."""
        place = path("integrations", integration, "forward-secret")
        return Call("POST", place, ForwardSecret, body=given(graceSeconds=grace_seconds))
