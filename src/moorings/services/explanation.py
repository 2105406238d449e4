"""Says which entry answers for an integration in an environment, why, and what would change without it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from moorings.domain.caller import Caller
from moorings.domain.credential import CredentialState
from moorings.domain.environment import ALL, Environment, Source
from moorings.services.connections import Connection
from moorings.services.integrations import Integrations, Visible
from moorings.services.resolution import Resolved, places_of, resolve_at


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that is held, and why it answers or does not."""

    entry: CredentialState
    answers: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What would answer in an environment if the entry that answers there now were deleted; None for nothing."""

    environment: Environment
    answering: Resolved | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The entry that answers (None for nothing), all that could, and what its end would change."""

    connection: Connection
    asked: Environment
    answering: Resolved | None
    candidates: Sequence[Candidate]
    if_deleted: Sequence[Consequence]

    @property
    def entry(self) -> CredentialState | None:
        """What is known of the entry that answers."""
        return next((candidate.entry for candidate in self.candidates if candidate.answers), None)


async def explain(integrations: Integrations, caller: Caller, integration_id: str, asked: Environment) -> Explanation:
    """What the caller may see of it; raises `IntegrationNotFound` for what does not exist or is another owner's."""
    visible = await integrations.visible(caller, asked)
    connection = await integrations.find(caller, integration_id)
    answering = resolve_at(visible, connection, asked)
    candidates = list(_candidates(visible, connection, asked, answering))
    return Explanation(connection, asked, answering, candidates, list(_consequences(visible, connection, answering)))


def _candidates(
    visible: Visible, connection: Connection, asked: Environment, answering: Resolved | None
) -> Iterator[Candidate]:
    order = visible.environments.sort
    for place in places_of(visible, connection):
        held = {entry.environment: entry for entry in visible.entries(place)}
        for environment in order(held):
            entry = held[environment]
            answers = answering is not None and _stands_at(entry, answering)
            yield Candidate(entry, answers, _reason(entry, connection, asked, answering))


def _reason(entry: CredentialState, connection: Connection, asked: Environment, answering: Resolved | None) -> str:
    place = asked or "all environments"
    if answering is not None and _stands_at(entry, answering):
        if answering.source is Source.ENVIRONMENT or asked is ALL:
            return f"It stands under {place} itself."
        return f"Nothing stands under {place} itself, and this entry answers everywhere."
    if entry.environment not in (asked, ALL):
        return f"It answers in {entry.environment} alone."
    if answering is not None and answering.connection_id == entry.integration_id:
        return f"The entry of {place} itself comes first."
    if answering is not None and answering.connection_id == connection.integration.id:
        return "The default connection comes first."
    return "An older installation comes first."


def _consequences(visible: Visible, connection: Connection, answering: Resolved | None) -> Iterator[Consequence]:
    if answering is None:
        return
    left = tuple(entry for entry in visible.state.credentials if not _stands_at(entry, answering))
    without = replace(visible, state=replace(visible.state, credentials=left, rendered={}))
    for environment in (ALL, *visible.environments.names):
        now = resolve_at(visible, connection, environment) if visible.caller.sees(environment) else None
        if now is not None and _same(now, answering):
            yield Consequence(environment, resolve_at(without, connection, environment))


def _stands_at(entry: CredentialState, resolved: Resolved) -> bool:
    return (entry.integration_id, entry.environment) == (resolved.connection_id, resolved.environment)


def _same(one: Resolved, other: Resolved) -> bool:
    return (one.connection_id, one.environment) == (other.connection_id, other.environment)
