"""What is written down of every change, every use of a secret and every denied call; never a value.

The entries of an owner form a chain: each holds the hash of the one before.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from moorings.domain.caller import NOWHERE, Caller, Origin
from moorings.domain.environment import Environment

GENESIS = bytes(32)
"""What stands as the hash before an owner's first entry."""


class Kind(StrEnum):
    """What happened."""

    CREDENTIALS_SAVED = "credentials.saved"
    CREDENTIALS_DELETED = "credentials.deleted"
    INSTALLATION_RESERVED = "installation.reserved"
    CREDENTIALS_ROTATED = "credentials.rotated"
    INSTALLATION_CONNECTED = "installation.connected"
    INSTALLATION_REMOVED = "installation.removed"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    OWNER_CREATED = "owner.created"
    OWNER_LINKED = "owner.linked"
    ROOT_KEY_CHANGED = "root-key.changed"
    CREDENTIALS_CHECKED = "credentials.checked"
    CONFIGURATION_CREATED = "configuration.created"
    CONFIGURATION_UPDATED = "configuration.updated"
    CONFIGURATION_DELETED = "configuration.deleted"
    CONFIGURATION_USED = "configuration.used"
    INSTALLATION_CHANGED = "installation.changed"
    EVENT_RECEIVED = "event.received"
    EVENT_FORWARDED = "event.forwarded"
    EVENT_REDELIVERED = "event.redelivered"
    FORWARD_KEY_RENEWED = "forward-key.renewed"
    TOOL_EXECUTED = "tool.executed"
    BOT_REQUESTED = "managed-bot.requested"
    BOT_REQUEST_CHANGED = "managed-bot.changed"
    CALL_DENIED = "call.denied"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which integration and environment, from where, and how it ended.

    `subject` is an integration, installation, configuration, key or call; `revision` is the writing of a credential.
    """

    owner: str
    at: datetime
    kind: Kind
    actor: str
    subject: str
    environment: Environment = None
    outcome: str = "ok"
    origin: Origin = NOWHERE
    revision: str | None = None


def done_by(
    caller: Caller, at: datetime, kind: Kind, subject: str, environment: Environment = None,
    revision: str | None = None, outcome: str = "ok",
) -> AuditEntry:  # fmt: skip
    """The entry of what a caller did."""
    return AuditEntry(
        caller.owner, at, kind, caller.id, subject, environment, outcome, caller.origin, revision
    )  # fmt: skip


def chained(before: bytes, sequence: int, entry: AuditEntry) -> bytes:
    """The hash of an entry after the one whose hash is `before`."""
    parts = [
        sequence, entry.owner, entry.at.isoformat(timespec="milliseconds"), entry.kind, entry.actor, entry.subject,
        entry.environment, entry.outcome, entry.origin.address, entry.origin.request_id, entry.revision,
    ]  # fmt: skip
    return hashlib.sha256(before + json.dumps(parts, ensure_ascii=False).encode()).digest()
