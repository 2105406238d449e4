"""Configurations of vector stores: one service for all of them, an adapter for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moorings.catalog.catalog import Catalog
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.check import Check
from moorings.domain.credential import Credential, CredentialRef, CredentialState, Verification
from moorings.domain.environment import ALL, Environment, Environments
from moorings.domain.ids import Clock, is_id, new_id
from moorings.domain.integration import Integration
from moorings.domain.secret import Secret, SecretFields
from moorings.domain.vector import HEADER, ConfigStatus, Examination, StoreType, VectorConfig
from moorings.errors import (
    ConfigurationNotFound,
    Detail,
    InvalidCredentials,
    MooringsError,
    SealBroken,
    SecretWantedAgain,
)
from moorings.providers.contract import VectorStore
from moorings.services.checks import Checks
from moorings.services.sealing import Opened, Sealing
from moorings.services.states import States
from moorings.store import vector_configs as rows
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class ConfigWish:
    """What somebody wants configured; `fields` are the target and its secrets."""

    name: str
    fields: SecretFields
    environment: Environment = None
    is_default: bool = False
    description: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What is to be different: `own` by the names of a configuration's attributes; a field of None is taken away.

    Where `headers` are given they stand in place of all that were.
    """

    own: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Secret | None] = field(default_factory=dict)
    headers: Mapping[str, Secret] | None = None
    verify: bool = True

    @property
    def retargets(self) -> bool:
        """Whether it changes what is sealed."""
        return bool(self.fields) or self.headers is not None

    def merged(self, before: SecretFields) -> tuple[SecretFields, SecretFields]:
        """What stays of the sealed fields, and what is new."""
        headers = self.headers or {}
        gone = {name for name in before if self.headers is not None and name.startswith(HEADER)}
        kept = {name: value for name, value in before.items() if name not in gone and name not in self.fields}
        given = {name: value for name, value in self.fields.items() if value is not None}
        return kept, {**given, **{HEADER + name: value for name, value in headers.items()}}


@dataclass(frozen=True, slots=True)
class ConfigView:
    """A configuration with what is known of its sealed credential."""

    config: VectorConfig
    state: CredentialState | None

    @property
    def status(self) -> ConfigStatus:
        """Where it stands."""
        return ConfigStatus.of(self.state)


@dataclass(frozen=True, slots=True)
class VectorConfigs:
    """Nothing is stored unless the store was asked and agrees, or the caller wishes it unasked."""

    catalog: Catalog
    stores: Mapping[str, VectorStore]
    checks: Checks
    sealing: Sealing
    states: States
    database: Database
    environments: Environments
    now: Clock

    async def every(self, caller: Caller, kind: StoreType, environment: Environment = ALL) -> list[ConfigView]:
        """Those that the caller may see, by name; with an environment, those that can answer there."""
        caller.require(Scope.READ)
        self.environments.check(environment)
        if environment is not ALL:
            caller.require_read(environment)
        state = await self.states.of(caller.owner)
        found = [config for config in state.configurations if config.type is kind and caller.sees(config.environment)]
        wanted = [config for config in found if environment is ALL or config.environment in (environment, ALL)]
        return [ConfigView(config, state.credential(config.ref)) for config in wanted]

    async def get(self, caller: Caller, kind: StoreType, config_id: str) -> ConfigView:
        """One; raises `ConfigurationNotFound`."""
        caller.require(Scope.READ)
        state = await self.states.of(caller.owner)
        config = state.configuration(config_id) if is_id(config_id, kind.prefix) else None
        if config is None:
            raise ConfigurationNotFound(rows.NONE_THERE.format(type=kind))
        caller.require_read(config.environment)
        return ConfigView(config, state.credential(config.ref))

    async def create(self, caller: Caller, kind: StoreType, wish: ConfigWish) -> ConfigView:
        """Look whether it works, then seal and keep it."""
        caller.require(Scope.WRITE)
        self.environments.check(wish.environment)
        caller.require_write(wish.environment)
        fields = self.put_right(kind, wish.fields)
        found = await self._examined(kind, fields) if wish.verify else None
        now = self.now()
        config = VectorConfig(
            new_id(kind.prefix, now), caller.owner, kind, wish.name, wish.environment, wish.is_default,
            wish.description, self._shown(kind, fields), found.facts if found else {}, now, now,
        )  # fmt: skip

        async def write(credential: Credential) -> VectorConfig:
            entry = self._entry(caller, Kind.CONFIGURATION_CREATED, config.ref, credential.revision.id)
            return await self.database.write(rows.create, config, credential, entry)

        verification = Verification() if found else None
        kept = await self.sealing.keep(self.catalog.get(kind), config.ref, fields, verification, write)
        return await self._seen(kept)

    async def update(self, caller: Caller, kind: StoreType, config_id: str, change: ConfigChange) -> ConfigView:
        """Change what is given; another target is looked at before it takes the place of the present one."""
        caller.require(Scope.WRITE)
        present = (await self.get(caller, kind, config_id)).config
        wanted = replace(present, **change.own, updated_at=self.now())
        self.environments.check(wanted.environment)
        for environment in (present.environment, wanted.environment):
            caller.require_write(environment)
        opened = await self.opened(present.type, present)
        if not change.retargets and wanted.environment == present.environment:
            entry = self._entry(caller, Kind.CONFIGURATION_UPDATED, present.ref, opened.stored.revision_id)
            kept = await self.database.write(rows.change, wanted, present.ref, opened.stored.revision_id, entry)
            return await self._seen(kept)
        return await self._resealed(caller, present, wanted, opened, change)

    async def delete(self, caller: Caller, kind: StoreType, config_id: str) -> VectorConfig:
        """Delete one, its sealed bytes included."""
        caller.require(Scope.WRITE)
        config = (await self.get(caller, kind, config_id)).config
        caller.require_write(config.environment)
        [tombstone] = await self.sealing.tombstone(config.ref)
        entry = self._entry(caller, Kind.CONFIGURATION_DELETED, config.ref, tombstone.id)
        if not await self.database.write(rows.remove, config.ref, tombstone, entry):
            raise ConfigurationNotFound(rows.NONE_THERE.format(type=kind))
        return config

    async def test(self, caller: Caller, kind: StoreType, environment: Environment, fields: SecretFields) -> Check:
        """Whether a configuration would work; nothing is kept."""
        caller.require(Scope.WRITE)
        self.environments.check(environment)
        return await self.checks.given(kind, self.put_right(kind, fields))

    async def test_saved(self, caller: Caller, kind: StoreType, config_id: str) -> Check:
        """Whether a stored one still works; the result is kept as its status."""
        caller.require(Scope.WRITE)
        config = (await self.get(caller, kind, config_id)).config
        caller.require_write(config.environment)
        found = await self.checks.stored(kind, config.ref, caller.id, caller.origin)
        if found is None:
            raise ConfigurationNotFound(rows.NONE_THERE.format(type=kind))
        return found[0]

    def put_right(self, kind: StoreType, fields: SecretFields) -> SecretFields:
        """The fields as they will be kept; raises `InvalidCredentials` with every one that cannot be right."""
        known = {part.name: part for part in self.catalog.get(kind).fields}
        problems = [
            Detail(name, problem) for name, value in fields.items()
            if (part := known.get(name)) and (problem := part.problem(value.reveal()))
        ]  # fmt: skip
        if problems:
            raise InvalidCredentials("Some fields do not have the form that they need.", problems)
        return self.stores[kind].checked(fields)

    async def used(self, caller: Caller, kind: StoreType, config_id: str, for_what: str) -> SecretFields:
        """The fields of a stored one, for something that is asked of its store; the use is written down."""
        config = (await self.get(caller, kind, config_id)).config
        opened = await self.opened(kind, config)
        entry = self._entry(caller, Kind.CONFIGURATION_USED, config.ref, opened.stored.revision_id)
        await self.database.write(rows.note, replace(entry, subject=f"{config.id}/{for_what}"))
        return opened.fields

    async def opened(self, kind: StoreType, config: VectorConfig) -> Opened:
        """The fields in the open, for a store of this kind."""
        opened = await self.sealing.open(config.ref, kind)
        if opened is None:
            raise SealBroken(
                f"The sealed fields of {config.id} are not there; delete the configuration and make it anew."
            )
        return opened

    async def _resealed(
        self, caller: Caller, present: VectorConfig, wanted: VectorConfig, opened: Opened, change: ConfigChange
    ) -> ConfigView:
        kind = present.type
        fields = self._merged(kind, opened.fields, change)
        found = await self._looked_at(caller, present, opened, fields) if change.verify else None
        wanted = replace(wanted, shown=self._shown(kind, fields), facts=found.facts if found else {})
        moved = wanted.environment != present.environment
        [tombstone] = await self.sealing.tombstone(present.ref)

        async def write(credential: Credential) -> VectorConfig:
            entry = self._entry(caller, Kind.CONFIGURATION_UPDATED, wanted.ref, credential.revision.id)
            return await self.database.write(
                rows.change, wanted, present.ref, opened.stored.revision_id, entry, credential,
                tombstone if moved else None,
            )  # fmt: skip

        verification = Verification() if found else None
        kept = await self.sealing.keep(self.catalog.get(kind), wanted.ref, fields, verification, write)
        return await self._seen(kept)

    def _merged(self, kind: StoreType, before: SecretFields, change: ConfigChange) -> SecretFields:
        """What stands after a change; a secret that is not given anew stays with the server it was given for."""
        kept, given = change.merged(before)
        after = self.put_right(kind, {**kept, **given})
        secret = [name for name in kept if name in self._secret_names(kind, kept)]
        if secret and not self.stores[kind].same_place(before, after):
            raise SecretWantedAgain(
                "The address leads to another server, and a stored secret is shown to none but its own; give it anew.",
                [Detail(name, "Give this anew, or null to go without it.") for name in secret],
            )
        return after

    async def _looked_at(
        self, caller: Caller, present: VectorConfig, opened: Opened, fields: SecretFields
    ) -> Examination:
        """The same of a change; one that fails has shown what is stored all the same, and that is written down."""
        try:
            return await self._examined(present.type, fields)
        except MooringsError as error:
            entry = self._entry(caller, Kind.CONFIGURATION_UPDATED, present.ref, opened.stored.revision_id)
            await self.database.write(rows.note, replace(entry, outcome=error.code))
            raise

    async def _examined(self, kind: StoreType, fields: SecretFields) -> Examination:
        found = await self.stores[kind].examine(fields)
        if found.lacks is not None:
            raise found.lacks
        return found

    def _shown(self, kind: StoreType, fields: SecretFields) -> dict[str, str]:
        secret = self._secret_names(kind, fields)
        return {name: value.reveal() for name, value in fields.items() if name not in secret} | {
            name: "" for name in fields if name.startswith(HEADER)
        }

    def _secret_names(self, kind: StoreType, fields: SecretFields) -> set[str]:
        integration: Integration = self.catalog.get(kind)
        plain = {part.name for part in integration.fields if not part.secret}
        return {name for name in fields if name not in plain}

    async def _seen(self, config: VectorConfig) -> ConfigView:
        state = await self.states.of(config.owner)
        return ConfigView(config, state.credential(config.ref))

    def _entry(self, caller: Caller, kind: Kind, ref: CredentialRef, revision: str) -> AuditEntry:
        return AuditEntry(
            caller.owner, self.now(), kind, caller.id, ref.integration_id, ref.environment, origin=caller.origin,
            revision=revision,
        )  # fmt: skip
