"""Stores that hold many credentials, filled through the product's own vault and store but not over HTTP."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calls import Place
from sqlalchemy import Connection

from moorings import app
from moorings.catalog.catalog import Catalog
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import Credential, CredentialRef, Status
from moorings.domain.ids import new_id
from moorings.domain.integration import Integration
from moorings.domain.secret import Secret, SecretFields
from moorings.emulators.registry import all_emulators
from moorings.services.api_keys import KeyWish
from moorings.services.hub import Hub
from moorings.services.owners import administrator
from moorings.settings import Settings, load
from moorings.store import connections as rows

OWNERS_AT_ONCE = 32
"""How many owners' credentials go into one transaction."""

Advance = Callable[[float], None]
"""Called with the share of the work that is done."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A filled store: every owner holds a credential at every place, but for the last one, who holds the rest."""

    folder: Path
    size: int
    places: Sequence[Place]
    keys: Sequence[str]

    def held(self) -> Iterator[tuple[str, Place]]:
        """Each stored credential as its owner's API key and its place."""
        for number in range(self.size):
            yield self.keys[number // len(self.places)], self.places[number % len(self.places)]

    def spread(self, wanted: int) -> list[str]:
        """The API keys of so many owners, taken evenly from the whole store."""
        return list(self.keys[:: max(1, len(self.keys) // wanted)][:wanted])

    def copy(self, folder: Path) -> "Stock":
        """The same once more, for a measurement that changes it for good."""
        shutil.copytree(self.folder, folder)
        return Stock(folder, self.size, self.places, self.keys)


def fill(folder: Path, size: int, advance: Advance) -> Stock:
    """A new store with so many credentials."""
    return asyncio.run(_fill(load(data_dir=folder), size, advance))


def places(settings: Settings) -> list[Place]:
    """Every place at which credentials can be saved, with values that a provider's stand-in would accept."""
    return _places(app.catalogue(settings), settings)


def _places(catalog: Catalog, settings: Settings) -> list[Place]:
    emulators = all_emulators()
    return [
        Place(entry.id, environment, emulators[entry.id].credentials(), _secret(entry))
        for entry in catalog
        for environment in (None, *settings.environments)
        if entry.id in emulators and not entry.installed_by
    ]


def _secret(entry: Integration) -> frozenset[str]:
    return frozenset(field.name for field in entry.fields if field.secret)


async def _fill(settings: Settings, size: int, advance: Advance) -> Stock:
    keys: list[str] = []
    async with app.running(settings) as running:
        where = _places(running.hub.catalog, settings)
        owners = -(-size // len(where))
        for first in range(0, owners, OWNERS_AT_ONCE):
            numbers = range(first, min(first + OWNERS_AT_ONCE, owners))
            keys += await _owners(running.hub, where, numbers, size)
            advance(min(1.0, len(keys) / owners))
    return Stock(settings.data_dir, size, where, keys)


async def _owners(hub: Hub, where: Sequence[Place], numbers: range, size: int) -> list[str]:
    """Make owners with all they hold, in few transactions; their API keys."""
    made = await asyncio.gather(*(_owner(hub, number) for number in numbers))
    records: list[tuple[Credential, AuditEntry]] = []
    for number, (caller, _) in zip(numbers, made, strict=True):
        await hub.credentials.sealing.owner_keys.current(caller.owner)
        for place in where[: size - number * len(where)]:
            records.append(await _record(hub, caller, place, len(records)))
    await hub.credentials.database.write(_put, records)
    return [token for _, token in made]


async def _owner(hub: Hub, number: int) -> tuple[Caller, str]:
    caller = administrator(await hub.owners.create(f"owner {number}"))
    _, token = await hub.api_keys.create(caller, KeyWish("benchmark", frozenset({Scope.ALL})))
    return caller, token.reveal()


async def _record(hub: Hub, caller: Caller, place: Place, number: int) -> tuple[Credential, AuditEntry]:
    fields: SecretFields = {name: Secret(value) for name, value in place.fields(number).items()}
    hub.catalog.get(place.integration_id).check(fields)
    sealing, now = hub.credentials.sealing, hub.now()
    key, vault = await sealing.owner_keys.current(caller.owner), sealing.vault
    ref, revision = CredentialRef(caller.owner, place.integration_id, place.environment), new_id("rev", now)
    credential = Credential(
        ref, place.integration_id, vault.seal(key, ref, place.integration_id, fields, revision),
        vault.stamp(key, ref, revision),
        {name: secret.preview() for name, secret in fields.items()}, Status.UNVERIFIED, None, None, now,
    )  # fmt: skip
    kind = Kind.CREDENTIALS_SAVED
    return credential, AuditEntry(
        caller.owner, now, kind, caller.id, ref.integration_id, ref.environment, revision=revision
    )


def _put(connection: Connection, records: Sequence[tuple[Credential, AuditEntry]]) -> None:
    for credential, entry in records:
        rows.save(connection, credential, entry)
