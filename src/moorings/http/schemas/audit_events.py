"""Audit entries on their way out."""

from pydantic import Field

from moorings.domain.audit import Recorded
from moorings.http.schemas.part import Answer, Time


class AuditEvent(Answer):
    """Who did what, from where, and how it ended; never a value."""

    sequence: int = Field(description="Its place in the owner's chain, from 1 on without a gap.", examples=[42])
    at: Time = Field(description="When it happened.")
    kind: str = Field(description="What happened.", examples=["credentials.saved"])
    actor: str = Field(
        description="Who did it: a key's id, `session:` and a user's id, or `operator`.",
        examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"],
    )
    subject: str = Field(description="The integration, installation, tool, key or call.", examples=["firecrawl"])
    environment: str | None = Field(description="The environment; null for all, and where there is none.")
    outcome: str = Field(description="`ok`, or how it failed or was refused.", examples=["ok"])
    address: str | None = Field(description="The caller's network address; null on the machine itself.")
    request_id: str | None = Field(description="The call's request id, as in its answer and in the log.")
    revision: str | None = Field(description="Which writing of a credential was saved, used or deleted.")
    hash: str = Field(description="SHA-256 over this entry and the hash of the one before, in hex.")

    @classmethod
    def of(cls, recorded: Recorded) -> "AuditEvent":
        """An entry with its place in the chain."""
        entry = recorded.entry
        return cls(
            sequence=recorded.sequence, at=entry.at, kind=entry.kind, actor=entry.actor, subject=entry.subject,
            environment=entry.environment, outcome=entry.outcome, address=entry.origin.address,
            request_id=entry.origin.request_id, revision=entry.revision, hash=recorded.hash.hex(),
        )  # fmt: skip


class AuditEventList(Answer):
    """A page of the audit trail."""

    data: list[AuditEvent] = Field(description="The entries, the newest first; a page may be short, or empty.")
    next_cursor: str | None = Field(
        description="To be sent as `cursor` for older ones; null at the beginning of the chain.", examples=["41"]
    )
