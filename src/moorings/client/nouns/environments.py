"""Environments: which entry answers in one, and how two of them differ."""

from pydantic import Field

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, path
from moorings.client.operation import Noun, Operation, S


class Answering(Answer):
    """The entry that answers: where it stands, and whether it is the environment's own or the one for all."""

    connection_id: str
    environment: str | None
    source: str
    status: str


class Candidate(Answer):
    """An entry that is held, and why it answers or does not."""

    connection_id: str
    environment: str | None
    status: str
    answers: bool
    reason: str


class Consequence(Answer):
    """What would answer in one environment; None for nothing."""

    environment: str | None
    answering: Answering | None


class Resolution(Answer):
    """Which entry answers and why, who used it last, and what would answer if it were deleted."""

    integration_id: str
    environment: str | None
    answering: Answering | None
    last_used_at: Time | None
    last_used_by: str | None
    candidates: list[Candidate]
    if_deleted: list[Consequence]


class Difference(Answer):
    """One integration in two environments; `same_values` is None where there is nothing to compare."""

    integration_id: str
    left: Answering | None = Field(alias="from")
    right: Answering | None = Field(alias="to")
    same_entry: bool
    same_values: dict[str, bool] | None


class DifferenceList(Answer):
    """Every integration that is configured in one of the two."""

    data: list[Difference]
    total: int


class Environments(Noun[S]):
    """Which credentials answer where."""

    @Operation
    def resolve(self, integration: str, *, environment: str | None = None) -> Call[Resolution]:
        """Which entry answers for an integration, and why."""
        place = path("integrations", integration, "resolve")
        return Call("GET", place, Resolution, given(environment=environment))

    @Operation
    def diff(self, left: str, right: str) -> Call[DifferenceList]:
        """What is configured in each of two environments, and where both use the same value."""
        return Call("GET", path("integrations", "diff"), DifferenceList, {"from": left, "to": right})
