"""Runs tools: finds the credential, lets its provider be called, and hands out the answer but never the secret."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from moorings.domain.caller import Caller, Scope
from moorings.domain.credential import CredentialRef, Status, StoredSecret
from moorings.domain.environment import ALL, Environment, Environments, Source
from moorings.domain.integration import Field
from moorings.domain.run import Run
from moorings.domain.secret import SecretFields
from moorings.domain.tool import Tool
from moorings.errors import (
    CredentialsRejected,
    InvalidRequest,
    MooringsError,
    ProviderFailed,
    ToolNotFound,
    UseNotRecorded,
    VaultFailed,
)
from moorings.providers.contract import Provider, ToolRunner
from moorings.services import parameters as schema
from moorings.services import tool_uses as came
from moorings.services.connections import Connection, Connections
from moorings.services.integrations import Visible
from moorings.services.owner_keys import OwnerKeys
from moorings.services.resolution import Resolved, resolve, resolve_at
from moorings.services.states import States
from moorings.services.tool_uses import ToolUses, Use
from moorings.store import credentials as rows
from moorings.store.database import Database
from moorings.vault.vault import Vault

MISSING, REJECTED = "CREDENTIALS_MISSING", "CREDENTIALS_REJECTED"


@dataclass(frozen=True, slots=True)
class Hint:
    """What a person has to do before the tool can run, and where; so that no secret passes through a model."""

    code: str
    message: str
    integration_id: str
    environment: Environment
    fields: tuple[Field, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Executed:
    """What came of a tool, which entry's credentials it used, and how long it took, in milliseconds."""

    tool: Tool
    environment: Environment
    source: Source | None
    duration_ms: int
    run: Run
    hint: Hint | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """The one engine behind HTTP, MCP and the command line."""

    connections: Connections
    states: States
    providers: Mapping[str, Provider]
    vault: Vault
    owner_keys: OwnerKeys
    database: Database
    environments: Environments
    uses: ToolUses
    public_url: str

    async def execute(
        self, caller: Caller, integration_id: str, tool_id: str, environment: Environment, parameters: Mapping[str, Any]
    ) -> Executed:
        """Run a tool with the credentials that answer for the environment.

        A provider's refusal is a result; missing and dead credentials come with a hint. Raises `InvalidParameters`
        with every problem, `ProviderFailed` and `ProviderTimeout` where no answer came.
        """
        caller.require(Scope.EXECUTE)
        self.environments.check(environment)
        if environment is not ALL:
            caller.require_read(environment)
        connection = await self._connection(caller, integration_id)
        tool = connection.integration.tool(tool_id)
        schema.check(tool, parameters)
        visible = Visible(await self.states.of(caller.owner), caller, self.environments)
        resolved = resolve_at(visible, connection, environment)
        if resolved is None:
            return self._unconnected(connection, tool, environment)
        opened = await self._opened(caller.owner, resolved, connection.integration.id)
        if opened is None:  # deleted while we looked
            return self._unconnected(connection, tool, environment)
        stored, fields = opened
        runner = self._runner(connection, tool, visible.facts(resolved.connection_id))
        use = Use(caller, connection, tool, environment, resolved, stored)
        return await self._run(runner, use, fields, parameters)

    async def runnable(self, caller: Caller, environment: Environment) -> list[Tool]:
        """The tools that the caller may run now, for their credentials resolve in the environment; by name."""
        caller.require(Scope.EXECUTE)
        self.environments.check(environment)
        if environment is not ALL:
            caller.require_read(environment)
        visible = Visible(await self.states.of(caller.owner), caller, self.environments)
        return [
            tool for integration in self.connections.catalog
            if self.providers[integration.id].runner and resolve(visible, integration, environment)
            for tool in integration.tools
        ]  # fmt: skip

    async def _connection(self, caller: Caller, integration_id: str) -> Connection:
        connection = await self.connections.find_for_tools(caller.owner, integration_id)
        if connection.installation:
            caller.require_read(connection.installation.environment)
        return connection

    async def _opened(
        self, owner: str, resolved: Resolved, integration: str
    ) -> tuple[StoredSecret, SecretFields] | None:
        ref = CredentialRef(owner, resolved.connection_id, resolved.environment)
        try:
            return await self._open(ref, integration)
        except VaultFailed:  # a re-key beside us may have sealed the record anew between our two reads
            return await self._open(ref, integration)

    async def _open(self, ref: CredentialRef, integration: str) -> tuple[StoredSecret, SecretFields] | None:
        stored = await self.database.read(rows.secret, ref)
        if stored is None:
            return None
        key = await self.owner_keys.by_id(ref.owner, stored.sealed.owner_key_id)
        return stored, self.vault.open(key, stored, integration)

    def _runner(self, connection: Connection, tool: Tool, facts: Mapping[str, Any]) -> ToolRunner:
        provider = self.providers[connection.integration.id]
        runner = provider.store.knowing(facts) if provider.store else provider.runner
        if runner is None:
            raise ToolNotFound(f"{tool.title} cannot be run yet.")
        return runner

    async def _run(
        self, runner: ToolRunner, use: Use, fields: SecretFields, parameters: Mapping[str, Any]
    ) -> Executed:  # fmt: skip
        try:
            await self.uses.begin(use)
            began = time.perf_counter()
            run, dead = await self._asked(runner, use, fields, parameters)
        except asyncio.CancelledError:
            with suppress(UseNotRecorded):  # the log has it; nobody listens any more
                await asyncio.shield(self.uses.end(use, came.CANCELLED))
            raise
        except InvalidRequest:
            await asyncio.shield(self.uses.end(use, came.NOT_SENT))
            raise
        except ProviderFailed:
            await asyncio.shield(self.uses.end(use, came.FAILED))
            raise
        except MooringsError:
            raise
        except Exception:  # a defect of ours; what it had begun must not stand without an end
            await asyncio.shield(self.uses.end(use, came.FAILED))
            raise
        duration = round((time.perf_counter() - began) * 1000)
        await asyncio.shield(self.uses.end(use, came.REJECTED if dead else came.REFUSED if run.is_error else came.OK))
        hint = self._hint(REJECTED, use.connection, use.asked) if dead else None
        return Executed(use.tool, use.asked, use.resolved.source, duration, run, hint)

    async def _asked(
        self, runner: ToolRunner, use: Use, fields: SecretFields, parameters: Mapping[str, Any]
    ) -> tuple[Run, bool]:
        """What came of it, and whether it proves that the credentials are dead."""
        try:
            run = await runner.run(use.tool, fields, parameters)
        except CredentialsRejected as error:
            return Run({"status": None, "answer": error.message}, is_error=True, suspect=True), True
        return run, run.suspect and await self._is_dead(use, fields)

    async def _is_dead(self, use: Use, fields: SecretFields) -> bool:
        """One refused call proves little, a path may be forbidden to a good key: the provider is asked to verify."""
        if use.resolved.status is Status.INVALID:
            return True
        verifier = self.providers[use.connection.integration.id].verifier
        if verifier is None:
            return False
        try:
            await verifier.verify(fields)
        except CredentialsRejected:
            return True
        except ProviderFailed:
            return False
        return False

    def _unconnected(self, connection: Connection, tool: Tool, environment: Environment) -> Executed:
        hint = self._hint(MISSING, connection, environment)
        return Executed(tool, environment, None, 0, Run(None, is_error=True), hint)

    def _hint(self, code: str, connection: Connection, environment: Environment) -> Hint:
        entry = connection.integration
        wish = {"environment": environment, "installation": connection.installation and connection.id}
        query = urlencode({name: value for name, value in wish.items() if value})
        url = f"{self.public_url.rstrip('/')}/connect/{entry.id}" + (f"?{query}" if query else "")
        place = environment or "all environments"
        wrong = "has no credentials" if code == MISSING else "no longer accepts the credentials"
        how = f"{entry.installed_by} connects it" if entry.installed_by else f"a person can enter them at {url}"
        own = connection.installation and connection.installation.environment
        aside = f" This installation is for {own}: name that environment." if own and own != environment else ""
        message = f"{entry.name} {wrong} for {place}; {how}.{aside}"
        fields = tuple(field for field in entry.fields if field.required)
        return Hint(code, message, connection.id, environment, fields, url)
