"""What can be connected, what is connected, and the reserving of installations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from moorings.catalog.catalog import Catalog
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import CredentialState, Status
from moorings.domain.environment import ALL, Environment, Environments, Source, source_of
from moorings.domain.ids import INSTALLATION, Clock, is_id, new_id
from moorings.domain.installation import PENDING_FOR, Installation, InstallationStatus
from moorings.domain.integration import Integration
from moorings.domain.revocation import Revoking
from moorings.errors import Detail, InvalidRequest
from moorings.services.connections import Connection, Connections
from moorings.services.forwarding import Forwarding
from moorings.services.states import OwnerState, States
from moorings.store import installations as rows
from moorings.store.database import Database

_BROKEN = frozenset({Status.INVALID, Status.EXPIRED, Status.UNREADABLE})


class Standing(StrEnum):
    """Where an integration stands for an owner."""

    AVAILABLE = "available"
    PENDING = "pending"
    CONNECTED = "connected"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class IntegrationView:
    """A catalogue entry as one owner sees it."""

    integration: Integration
    standing: Standing
    configured: bool
    environments: Sequence[Environment]
    installations: Sequence[Installation]


@dataclass(frozen=True, slots=True)
class StatusView:
    """The credentials of one connection, seen from one environment; `entry` is the one that answers there."""

    id: str
    configured: bool
    asked: Environment
    source: Source | None
    environments: Sequence[Environment]
    entry: CredentialState | None
    revoking: Sequence[Revoking] = ()


@dataclass(frozen=True, slots=True)
class Visible:
    """An owner's state as far as one caller may see it; `key` tells answers for different callers apart."""

    state: OwnerState
    caller: Caller
    environments: Environments

    def entries(self, connection_id: str) -> list[CredentialState]:
        """The entries that the caller may see of a connection; a vector store's are its default configurations'."""
        places = (connection_id, *self.state.defaults(connection_id))
        return [entry for place in places for entry in self.state.of(place) if self.caller.sees(entry.environment)]

    def facts(self, connection_id: str) -> Mapping[str, Any]:
        """What is known of a configuration's vector store; nothing of any other connection."""
        config = self.state.configuration(connection_id)
        return config.facts if config else {}

    def installations(self, integration_id: str) -> list[Installation]:
        """The installations of an integration that the caller may see."""
        return [
            item for item in self.state.installations
            if item.type == integration_id and self.caller.sees(item.environment)
        ]  # fmt: skip

    def installation_ids(self) -> list[str]:
        """All installations that the caller may see, the oldest first."""
        return [item.id for item in self.state.installations if self.caller.sees(item.environment)]

    def view(self, integration: Integration, asked: Environment = ALL) -> IntegrationView:
        """A catalogue entry; with an environment, configured means that something answers there."""
        installations = self.installations(integration.id)
        entries = self.entries(integration.id)
        for item in installations:
            entries += self.entries(item.id)
        held = {entry.environment for entry in entries}
        configured = bool(held) if asked is ALL else source_of(held, asked) is not None
        relevant = [entry for entry in entries if asked is ALL or entry.environment in (asked, ALL)]
        standing = _standing(relevant, installations)
        return IntegrationView(integration, standing, configured, self.environments.sort(held), installations)

    def status(self, connection_id: str, asked: Environment) -> StatusView:
        """One connection's credentials; asked for no environment, the entry for all or else the newest is shown."""
        entries = self.entries(connection_id)
        held = {entry.environment: entry for entry in entries}
        source = source_of(held, asked)
        answering = held.get(asked if source is Source.ENVIRONMENT else ALL)
        if answering is None and asked is ALL:
            answering = max(entries, key=lambda entry: entry.updated_at, default=None)
        configured = bool(held) if asked is ALL else source is not None
        revoking = [item for item in self.state.revoking if self._shown_at(item) == connection_id]
        return StatusView(connection_id, configured, asked, source, self.environments.sort(held), answering, revoking)

    def _shown_at(self, item: Revoking) -> str | None:
        """Where it was deleted; that of an installation which is gone stands with the catalogue's entry."""
        if not self.caller.sees(item.environment):
            return None
        gone = is_id(item.integration_id, INSTALLATION) and item.integration_id not in self.installation_ids()
        return item.integration if gone else item.integration_id


@dataclass(frozen=True, slots=True)
class Integrations:
    """The catalogue as an owner sees it."""

    catalog: Catalog
    connections: Connections
    states: States
    database: Database
    environments: Environments
    forwarding: Forwarding
    now: Clock

    async def visible(self, caller: Caller, environment: Environment = ALL) -> Visible:
        """What the caller may see; raises when it may not read, or not in this environment.

        One that was taken out of the settings is known for as long as something stands in it.
        """
        caller.require(Scope.READ)
        state = await self.states.of(caller.owner)
        if all(entry.environment != environment for entry in state.credentials):
            self.environments.check(environment)
        if environment is not ALL:
            caller.require_read(environment)
        return Visible(state, caller, self.environments)

    async def find(self, caller: Caller, integration_id: str) -> Connection:
        """A catalogue entry or an installation that the caller may see."""
        caller.require(Scope.READ)
        connection = await self.connections.find(caller.owner, integration_id)
        if connection.installation:
            caller.require_read(connection.installation.environment)
        return connection

    async def reserve(
        self, caller: Caller, type_id: str, name: str | None, environment: Environment, forward_url: str | None
    ) -> Installation:
        """A pending installation: its id and webhook address exist before any secret does."""
        caller.require(Scope.WRITE)
        self.environments.check(environment)
        caller.require_write(environment)
        if type_id not in self.catalog:
            raise InvalidRequest(
                "The type is no catalogue id.", [Detail("type", "GET /v1/integrations lists the ids.")]
            )
        self.forwarding.check(forward_url)
        installation = self._pending(caller.owner, self.catalog.get(type_id), name, environment, forward_url)
        entry = AuditEntry(
            caller.owner, self.now(), Kind.INSTALLATION_RESERVED, caller.id, installation.id, environment,
            origin=caller.origin,
        )  # fmt: skip
        await self.database.write(rows.add, installation, entry)
        return installation

    def _pending(
        self, owner: str, integration: Integration, name: str | None, environment: Environment, forward_url: str | None
    ) -> Installation:
        now = self.now()
        return Installation(
            new_id(INSTALLATION, now), owner, integration.id, name or integration.name, environment,
            InstallationStatus.PENDING, forward_url, now, now, expires_at=_end(now),
        )  # fmt: skip


def matches(integration: Integration, category: str | None, text: str | None) -> bool:
    """Whether an entry belongs to a category and speaks of a text in its name or description."""
    if category is not None and integration.category != category:
        return False
    wanted = (text or "").casefold()
    return wanted in integration.name.casefold() or wanted in integration.description.casefold()


def _standing(entries: Sequence[CredentialState], installations: Iterable[Installation]) -> Standing:
    statuses = [entry.status for entry in entries]
    installed = [item.status for item in installations]
    broken = any(entry.failing or entry.status in _BROKEN for entry in entries)
    if broken or InstallationStatus.FAILING in installed:
        return Standing.FAILING
    if statuses or InstallationStatus.CONNECTED in installed:
        return Standing.CONNECTED
    return Standing.PENDING if installed else Standing.AVAILABLE


def _end(now: datetime) -> datetime:
    return now + PENDING_FOR
