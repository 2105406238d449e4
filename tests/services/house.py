"""The services' ground: a real database, real root keys, and a clock that tests move."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Network, Scope
from moorings.domain.credential import Account, Credential, CredentialRef, Status
from moorings.domain.environment import Environment, Environments
from moorings.domain.ids import INSTALLATION, new_id
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.secret import Secret
from moorings.providers.guard import Guard
from moorings.providers.receiver import Receiver
from moorings.providers.transport import Transport
from moorings.services.access import Access
from moorings.services.answer_room import AnswerRoom
from moorings.services.api_keys import ApiKeys, KeyWish
from moorings.services.connections import Connections
from moorings.services.contents import Contents
from moorings.services.forward_secrets import ForwardSecrets
from moorings.services.forwarding import Forwarding
from moorings.services.idempotency import Idempotency
from moorings.services.key_uses import KeyUses
from moorings.services.owner_keys import OwnerKeys
from moorings.services.owners import Owners, administrator
from moorings.services.states import States
from moorings.services.trail import Trail
from moorings.store import credentials, installations
from moorings.store.database import Database
from moorings.store.opening import open_database
from moorings.vault.keyring import KeyFile, Keyring
from moorings.vault.notary import RootKeyNotary
from moorings.vault.vault import Vault

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENVIRONMENTS = Environments(("development", "staging", "production"))

_numbers = count(1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        """Move on by hours, minutes, seconds."""
        self.moment += timedelta(**by)


@dataclass
class House:
    """One database with its root keys; `process` opens it once more, as another process does."""

    url: str | None
    folder: Path
    clock: Clock = field(default_factory=Clock)
    opened: list[Database] = field(default_factory=list)

    @property
    def key_file(self) -> KeyFile:
        return KeyFile(self.folder / "root.keys")

    def process(self) -> "Process":
        keyring = Keyring(self.key_file)
        database = open_database(self.url, self.folder, RootKeyNotary(keyring))
        self.opened.append(database)
        return Process(database, keyring, self.clock)

    def close(self) -> None:
        for database in self.opened:
            database.close()


@dataclass
class Process:
    """What one process holds: a database handle, root keys, and the services made of them."""

    database: Database
    keyring: Keyring
    clock: Clock
    uses: KeyUses = field(init=False)

    def __post_init__(self) -> None:
        self.uses = KeyUses(self.database)

    @property
    def vault(self) -> Vault:
        return Vault(self.keyring)

    def owner_keys(self, database: Database | None = None) -> OwnerKeys:
        return OwnerKeys(self.vault, database or self.database, self.clock)

    def access(self, database: Database | None = None) -> Access:
        return Access(database or self.database, self.clock, {}, note=self.uses.note)

    def states(self, database: Database | None = None) -> States:
        return States(database or self.database, self.keyring, self.clock)

    def contents(self) -> Contents:
        return Contents(self.vault, self.owner_keys())

    def forward_secrets(self) -> ForwardSecrets:
        return ForwardSecrets(self.vault, self.owner_keys(), self.database, self.clock)

    def forwarding(self, connections: Connections, receiver: Receiver | None = None) -> Forwarding:
        receiver = receiver or Receiver(Transport(), Guard(), 5)
        return Forwarding(connections, receiver, self.forward_secrets(), self.database, self.clock)

    def idempotency(self) -> Idempotency:
        room = AnswerRoom(self.database, self.clock)
        return Idempotency(self.vault, self.owner_keys(), self.database, self.clock, room)

    @property
    def notary(self) -> RootKeyNotary:
        return RootKeyNotary(self.keyring)

    @property
    def trail(self) -> Trail:
        return Trail(self.database, ENVIRONMENTS, self.owners, self.notary)

    @property
    def owners(self) -> Owners:
        return Owners(self.database, self.clock)

    @property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self.database, ENVIRONMENTS, self.clock, self.uses)

    async def admin(self) -> Caller:
        """Who may do everything within a new owner."""
        return administrator(await self.owners.create(f"owner {next(_numbers)}"))

    async def key(
        self,
        caller: Caller,
        *scopes: Scope,
        environments: frozenset[str] | None = None,
        networks: tuple[Network, ...] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key of the caller's owner, and its text."""
        wish = KeyWish("a key", frozenset(scopes or {Scope.ALL}), environments, networks, expires_at)
        key, token = await self.api_keys.create(caller, wish)
        return key, token.reveal()

    async def save(
        self, owner: str, integration_id: str, environment: Environment = None, secret: str = "a-secret-of-16-chars",
        *, sealed_for: str | None = None,
    ) -> None:  # fmt: skip
        """Put a sealed credential; for an installation, or for another integration than it stands at, say which."""
        ref, revision = CredentialRef(owner, integration_id, environment), new_id("rev", self.clock())
        key, fields = await self.owner_keys().current(owner), {"apiKey": Secret(secret)}
        integration = sealed_for or integration_id
        sealed = self.vault.seal(key, ref, integration, fields, revision)
        credential = Credential(
            ref, integration, sealed, self.vault.stamp(key, ref, revision), {"apiKey": "…hars"}, Status.VALID,
            Account("1", None), self.clock(), self.clock(),
        )  # fmt: skip
        await self.database.write(credentials.put, credential, self.entry(owner))

    async def reserve(self, owner: str, expires_at: datetime | None) -> Installation:
        """Put an installation that waits for its credentials."""
        now, name = self.clock(), "Firecrawl"
        pending = Installation(
            new_id(INSTALLATION, now), owner, "firecrawl", name, None, InstallationStatus.PENDING, None, now, now,
            expires_at=expires_at,
        )  # fmt: skip
        await self.database.write(installations.add, pending, self.entry(owner))
        return pending

    def entry(self, owner: str) -> AuditEntry:
        return AuditEntry(owner, self.clock(), Kind.CREDENTIALS_SAVED, "a test", "firecrawl")

    async def sql(self, statement: str, **values: object) -> list[Any]:
        """Do something to the database from beside, and what it answers."""
        return await self.database.write(_run, statement, values)


def _run(connection: Connection, statement: str, values: dict[str, object]) -> list[Any]:
    answer = connection.execute(text(statement), values)
    return list(answer) if answer.returns_rows else []


def ids(things: Iterable[Any]) -> list[str]:
    return [thing.id for thing in things]


def stored_bytes(folder: Path) -> bytes:
    """Everything that stands in a data directory."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
