"""What all installing has in common: who may, which reserved installation is completed, what is stored together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from moorings.domain.audit import AuditEntry, Kind, done_by
from moorings.domain.bot import InstalledBot
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import Credential, CredentialRef, Verification
from moorings.domain.environment import Environment, Environments
from moorings.domain.ids import INSTALLATION, Clock, is_id, new_id
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.integration import Integration
from moorings.domain.job import Wish
from moorings.domain.secret import SecretFields
from moorings.errors import AlreadyInstalled, CredentialsNotFound, Detail, IntegrationNotFound, InvalidRequest
from moorings.services.connections import Connections
from moorings.services.forwarding import Forwarding
from moorings.services.sealing import Opened, Sealing
from moorings.store import bots as bot_rows
from moorings.store import connections as rows
from moorings.store import installations as installation_rows
from moorings.store.database import Database

TRIES = 5
"""How often a change is made anew because somebody else changed the same credential first."""


@dataclass(frozen=True, slots=True)
class InstallWish:
    """How an installation shall be; `reserved` is the id of the pending one that it completes."""

    reserved: str | None = None
    name: str | None = None
    environment: Environment = None
    forward_url: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An installation as it will be once its credentials are proven."""

    caller: Caller
    integration: Integration
    installation: Installation
    reserved: Installation | None

    @property
    def ref(self) -> CredentialRef:
        """Where its credentials will stand."""
        return CredentialRef(self.caller.owner, self.installation.id, self.installation.environment)


@dataclass(frozen=True, slots=True)
class Held:
    """A connected installation: which bot it is, and its credentials in the open."""

    integration: Integration
    installation: Installation
    bot: InstalledBot
    opened: Opened

    @property
    def ref(self) -> CredentialRef:
        """Where its credentials stand."""
        return self.opened.stored.ref


@dataclass(frozen=True, slots=True)
class Installing:
    """Plans an installation, stores it whole, and changes the credentials of one."""

    connections: Connections
    sealing: Sealing
    database: Database
    environments: Environments
    forwarding: Forwarding
    now: Clock

    async def plan(self, caller: Caller, type_id: str, wish: InstallWish) -> Plan:
        """The installation that is wished for; raises where the caller may not, or the reserved one is none."""
        caller.require(Scope.WRITE)
        self.environments.check(wish.environment)
        self.forwarding.check(wish.forward_url)
        reserved = await self.reserved(caller, type_id, wish) if wish.reserved else None
        integration, now = self.connections.catalog.get(type_id), self.now()
        environment = wish.environment or (reserved.environment if reserved else None)
        caller.require_write(environment)
        installation = Installation(
            id=reserved.id if reserved else new_id(INSTALLATION, now), owner=caller.owner, type=type_id,
            name=wish.name or (reserved.name if reserved else integration.name), environment=environment,
            status=InstallationStatus.CONNECTED,
            forward_url=wish.forward_url or (reserved.forward_url if reserved else None),
            created_at=reserved.created_at if reserved else now, updated_at=now,
        )  # fmt: skip
        return Plan(caller, integration, installation, reserved)

    async def fail(self, installation: Installation, why: str) -> None:
        """Its provider no longer takes what we hold; who looks shall see what is to be done."""
        entry = AuditEntry(
            installation.owner, self.now(), Kind.INSTALLATION_FAILING, "moorings", installation.id,
            installation.environment,
        )  # fmt: skip
        await self.database.write(rows.fail, installation, why, entry)

    async def reserved(self, caller: Caller, type_id: str, wish: InstallWish) -> Installation:
        """The pending installation that the wish names; raises where it is none of this type, or pending no longer."""
        caller.require(Scope.WRITE)
        reserved = wish.reserved or ""
        if not is_id(reserved, INSTALLATION):
            raise InvalidRequest(
                "This is no installation's id.", [Detail("integrationId", "An id that begins with intg_ is wanted.")]
            )
        connection = await self.connections.find(caller.owner, reserved)
        installation = connection.installation
        if installation is None or installation.type != type_id:
            raise none_of(type_id)
        caller.require_write(installation.environment)
        connection.environment(wish.environment, given=wish.environment is not None)
        if installation.status is not InstallationStatus.PENDING:
            raise AlreadyInstalled("This installation is connected already; rotate its credentials, or remove it.")
        await self.database.read(installation_rows.check, caller.owner, reserved)
        return installation

    async def install(
        self, plan: Plan, bot: InstalledBot, fields: SecretFields, verification: Verification,
        wishes: Sequence[Wish] = (), put: Callable[..., None] = rows.install,
    ) -> Installation:  # fmt: skip
        """Store installation, bot and sealed credential together; raises `AlreadyInstalled` and then stores nothing.

        `put` stands in for `store.connections.install` where more is stored in the same transaction.
        """
        connected = plan.installation.status is InstallationStatus.CONNECTED
        kind = Kind.INSTALLATION_CONNECTED if connected else Kind.CREDENTIALS_SAVED

        async def write(credential: Credential) -> Installation:
            installation = _connected(plan.installation, credential)
            entry = done_by(
                plan.caller, self.now(), kind, installation.id, installation.environment, credential.revision.id
            )
            reserved = plan.reserved is not None
            await self.database.write(put, installation, bot, credential, entry, reserved=reserved, wishes=wishes)
            return installation

        return await self.sealing.keep(plan.integration, plan.ref, fields, verification, write)

    async def withdraw(self, plan: Plan) -> None:
        """Take back what was stored of an installation that came to nothing; one that was reserved waits again."""
        [tombstone] = await self.sealing.tombstone(plan.ref)
        entry = done_by(plan.caller, self.now(), Kind.CREDENTIALS_DELETED, plan.installation.id, plan.ref.environment)
        await self.database.write(rows.withdraw, plan.ref, plan.reserved, tombstone, entry)

    async def held(self, caller: Caller, type_id: str, integration_id: str) -> Held:
        """A connected installation that the caller may change; the catalogue id means the only one there is."""
        caller.require(Scope.WRITE)
        place = integration_id if integration_id != type_id else await self._only(caller, type_id)
        connection = await self.connections.find(caller.owner, place)
        installation = connection.installation
        if installation is None or installation.type != type_id:
            raise none_of(type_id)
        caller.require_write(installation.environment)
        held = await self.open(type_id, installation)
        if held is None:
            raise CredentialsNotFound("This installation waits for its credentials still; install it first.")
        return held

    async def open(self, type_id: str, installation: Installation) -> Held | None:
        """An installation's bot and credentials, opened for this integration; None where it has none, or no longer."""
        bot = await self.database.read(bot_rows.of, installation.owner, installation.id)
        ref = CredentialRef(installation.owner, installation.id, installation.environment)
        opened = await self.sealing.open(ref, type_id) if bot else None
        if bot is None or opened is None:
            return None
        return Held(self.connections.catalog.get(type_id), installation, bot, opened)

    async def replace(
        self, caller: Caller, held: Held, fields: SecretFields, verification: Verification | None, kind: Kind,
        *, expires_at: datetime | None = None, wishes: Sequence[Wish] = (),
    ) -> bool:  # fmt: skip
        """Put new credentials in place of those that were opened; False when somebody else has changed them since."""
        before = held.opened.stored.revision_id

        async def write(credential: Credential) -> bool:
            ref = credential.ref
            entry = done_by(caller, self.now(), kind, ref.integration_id, ref.environment, credential.revision.id)
            return await self.database.write(rows.replace, credential, entry, before=before, wishes=wishes)

        return await self.sealing.keep(held.integration, held.ref, fields, verification, write, expires_at)

    async def _only(self, caller: Caller, type_id: str) -> str:
        found: Sequence[Installation] = await self.database.read(installation_rows.of_owner, caller.owner)
        ids = [
            item.id for item in found
            if item.type == type_id and item.status is not InstallationStatus.PENDING and caller.sees(item.environment)
        ]  # fmt: skip
        if len(ids) > 1:
            raise InvalidRequest(
                "There are several installations.", [Detail("integrationId", f"One of {', '.join(ids)}.")]
            )
        if not ids:
            raise none_of(type_id)
        return ids[0]


def _connected(planned: Installation, credential: Credential) -> Installation:
    return Installation(
        planned.id, planned.owner, planned.type, planned.name, planned.environment, planned.status,
        planned.forward_url, planned.created_at, planned.updated_at, credential.account, credential.verified_at,
    )  # fmt: skip


def none_of(type_id: str) -> IntegrationNotFound:
    """The refusal of an id that no installation of this integration has."""
    return IntegrationNotFound(
        f"There is no installation of {type_id} of this id; GET /v1/integrations/{type_id} lists them."
    )
