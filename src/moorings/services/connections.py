"""Finds what an `integrationId` means: a catalogue entry, or one installation of the caller's owner."""

from dataclasses import dataclass

from moorings.catalog.catalog import Catalog
from moorings.domain.environment import Environment
from moorings.domain.ids import INSTALLATION, Clock, is_id
from moorings.domain.installation import Installation
from moorings.domain.integration import Integration
from moorings.domain.vector import StoreType
from moorings.errors import IntegrationNotFound, InvalidEnvironment
from moorings.store import installations as rows
from moorings.store import vector_configs as configurations
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Connection:
    """A place where credentials can stand: the owner's default connection of an integration, or an installation."""

    id: str
    integration: Integration
    installation: Installation | None = None

    def environment(self, asked: Environment, *, given: bool) -> Environment:
        """The environment an entry stands under; an installation for one environment takes no other."""
        own = self.installation.environment if self.installation else None
        if own is None or not given:
            return asked if own is None else own
        if asked != own:
            raise InvalidEnvironment(f"This installation serves the environment {own}; leave the environment out.")
        return own


@dataclass(frozen=True, slots=True)
class Connections:
    """Looks up catalogue ids and installation ids alike."""

    catalog: Catalog
    database: Database
    now: Clock

    async def find(self, owner: str, integration_id: str) -> Connection:
        """Raises `IntegrationNotFound` for what does not exist, has expired or is another owner's."""
        if not is_id(integration_id, INSTALLATION):
            return Connection(integration_id, self.catalog.get(integration_id))
        installation = await self.database.read(rows.find, owner, integration_id)
        if installation is None or installation.expired(self.now()):
            raise IntegrationNotFound("There is no installation of this id; GET /v1/integrations lists them.")
        return Connection(integration_id, self.catalog.get(installation.type), installation)

    async def find_for_tools(self, owner: str, integration_id: str) -> Connection:
        """The same, and beside it the configurations of vector stores: several of one may hold different things."""
        kind = next((kind for kind in StoreType if is_id(integration_id, kind.prefix)), None)
        if kind is None:
            return await self.find(owner, integration_id)
        if await self.database.read(configurations.find, owner, integration_id) is None:
            raise IntegrationNotFound(configurations.NONE_THERE.format(type=kind))
        return Connection(integration_id, self.catalog.get(kind))
