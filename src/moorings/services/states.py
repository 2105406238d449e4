"""What an owner holds, read without ciphertext and kept until something changes."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from moorings.domain.credential import CredentialRef, CredentialState, Status
from moorings.domain.ids import Clock
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.revocation import Revoking
from moorings.domain.vector import VectorConfig
from moorings.store import holdings
from moorings.store.database import Database
from moorings.store.holdings import Holdings
from moorings.vault.keyring import Keyring

KEPT = 1_024


@dataclass(frozen=True)
class OwnerState:
    """Everything an owner holds at one moment; the same object stays for as long as nothing changes.

    `rendered` keeps answers made of it: they are right for exactly as long as it is. `fresh_until` is when time
    itself changes something (a reservation or a credential ends).
    """

    credentials: tuple[CredentialState, ...]
    installations: tuple[Installation, ...]
    fresh_until: datetime | None
    configurations: tuple[VectorConfig, ...] = ()
    revoking: tuple[Revoking, ...] = ()
    rendered: dict[Hashable, bytes] = field(default_factory=dict, compare=False, repr=False)

    def of(self, integration_id: str) -> list[CredentialState]:
        """The entries of one integration or installation."""
        return self._groups.get(integration_id, [])

    def credential(self, ref: CredentialRef) -> CredentialState | None:
        """The one entry of a place."""
        return next((entry for entry in self.of(ref.integration_id) if entry.environment == ref.environment), None)

    def configuration(self, config_id: str) -> VectorConfig | None:
        """The vector store configuration of an id."""
        return next((config for config in self.configurations if config.id == config_id), None)

    def defaults(self, integration_id: str) -> list[str]:
        """The ids of the configurations that answer for a vector store: the default one of each environment."""
        return [config.id for config in self.configurations if config.type == integration_id and config.is_default]

    @cached_property
    def _groups(self) -> dict[str, list[CredentialState]]:
        groups: dict[str, list[CredentialState]] = {}
        for entry in self.credentials:
            groups.setdefault(entry.integration_id, []).append(entry)
        return groups


@dataclass(slots=True)
class _Cached:
    version: int | None
    state: OwnerState


class States:
    """Reads owners' states; on SQLite only when the database says that something was committed."""

    def __init__(self, database: Database, keyring: Keyring, now: Clock) -> None:
        self._database, self._keyring, self._now = database, keyring, now
        self._cache: dict[str, _Cached] = {}

    async def of(self, owner: str) -> OwnerState:
        """The owner's present state."""
        version, cached = self._database.version(), self._cache.get(owner)
        if cached and version is not None and cached.version == version and self._fresh(cached.state):
            return cached.state
        return self._keep(owner, version, await self._read(owner))

    def _fresh(self, state: OwnerState) -> bool:
        return state.fresh_until is None or self._now() < state.fresh_until

    def _keep(self, owner: str, version: int | None, read: OwnerState) -> OwnerState:
        cached = self._cache.get(owner)
        state = cached.state if cached and cached.state == read else read
        if cached is None and len(self._cache) >= KEPT:
            del self._cache[next(iter(self._cache))]
        self._cache[owner] = _Cached(version, state)
        return state

    async def _read(self, owner: str) -> OwnerState:
        now = self._now()
        found, installed, configured, revoking = await self._held(owner)
        # What a reserved installation holds is half of what it needs, and answers nowhere yet.
        waiting = {item.id for item in installed if item.status is InstallationStatus.PENDING}
        types = {item.id: item.type for item in installed} | {config.id: str(config.type) for config in configured}
        held = (
            _aged(_sound(entry, types.get(entry.integration_id, entry.integration_id)), now)
            for entry in found if entry.integration_id not in waiting
        )  # fmt: skip
        entries = tuple(sorted(held, key=lambda entry: entry.integration_id))
        alive = tuple(installation for installation in installed if not installation.expired(now))
        times = [entry.expires_at for entry in entries] + [installation.expires_at for installation in alive]
        ends = [time for time in times if time is not None and time > now]
        return OwnerState(entries, alive, min(ends, default=None), configured, revoking)

    async def _held(self, owner: str) -> Holdings:
        found = await self._database.read(holdings.of_owner, owner, frozenset(self._keyring.ids))
        if any(entry.status is Status.UNREADABLE for entry in found.credentials):
            self._keyring.reload()  # perhaps only because a rotation beside us has just made a new root key
            found = await self._database.read(holdings.of_owner, owner, frozenset(self._keyring.ids))
        return found


def _sound(entry: CredentialState, integration: str) -> CredentialState:
    """Unreadable where it was sealed for another integration than its place says: the vault opens it for none else."""
    if entry.integration == integration:
        return entry
    sealed_for = entry.integration or "no integration"
    return replace(
        entry, status=Status.UNREADABLE, previews={},
        reason=f"It was sealed for {sealed_for} and stands where {integration} is used: a row was changed.",
    )  # fmt: skip


def _aged(entry: CredentialState, now: datetime) -> CredentialState:
    if entry.expires_at is None or entry.expires_at > now or entry.status is Status.UNREADABLE:
        return entry
    return replace(entry, status=Status.EXPIRED)
