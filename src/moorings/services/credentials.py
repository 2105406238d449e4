"""Save, check and forget the credentials of an integration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import Account, Credential, CredentialRef, Verification
from moorings.domain.environment import Environment, Environments
from moorings.domain.ids import Clock
from moorings.domain.integration import Integration
from moorings.domain.revocation import Outcome
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsNotFound, OwnInstallCall
from moorings.providers.contract import Verifier
from moorings.services.connections import Connection, Connections
from moorings.services.revocations import Leaving, Revocations, Told
from moorings.services.sealing import Sealing
from moorings.services.uninstalling import Uninstalling
from moorings.store import connections as rows
from moorings.store import revocations as revocation_rows
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saved credential has become."""

    connection: Connection
    environment: Environment
    account: Account | None
    verified_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: one entry, or a whole installation; `note` is what a person should know of its provider."""

    connection: Connection
    environment: Environment
    uninstalled: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Plaintext enters here, is shown to its provider at most, and is sealed before anything is stored."""

    connections: Connections
    verifiers: Mapping[str, Verifier]
    sealing: Sealing
    database: Database
    environments: Environments
    now: Clock
    uninstalling: Uninstalling
    revocations: Revocations | None = None

    async def save(
        self, caller: Caller, integration_id: str, environment: Environment, fields: SecretFields,
        *, verify: bool = True, given: bool = True,
    ) -> Saved:  # fmt: skip
        """Nothing is stored unless the provider accepts it; `given` is whether the caller named an environment."""
        caller.require(Scope.WRITE)
        self.environments.check(environment)
        connection = await self.connections.find(caller.owner, integration_id)
        place = connection.environment(environment, given=given)
        caller.require_write(place)
        _refuse_own_call(connection.integration)
        connection.integration.check(fields)
        verification = await self._verified(connection.integration, fields) if verify else None
        return await self._keep(caller, connection, place, fields, verification)

    async def remove(
        self, caller: Caller, integration_id: str, environment: Environment, *, revoke: bool = False
    ) -> Removed:
        """Delete the sealed bytes; for an installation as a whole, uninstall it.

        With `revoke` the provider is told first, where it takes such word; what it does not confirm is tried on.
        """
        caller.require(Scope.WRITE)
        connection = await self.connections.find(caller.owner, integration_id)
        installation = connection.installation
        uninstall = installation is not None and environment in (None, installation.environment)
        place = installation.environment if installation and uninstall else environment
        caller.require_write(place)
        # The provider first, while we hold what it knows us by; then ours goes, whatever it has said.
        if installation and uninstall:
            note = await self.uninstalling.uninstall(caller, connection.integration, installation, revoke=revoke)
            return Removed(connection, place, uninstalled=True, note=note)
        ref = CredentialRef(caller.owner, connection.id, place)
        told, gone = await self._ended(caller, connection, ref, revoke=revoke)
        if not gone:
            self.environments.check(environment)  # what was saved before an environment was taken away can go
            raise CredentialsNotFound(_nothing_there(connection, environment))
        return Removed(connection, place, uninstalled=False, note=told.note if told else None)

    async def _ended(
        self, caller: Caller, connection: Connection, ref: CredentialRef, *, revoke: bool
    ) -> tuple[Told | None, bool]:
        """What came of telling the provider, and whether something was there to be deleted."""
        if self.revocations is None or not revoke:
            return None, await self._forget(caller, ref, None)
        async with self.revocations.turn(caller.owner, connection.integration.id):
            told = (await self.revocations.tell(Leaving(caller, connection.integration, (ref,)))).get(ref)
            return told, await self._forget(caller, ref, told)

    async def _verified(self, integration: Integration, fields: SecretFields) -> Verification | None:
        verifier = self.verifiers.get(integration.id)
        return await verifier.verify(fields) if verifier else None

    async def _keep(
        self, caller: Caller, connection: Connection, environment: Environment, fields: SecretFields,
        verification: Verification | None,
    ) -> Saved:  # fmt: skip
        ref = CredentialRef(caller.owner, connection.id, environment)

        async def write(credential: Credential) -> Credential:
            entry = self._entry(caller, Kind.CREDENTIALS_SAVED, ref, credential.revision.id)
            await self.database.write(rows.save, credential, entry, installed=connection.installation is not None)
            return credential

        credential = await self.sealing.keep(connection.integration, ref, fields, verification, write)
        note = verification.note if verification else None
        return Saved(connection, environment, credential.account, credential.verified_at, note)

    async def _forget(self, caller: Caller, ref: CredentialRef, told: Told | None) -> bool:
        [tombstone] = await self.sealing.tombstone(ref)
        entry = self._entry(caller, Kind.CREDENTIALS_DELETED, ref, tombstone.id)
        if told is None:
            return await self.database.write(rows.forget, ref, tombstone, entry)
        revoked = replace(entry, kind=Kind.CREDENTIALS_REVOKED, outcome=told.outcome)
        return await self.database.write(revocation_rows.forget, ref, tombstone, entry, Outcome(revoked, told.pending))

    def _entry(self, caller: Caller, kind: Kind, ref: CredentialRef, revision: str) -> AuditEntry:
        return AuditEntry(
            caller.owner, self.now(), kind, caller.id, ref.integration_id, ref.environment,
            origin=caller.origin, revision=revision,
        )  # fmt: skip


def _refuse_own_call(integration: Integration) -> None:
    if integration.installed_by:
        raise OwnInstallCall(
            f"{integration.name} is connected by {integration.installed_by}, not by saving credentials."
        )


def _nothing_there(connection: Connection, environment: Environment) -> str:
    place = "for all environments" if environment is None else f"for the environment {environment}"
    return f"There are no credentials of {connection.integration.name} {place}; the status call shows where there are."
