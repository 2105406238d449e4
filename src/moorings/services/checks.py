"""Asks providers whether secrets work: given ones before they are saved, and stored ones now and then."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import NOWHERE, Origin
from moorings.domain.check import Check, Failing, Verdict
from moorings.domain.credential import CredentialRef
from moorings.domain.ids import Clock
from moorings.domain.secret import SecretFields
from moorings.domain.vector import Examination
from moorings.errors import (
    CredentialsRejected,
    IntegrationNotFound,
    MooringsError,
    ProviderFailed,
    ProviderTimeout,
)
from moorings.providers.contract import Provider
from moorings.services.connections import Connections
from moorings.services.outages import Outages
from moorings.services.sealing import Sealing
from moorings.store import checks as rows
from moorings.store import credentials as credential_rows
from moorings.store.database import Database

ACTOR = "moorings"
"""Who is written down where nobody has asked: the server by itself."""


@dataclass(frozen=True, slots=True)
class Checks:
    """One way to check everything that is kept as a credential."""

    connections: Connections
    providers: Mapping[str, Provider]
    sealing: Sealing
    database: Database
    now: Clock
    outages: Outages

    async def given(self, integration_id: str, fields: SecretFields) -> Check:
        """Whether fields work that nothing is kept of."""
        check, _ = await self._checked(integration_id, fields)
        return check

    async def stored(
        self, integration_id: str, ref: CredentialRef, actor: str = ACTOR, origin: Origin = NOWHERE
    ) -> tuple[Check, int] | None:
        """Whether a stored credential works, and how often in a row it has not; None when there is none.

        What a person asks for is believed at once; what the server finds by itself has to be found twice.
        """
        opened = await self.sealing.open(ref, integration_id)
        if opened is None:
            return None
        check, error = await self._checked(integration_id, opened.fields)
        verdict = replace(_verdict(error), final=actor != ACTOR)
        entry = AuditEntry(
            ref.owner, self.now(), Kind.CREDENTIALS_CHECKED, actor, ref.integration_id, ref.environment,
            outcome=check.code or "ok", origin=origin, revision=opened.stored.revision_id,
        )  # fmt: skip
        facts = check.metadata if check.valid and check.metadata else None
        return check, await self.database.write(rows.record, ref, entry, verdict, facts)

    async def failing(self) -> Sequence[Failing]:
        """What does not work, of all owners; for the operator."""
        return await self.database.read(rows.failing)

    async def due(self, job_id: str) -> datetime | None:
        """Check what a job names, and say when to do it again; None for what is gone or is not to be checked."""
        ref = credential_rows.ref_of(job_id)
        if self.sealing.plan.after() is None:
            return None
        try:
            integration = (await self.connections.find_for_tools(ref.owner, ref.integration_id)).integration
        except IntegrationNotFound:
            return None
        if not self._can_be_asked(integration.id):
            return None
        # Where each customer has an address of their own, that one alone is away.
        asked = ref.integration_id if "{" in integration.base_url else integration.id
        if (until := self.outages.until(asked)) is not None:
            return until
        found = await self.stored(integration.id, ref)
        if found is None:
            return None
        self.outages.note(asked, job_id, answered=found[0].code not in _AWAY)
        return self.sealing.plan.after(found[1])

    def _can_be_asked(self, integration_id: str) -> bool:
        provider = self.providers[integration_id]
        return provider.store is not None or provider.verifier is not None

    async def _checked(self, integration_id: str, fields: SecretFields) -> tuple[Check, MooringsError | None]:
        began, found = time.perf_counter(), Examination()
        error: MooringsError | None = None
        try:
            found = await self._asked(integration_id, fields)
            error = found.lacks
        except MooringsError as failure:
            error = failure
        latency = round((time.perf_counter() - began) * 1000)
        message, code = (error.message, error.code) if error else (None, None)
        return Check(error is None, self.now(), latency, message, code, found.facts), error

    async def _asked(self, integration_id: str, fields: SecretFields) -> Examination:
        provider = self.providers[integration_id]
        if provider.store is not None:
            return await provider.store.examine(fields)
        if provider.verifier is not None:
            await provider.verifier.verify(fields)
        return Examination()


_AWAY = frozenset({ProviderFailed.code, ProviderTimeout.code})


def _verdict(error: MooringsError | None) -> Verdict:
    return Verdict(error.message if error else None, rejected=isinstance(error, CredentialsRejected))
