"""What is written down of every change, every use of a secret and every denied call; never a value.

The entries of an owner form a chain: each holds the hash of the one before. Its end, the head, is proven under a root
key, which the database does not hold: who can write to the database can cut the chain or write it anew, but cannot
prove another end.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moorings.domain.attestation import Attestation
from moorings.domain.caller import NOWHERE, Caller, Origin
from moorings.domain.environment import Environment
from moorings.errors import ChainBroken

GENESIS = bytes(32)
"""What stands as the hash before an owner's first entry."""


class Kind(StrEnum):
    """What happened."""

    CREDENTIALS_SAVED = "credentials.saved"
    CREDENTIALS_DELETED = "credentials.deleted"
    CREDENTIALS_REVOKED = "credentials.revoked"
    CREDENTIALS_COMPARED = "credentials.compared"
    INSTALLATION_RESERVED = "installation.reserved"
    CREDENTIALS_ROTATED = "credentials.rotated"
    INSTALLATION_CONNECTED = "installation.connected"
    INSTALLATION_FAILING = "installation.failing"
    INSTALLATION_REMOVED = "installation.removed"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    OWNER_CREATED = "owner.created"
    OWNER_LINKED = "owner.linked"
    ROOT_KEY_CHANGED = "root-key.changed"
    ROW_REFUSED = "row.refused"
    ROWS_ATTESTED = "rows.attested"
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
    TOOL_BEGUN = "tool.begun"
    TOOL_EXECUTED = "tool.executed"
    AUTHORISATION_BEGUN = "authorisation.begun"
    AUTHORISATION_ABANDONED = "authorisation.abandoned"
    BOT_REQUESTED = "managed-bot.requested"
    BOT_REQUEST_CHANGED = "managed-bot.changed"
    CALL_DENIED = "call.denied"


EVERYWHERE = frozenset({
    Kind.CREDENTIALS_SAVED, Kind.CREDENTIALS_DELETED, Kind.CREDENTIALS_REVOKED, Kind.CREDENTIALS_ROTATED,
    Kind.CREDENTIALS_CHECKED, Kind.CONFIGURATION_CREATED, Kind.CONFIGURATION_UPDATED, Kind.CONFIGURATION_DELETED,
    Kind.CONFIGURATION_USED, Kind.TOOL_BEGUN, Kind.TOOL_EXECUTED,
})  # fmt: skip
"""Kinds whose entries tell, without an environment, of what stands in all of them; others then speak of the owner."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which integration and environment, from where, and how it ended.

    `kind` is a `Kind`, or what a later version has written; `subject` is an integration, installation, configuration,
    tool, key or call; `revision` is the writing of a credential.
    """

    owner: str
    at: datetime
    kind: str
    actor: str
    subject: str
    environment: Environment = None
    outcome: str = "ok"
    origin: Origin = NOWHERE
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry in its place in the chain."""

    sequence: int
    entry: AuditEntry
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of an owner's chain, and its proof under a root key."""

    owner: str
    sequence: int
    hash: bytes
    root_key_id: str
    proof: bytes


class Notary(Protocol):
    """Proves where a chain ends."""

    def head(self, owner: str, sequence: int, digest: bytes) -> Head:
        """The proven end."""
        ...

    def proves(self, head: Head) -> bool:
        """Whether the end is as it was proven; False too where its root key is not loaded."""
        ...

    def attest(self, claim: bytes, beside: str | None) -> Attestation:
        """Our word for what a row says; `beside` is a root key that is known to be there, perhaps a newer one."""
        ...

    def confirms(self, claim: bytes, attestation: Attestation) -> bool:
        """Whether this is our word for it; False too where its root key is not loaded."""
        ...


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How far an owner's chain is whole, with the hash there; what is wrong and at which entry, None for nothing."""

    owner: str
    name: str
    entries: int
    hash: bytes
    problem: str | None = None
    sequence: int | None = None


class Walk:
    """Follows an owner's chain from its beginning; raises `ChainBroken` at the first entry that does not follow."""

    def __init__(self) -> None:
        self.sequence, self.hash = 0, GENESIS

    def step(self, recorded: Recorded) -> None:
        """The next entry."""
        wanted = self.sequence + 1
        if recorded.sequence != wanted:
            raise ChainBroken(f"Entry {wanted} is missing.", wanted)
        if recorded.hash != chained(self.hash, wanted, recorded.entry):
            raise ChainBroken(f"Entry {wanted} was changed, or another stands in its place.", wanted)
        self.sequence, self.hash = wanted, recorded.hash

    def end(self, head: Head | None, notary: Notary) -> None:
        """Compare where the entries end with where the chain was proven to end."""
        if head is None:
            raise ChainBroken("The proof of where the entries end is missing.", self.sequence)
        if not notary.proves(head):
            raise ChainBroken(
                f"Where the entries end is not proven: that was changed, or {head.root_key_id} is not loaded.",
                head.sequence,
            )
        if self.sequence < head.sequence:
            raise ChainBroken(f"Entries {self.sequence + 1} to {head.sequence} are missing.", self.sequence + 1)
        if self.sequence > head.sequence:
            raise ChainBroken(f"Entry {head.sequence + 1} was added from elsewhere.", head.sequence + 1)
        if self.hash != head.hash:
            raise ChainBroken(
                f"Entries were changed and all hashes up to {head.sequence} made anew; an earlier export tells which.",
                head.sequence,
            )


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which entries are wanted; None wants any.

    `seen` are the environments that the caller is bound to, and `asking` is the caller: whoever is bound sees the
    entries of these, of what answers in all of them (`EVERYWHERE`), and their own.
    """

    subject: str | None = None
    environment: str | None = None
    actor: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    seen: frozenset[str] | None = None
    asking: str | None = None


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
