"""Which stored credentials answer for an integration in an environment."""

from collections.abc import Iterable
from dataclasses import dataclass

from moorings.domain.credential import Status
from moorings.domain.environment import ALL, Environment, Source, source_of
from moorings.domain.integration import Integration
from moorings.services.connections import Connection
from moorings.services.integrations import Visible


@dataclass(frozen=True, slots=True)
class Resolved:
    """The entry that answers: where it stands, under which environment, why, and what is known of it.

    For a vector store it stands under a configuration's id.
    """

    connection_id: str
    environment: Environment
    source: Source
    status: Status


def resolve(visible: Visible, integration: Integration, asked: Environment) -> Resolved | None:
    """The default connection answers first, then the oldest installation that can; None where nothing does."""
    return _first(visible, [integration.id, *(item.id for item in visible.installations(integration.id))], asked)


def places_of(visible: Visible, connection: Connection) -> list[str]:
    """Where credentials for what an id in a call means may stand, in the order in which they are asked."""
    if connection.id != connection.integration.id:
        return [connection.id]
    return [connection.id, *(item.id for item in visible.installations(connection.id))]


def resolve_at(visible: Visible, connection: Connection, asked: Environment) -> Resolved | None:
    """The same for what an id in a call means: an installation and a configuration answer for themselves alone."""
    if connection.id == connection.integration.id:
        return resolve(visible, connection.integration, asked)
    return _first(visible, [connection.id], asked)


def _first(visible: Visible, places: Iterable[str], asked: Environment) -> Resolved | None:
    return next((found for place in places if (found := _at(visible, place, asked)) is not None), None)


def _at(visible: Visible, place: str, asked: Environment) -> Resolved | None:
    held = {entry.environment: entry for entry in visible.entries(place)}
    source = source_of(held, asked)
    if source is None:
        return None
    environment = asked if source is Source.ENVIRONMENT else ALL
    return Resolved(held[environment].integration_id, environment, source, held[environment].status)
