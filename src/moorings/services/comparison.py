"""Compares two environments: what each has, and where both use the same value; never the value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moorings.domain.audit import Kind, done_by
from moorings.domain.caller import Caller
from moorings.domain.credential import CredentialRef
from moorings.domain.environment import Environment
from moorings.domain.integration import Integration
from moorings.domain.secret import SecretFields
from moorings.errors import VaultFailed
from moorings.services.integrations import Integrations
from moorings.services.resolution import Resolved, resolve
from moorings.services.sealing import Sealing
from moorings.store import audit
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Difference:
    """One integration in both environments; `same` tells for each field whether its value is, None where unknown.

    Nothing is compared where one side has nothing, and where the same entry answers on both.
    """

    integration: Integration
    left: Resolved | None
    right: Resolved | None
    same_entry: bool
    same: Mapping[str, bool] | None


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Opens secrets to compare them, and writes that down."""

    integrations: Integrations
    sealing: Sealing
    database: Database

    async def compare(self, caller: Caller, left: str, right: str) -> Sequence[Difference]:
        """Every integration that is configured in one of the two environments, in the order of names."""
        visible = await self.integrations.visible(caller, left)
        self.integrations.environments.check(right)
        caller.require_read(right)
        found = []
        for integration in self.integrations.catalog:
            pair = resolve(visible, integration, left), resolve(visible, integration, right)
            if pair != (None, None):
                found.append(await self._difference(caller.owner, integration, *pair))
        if any(difference.same is not None for difference in found):
            now = self.integrations.now()
            entry = done_by(caller, now, Kind.CREDENTIALS_COMPARED, f"{left} and {right}")
            await self.database.write(audit.append, entry)
        return found

    async def _difference(
        self, owner: str, integration: Integration, left: Resolved | None, right: Resolved | None
    ) -> Difference:
        if left is None or right is None:
            return Difference(integration, left, right, same_entry=False, same=None)
        if _place(left) == _place(right):
            return Difference(integration, left, right, same_entry=True, same=None)
        one, other = [await self._fields(owner, integration, side) for side in (left, right)]
        same = None if one is None or other is None else _compared(one, other)
        return Difference(integration, left, right, same_entry=False, same=same)

    async def _fields(self, owner: str, integration: Integration, resolved: Resolved) -> SecretFields | None:
        """None for what cannot be opened, or was deleted beside us; the status tells of it."""
        try:
            opened = await self.sealing.open(CredentialRef(owner, *_place(resolved)), integration.id)
        except VaultFailed:
            return None
        return None if opened is None else opened.fields


def _place(resolved: Resolved) -> tuple[str, Environment]:
    return resolved.connection_id, resolved.environment


def _compared(one: SecretFields, other: SecretFields) -> dict[str, bool]:
    """Whether each field of either is the same in both; secrets compare in constant time."""
    return {name: name in one and name in other and one[name] == other[name] for name in sorted({*one, *other})}
