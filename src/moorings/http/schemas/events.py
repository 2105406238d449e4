"""Events and deliveries as the API shows them."""

from typing import Any, Literal

from pydantic import Field

from moorings.domain.event import Event, StoredEvent, Try
from moorings.http.schemas.integrations import ForwardUrl, InstallationName
from moorings.http.schemas.part import Answer, Given, Time

DAY, WEEK = 86_400, 604_800


class TryOut(Answer):
    """One attempt to pass an event on."""

    at: Time = Field(description="When it was made.")
    status: int | None = Field(description="The HTTP status it met; null when there was no answer.", examples=[200])
    duration_ms: int = Field(description="How long it took, in milliseconds.", examples=[41])
    error: str | None = Field(
        description="Why it failed: REFUSED, REDIRECTED, TIMEOUT, UNREACHABLE, ADDRESS_REFUSED; null when it did not."
    )

    @classmethod
    def of(cls, each: Try) -> "TryOut":
        """From the domain's."""
        return cls(at=each.at, status=each.status, duration_ms=each.duration_ms, error=each.error)


class DeliveryOut(Answer):
    """How an event fares on its way."""

    state: Literal["waiting", "delivered", "failed", "kept"] = Field(
        description="kept means that there was no forward address, or that it was switched off."
    )
    next_try_at: Time | None = Field(description="When it is tried next; null when it is not.")
    tries: list[TryOut] = Field(description="All attempts, the oldest first.")

    @classmethod
    def of(cls, stored: StoredEvent) -> "DeliveryOut":
        """From the domain's."""
        next_try = stored.due_at if stored.state == "waiting" else None
        return cls(state=stored.state.value, next_try_at=next_try, tries=[TryOut.of(each) for each in stored.tries])


class EventOut(Answer):
    """What a provider told, in one form for all of them."""

    id: str = Field(
        description="The event's id; the webhook-id of its deliveries.", examples=["evt_01kb0h6v3m8x2q4r5s6t7v8w9x"]
    )
    type: str = Field(description="The provider's own word for it.", examples=["message"])
    integration_id: str = Field(
        description="The installation it came to.", examples=["intg_01kb0h6v3m8x2q4r5s6t7v8w9x"]
    )
    environment: str | None = Field(description="The environment that serves; null for all.", examples=["production"])
    channel: str | None = Field(description="The conversation, as the provider numbers it.", examples=["C024BE91L"])
    sender: str | None = Field(description="Who caused it, as the provider numbers them.", examples=["U2147483697"])
    text: str | None = Field(description="What was written, where something was.", examples=["Is anybody there?"])
    raw: dict[str, Any] = Field(description="All that the provider sent.")
    readable: bool = Field(
        description="Whether its content opens. Where it does not, channel, sender and text are null and raw is empty."
    )
    received_at: Time = Field(description="When it came here.")
    delivery: DeliveryOut = Field(description="How it fares on its way to the forward address.")

    @classmethod
    def of(cls, event: Event) -> "EventOut":
        """From the domain's."""
        stored = event.stored
        return cls(
            id=stored.id, type=stored.type, integration_id=stored.installation_id, environment=stored.environment,
            channel=event.channel, sender=event.sender, text=event.text, raw=dict(event.raw),
            readable=event.readable, received_at=stored.received_at, delivery=DeliveryOut.of(stored),
        )  # fmt: skip


class EventList(Answer):
    """Some events, the newest first."""

    data: list[EventOut] = Field(description="The events.")
    next_cursor: str | None = Field(description="Give this as `cursor` for those before; null when there are none.")


class ChangeInstallation(Given):
    """What shall be different; what is absent stays."""

    name: InstallationName = None
    forward_url: ForwardUrl = None


class RenewForwardSecret(Given):
    """How long the secret before stays good."""

    grace_seconds: int = Field(
        DAY, ge=0, le=WEEK, description="How long deliveries are signed with the secret before as well."
    )


class ForwardSecretOut(Answer):
    """The secret that signs deliveries, shown this once."""

    success: bool = Field(description="Always true.")
    integration_id: str = Field(description="The installation.", examples=["intg_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    secret: str = Field(description="The secret, for any library of Standard Webhooks. It is not shown again.")
    previous_valid_until: Time | None = Field(description="Until when the secret before signs too; null without one.")
