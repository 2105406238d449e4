"""Rows that no attestation fits: found for the operator, and believed again when the operator says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from moorings.domain.attestation import AlteredRow
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.ids import Clock
from moorings.services.owners import OPERATOR, Owners
from moorings.store import attestations as rows
from moorings.store import audit
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Attestations:
    """Only whoever operates the machine may use it: it holds the root keys."""

    database: Database
    owners: Owners
    now: Clock

    async def altered(self) -> Sequence[AlteredRow]:
        """Every row that is not as Moorings wrote it."""
        return await self.database.read(rows.altered)

    async def attest(self) -> int:
        """Let these rows count from now on, as they stand; how many they were."""
        number = await self.database.write(rows.attest_all)
        owner = await self.owners.oldest()
        entry = AuditEntry(owner.id, self.now(), Kind.ROWS_ATTESTED, OPERATOR, f"{number} rows")
        await self.database.write(audit.append, entry)
        return number
