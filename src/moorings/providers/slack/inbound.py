"""What Slack sends, always signed: the calls of the Events API, and what people command and press.

https://docs.slack.dev/authentication/verifying-requests-from-slack, https://docs.slack.dev/apis/events-api
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from moorings.domain.event import InboundEvent, Received
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import WebhookRefused
from moorings.providers.payload import part, read, text_at
from moorings.providers.slack.interactions import interactions, is_form

SIGNED_SECONDS = 300
_DIGITS = 12
_ENDS = "app_uninstalled"
_REVOKED = "tokens_revoked"


class Inbound:
    """See `moorings.providers.contract.Inbound`."""

    fields = frozenset({"signingSecret", "previousSigningSecret", "previousValidUntil"})

    def verify(self, headers: Mapping[str, str], body: bytes, fields: SecretFields, now: datetime) -> None:
        """The v0 signature over the raw bytes, not older than five minutes; under the old secret for its grace time."""
        sent, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "").encode()
        good = [hmac.compare_digest(_signature(secret, sent, body), given) for secret in _secrets(fields, now)]
        fresh = sent.isascii() and sent.isdigit() and len(sent) <= _DIGITS
        if not any(good) or not fresh or abs(now.timestamp() - int(sent)) > SIGNED_SECONDS:
            raise WebhookRefused

    def read(self, body: bytes) -> Received:
        """The event of an envelope or a form; the answer to Slack's verification of the address."""
        if is_form(body):
            return Received(interactions(body))
        envelope = read(body)
        if envelope.get("type") == "url_verification":
            return Received(reply=text_at(envelope, "challenge", default="").encode())
        event, name = part(envelope, "event"), envelope.get("event_id")
        if envelope.get("type") != "event_callback" or event is None or not isinstance(name, str):
            return Received()
        # The verification token is the older way to trust such a call, and as good as a secret.
        raw = {key: value for key, value in envelope.items() if key != "token"}
        return Received((_event(name, event, raw),))


def _event(name: str, event: Mapping[str, Any], raw: Mapping[str, Any]) -> InboundEvent:
    kind, inner = text_at(event, "type", default="unknown"), part(event, "message") or {}
    return InboundEvent(
        name=name,
        type=kind,
        channel=text_at(event, "channel", "channel.id", "item.channel"),
        sender=text_at(event, "user", "user.id", "bot_id") or text_at(inner, "user", "bot_id"),
        text=text_at(event, "text") or text_at(inner, "text"),
        raw=raw,
        revoked=kind == _ENDS or (kind == _REVOKED and bool((part(event, "tokens") or {}).get("bot"))),
    )


def _secrets(fields: SecretFields, now: datetime) -> Iterator[Secret]:
    until = fields.get("previousValidUntil")
    old_counts = until is not None and now < datetime.fromisoformat(until.reveal())
    for name, counts in (("signingSecret", True), ("previousSigningSecret", old_counts)):
        if counts and name in fields:
            yield fields[name]


def _signature(secret: Secret, sent: str, body: bytes) -> bytes:
    signed = b"v0:" + sent.encode() + b":" + body
    return b"v0=" + hmac.digest(secret.reveal().encode(), signed, hashlib.sha256).hex().encode()
