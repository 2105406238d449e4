"""What Telegram sends: one update a call, with the secret token that was given when the webhook was set.

https://core.telegram.org/bots/api#setwebhook, https://core.telegram.org/bots/api#update
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moorings.domain.event import InboundEvent, Received
from moorings.domain.secret import SecretFields
from moorings.errors import WebhookRefused
from moorings.providers.payload import read, text_at

HEADER = "x-telegram-bot-api-secret-token"


class Inbound:
    """See `moorings.providers.contract.Inbound`."""

    fields = frozenset({"webhookSecret"})

    def verify(self, headers: Mapping[str, str], body: bytes, fields: SecretFields, now: datetime) -> None:  # noqa: ARG002 - the token covers neither body nor time
        """The secret token of this webhook; a bot that is polled has none."""
        secret = fields.get("webhookSecret")
        wanted = secret.reveal() if secret else ""
        if not hmac.compare_digest(headers.get(HEADER, "").encode(), wanted.encode()) or not wanted:
            raise WebhookRefused

    def read(self, body: bytes) -> Received:
        """The update; the reply stays empty, for Telegram would carry out what stands in it."""
        update = read(body)
        event = event_of(update)
        return Received((event,) if event else ())


def event_of(update: Mapping[str, Any]) -> InboundEvent | None:
    """An update in the one form; None for what is no update."""
    number = update.get("update_id")
    kind = next((name for name, value in update.items() if isinstance(value, dict)), None)
    if not isinstance(number, int) or kind is None:
        return None
    inner = update[kind]
    return InboundEvent(
        name=str(number),
        type=kind,
        channel=text_at(inner, "chat.id", "message.chat.id"),
        sender=text_at(inner, "from.id", "user.id", "sender_chat.id", "actor_chat.id"),
        text=text_at(inner, "text", "caption", "data", "query"),
        raw=update,
    )
