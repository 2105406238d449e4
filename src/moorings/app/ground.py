"""What all use cases stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from moorings.app import configuration
from moorings.app.clock import now
from moorings.catalog.catalog import Catalog
from moorings.domain.environment import Environments
from moorings.domain.span import Tracer
from moorings.errors import ConfigurationError
from moorings.providers.contract import Provider
from moorings.providers.registry import providers
from moorings.providers.transport import Transport
from moorings.services.check_plan import CheckPlan
from moorings.services.connections import Connections
from moorings.services.jobs import Jobs
from moorings.services.owner_keys import OwnerKeys
from moorings.services.owners import Owners
from moorings.services.root_keys import RootKeys
from moorings.services.sealing import Sealing
from moorings.services.states import States
from moorings.settings import Settings
from moorings.store.database import Database
from moorings.vault.keyring import Keyring
from moorings.vault.vault import Vault

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Ground:
    """The catalogue with its providers, the store, the vault, and the few services that most others need."""

    settings: Settings
    catalog: Catalog
    providers: Mapping[str, Provider]
    transport: Transport
    tracer: Tracer
    database: Database
    keyring: Keyring
    vault: Vault
    environments: Environments
    connections: Connections
    states: States
    owners: Owners
    root_keys: RootKeys
    owner_keys: OwnerKeys
    sealing: Sealing
    jobs: Jobs


def laid(settings: Settings, keyring: Keyring, database: Database, transport: Transport, tracer: Tracer) -> Ground:
    """The ground over a database that is open; raises `ConfigurationError` where the settings name what is not."""
    catalog, vault = configuration.catalogue(settings), Vault(keyring)
    upstreams, bounds = configuration.upstreams(settings, catalog), configuration.bounds(settings)
    owner_keys, plan = OwnerKeys(vault, database, now), CheckPlan(now, timedelta(hours=settings.check_hours))
    return Ground(
        settings=settings,
        catalog=catalog,
        providers=providers(catalog, transport, upstreams, bounds),
        transport=transport,
        tracer=tracer,
        database=database,
        keyring=keyring,
        vault=vault,
        environments=Environments(settings.environments),
        connections=Connections(catalog, database, now),
        states=States(database, keyring, now),
        owners=Owners(database, now),
        root_keys=RootKeys(vault, database, now),
        owner_keys=owner_keys,
        sealing=Sealing(vault, owner_keys, database, now, plan),
        jobs=Jobs(database, now, tracer=tracer),
    )


def able(ability: A | None) -> A:
    """What an adapter of ours can do; raises `ConfigurationError` where it is not there."""
    if ability is None:
        raise ConfigurationError("An adapter of this Moorings is incomplete; install it anew.")
    return ability
