"""The answer of every test call; a failed test is an answer too."""

from typing import Any

from pydantic import Field

from moorings.domain.check import Check
from moorings.http.schemas.part import Answer, Time


class CheckOut(Answer):
    """Whether it works, and what was found."""

    valid: bool = Field(description="Whether it works as it is.")
    error: str | None = Field(description="Why not, for a person; null when it works.")
    code: str | None = Field(description="Why not, for a program; null when it works.", examples=["INDEX_NOT_FOUND"])
    metadata: dict[str, Any] = Field(description="What was found; empty where nothing could be seen.")
    checked_at: Time = Field(description="When it was tried.")
    latency_ms: int = Field(description="How long the other side took, in milliseconds.", examples=[184])

    @classmethod
    def of(cls, check: Check) -> "CheckOut":
        """The same for the wire."""
        return cls(
            valid=check.valid, error=check.error, code=check.code, metadata=dict(check.metadata),
            checked_at=check.checked_at, latency_ms=check.latency_ms,
        )  # fmt: skip
