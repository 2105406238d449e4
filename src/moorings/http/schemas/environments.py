"""What is said about environments: which entry answers, and how two of them differ."""

from pydantic import Field

from moorings.domain.credential import Status
from moorings.domain.environment import Source
from moorings.http.schemas.part import Answer, Time
from moorings.services.comparison import Difference
from moorings.services.explanation import Candidate, Consequence, Explanation
from moorings.services.resolution import Resolved

CONNECTION = "Where it stands: the catalogue id for the default connection, or an installation's id."


class AnsweringEntry(Answer):
    """The entry that answers."""

    connection_id: str = Field(description=CONNECTION, examples=["firecrawl"])
    environment: str | None = Field(description="The environment it stands under; null for all.")
    source: Source = Field(description="Whether it is the environment's own entry or the one for all.")
    status: Status = Field(description="What is known of it.")

    @classmethod
    def of(cls, resolved: Resolved | None) -> "AnsweringEntry | None":
        """None where nothing answers."""
        if resolved is None:
            return None
        return cls(
            connection_id=resolved.connection_id, environment=resolved.environment, source=resolved.source,
            status=resolved.status,
        )  # fmt: skip


class CandidateEntry(Answer):
    """An entry that is held for the integration."""

    connection_id: str = Field(description=CONNECTION, examples=["firecrawl"])
    environment: str | None = Field(description="The environment it stands under; null for all.")
    status: Status = Field(description="What is known of it.")
    answers: bool = Field(description="Whether it is the one that answers.")
    reason: str = Field(description="Why it answers, or why not.")

    @classmethod
    def of(cls, candidate: Candidate) -> "CandidateEntry":
        """An entry with its reason."""
        entry = candidate.entry
        return cls(
            connection_id=entry.integration_id, environment=entry.environment, status=entry.status,
            answers=candidate.answers, reason=candidate.reason,
        )  # fmt: skip


class ConsequenceOut(Answer):
    """What would change in one environment."""

    environment: str | None = Field(description="The environment; null for calls that name none.")
    answering: AnsweringEntry | None = Field(description="What would answer there; null for nothing.")

    @classmethod
    def of(cls, consequence: Consequence) -> "ConsequenceOut":
        """One environment."""
        return cls(environment=consequence.environment, answering=AnsweringEntry.of(consequence.answering))


class ResolutionOut(Answer):
    """Which entry answers, and why."""

    integration_id: str = Field(description="What was asked about.", examples=["firecrawl"])
    environment: str | None = Field(description="The environment asked for; null for none.")
    answering: AnsweringEntry | None = Field(description="The entry whose credentials are used; null for none.")
    last_used_at: Time | None = Field(description="When that was last used, to the minute.")
    last_used_by: str | None = Field(description="By which key or user.", examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    candidates: list[CandidateEntry] = Field(description="All entries of the integration, in the order they are asked.")
    if_deleted: list[ConsequenceOut] = Field(
        description="What would answer instead if that entry were deleted, wherever it answers now."
    )

    @classmethod
    def of(cls, integration_id: str, explanation: Explanation) -> "ResolutionOut":
        """The whole story."""
        entry = explanation.entry
        return cls(
            integration_id=integration_id, environment=explanation.asked,
            answering=AnsweringEntry.of(explanation.answering),
            last_used_at=entry.last_used_at if entry else None, last_used_by=entry.last_used_by if entry else None,
            candidates=[CandidateEntry.of(candidate) for candidate in explanation.candidates],
            if_deleted=[ConsequenceOut.of(consequence) for consequence in explanation.if_deleted],
        )  # fmt: skip


class DifferenceOut(Answer):
    """One integration in both environments."""

    integration_id: str = Field(description="The integration.", examples=["firecrawl"])
    left: AnsweringEntry | None = Field(alias="from", description="What answers in the first; null for nothing.")
    right: AnsweringEntry | None = Field(alias="to", description="What answers in the second; null for nothing.")
    same_entry: bool = Field(description="Whether one and the same entry answers in both.")
    same_values: dict[str, bool] | None = Field(
        description="For each field whether both hold the same value; null where there is nothing to compare.",
        examples=[{"apiKey": True}],
    )

    @classmethod
    def of(cls, difference: Difference) -> "DifferenceOut":
        """One row."""
        return cls(
            integration_id=difference.integration.id, left=AnsweringEntry.of(difference.left),
            right=AnsweringEntry.of(difference.right), same_entry=difference.same_entry,
            same_values=None if difference.same is None else dict(difference.same),
        )  # fmt: skip


class DifferenceList(Answer):
    """How two environments differ."""

    data: list[DifferenceOut] = Field(description="Every integration that is configured in one of them, by name.")
    total: int = Field(description="How many there are.", examples=[3])
