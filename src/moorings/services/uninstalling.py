"""An installation ends: its provider is told, and then all that is held of it goes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from moorings.domain.audit import Kind, done_by
from moorings.domain.bot import InstalledBot
from moorings.domain.caller import Caller
from moorings.domain.credential import CredentialRef
from moorings.domain.environment import Environment, Environments
from moorings.domain.installation import Installation
from moorings.domain.integration import Integration
from moorings.domain.revocation import Outcome
from moorings.services.revocations import Leaving, Revocations, Told
from moorings.services.sealing import Sealing
from moorings.store import bots as bot_rows
from moorings.store import credentials as credential_rows
from moorings.store import revocations as rows

Farewell = Callable[[Installation], Awaitable[str | None]]
"""Tells a provider that an installation ends; a sentence where it could not be told, for we do not wait for it."""

NO_FAREWELLS: Mapping[str, Farewell] = {}

TRIES = 5
"""How often what was written meanwhile is told too; what comes later goes untold."""

Writings = Mapping[Environment, str]
"""Which writing of an installation stands in which environment."""


@dataclass(frozen=True, slots=True)
class Uninstalling:
    """Who is killed between the provider's word and ours leaves an installation that can be uninstalled once more."""

    sealing: Sealing
    environments: Environments
    revocations: Revocations | None = None
    farewells: Mapping[str, Farewell] = field(default_factory=lambda: NO_FAREWELLS)

    async def uninstall(
        self, caller: Caller, integration: Integration, installation: Installation, *, revoke: bool
    ) -> str | None:
        """What a person should know of the provider; raises `CredentialsNotFound` when the installation is gone."""
        if self.revocations is None or not revoke:
            return await self._uninstall(caller, integration, installation, revoke=False)
        async with self.revocations.turn(caller.owner, integration.id):
            return await self._uninstall(caller, integration, installation, revoke=True)

    async def _uninstall(
        self, caller: Caller, integration: Integration, installation: Installation, *, revoke: bool
    ) -> str | None:
        farewell = self.farewells.get(installation.type)
        notes = [await farewell(installation) if farewell else None]
        told: list[tuple[CredentialRef, Told]] = []
        known: dict[Environment, str] = {}
        for _ in range(TRIES if revoke else 0):
            standing = await self._standing(installation)
            new = [place for place, writing in standing.items() if known.get(place) != writing]
            told += (await self._tell(caller, integration, installation, new)).items()
            known |= standing
            if await self._remove(caller, installation, standing, told):
                break
        else:
            await self._remove(caller, installation, None, told)
        return " ".join(note for note in (*notes, _sentence(told)) if note) or None

    async def _standing(self, installation: Installation) -> Writings:
        return await self.sealing.database.read(credential_rows.writings, installation.owner, installation.id)

    async def _tell(
        self, caller: Caller, integration: Integration, installation: Installation, places: list[Environment]
    ) -> Mapping[CredentialRef, Told]:
        if self.revocations is None or not places:
            return {}
        refs = tuple(CredentialRef(installation.owner, installation.id, place) for place in places)
        bot: InstalledBot | None = await self.sealing.database.read(bot_rows.of, installation.owner, installation.id)
        return await self.revocations.tell(Leaving(caller, integration, refs, bot))

    async def _remove(
        self, caller: Caller, installation: Installation, standing: Writings | None,
        told: list[tuple[CredentialRef, Told]],
    ) -> bool:  # fmt: skip
        owner, place, now = installation.owner, installation.id, self.sealing.now()
        refs = [CredentialRef(owner, place, name) for name in (None, *self.environments.names)]
        stamps = await self.sealing.tombstone(*refs)
        tombstones = {ref.environment: stamp for ref, stamp in zip(refs, stamps, strict=True)}
        revision = stamps[0].id
        removed = done_by(caller, now, Kind.INSTALLATION_REMOVED, place, revision=revision)
        outcomes = [
            Outcome(
                done_by(
                    caller, now, Kind.CREDENTIALS_REVOKED, place, ref.environment, revision, outcome=each.outcome
                ),
                each.pending,
            )
            for ref, each in told
        ]  # fmt: skip
        work = (refs[0], standing, tombstones, removed, outcomes)
        return await self.sealing.database.write(rows.uninstall, *work)


def _sentence(told: list[tuple[CredentialRef, Told]]) -> str | None:
    """One sentence where all ended alike, else one for each place."""
    notes = {each.note for _, each in told}
    if len(notes) <= 1:
        return next(iter(notes), None)
    return " ".join(f"{(ref.environment or 'all environments').capitalize()}: {each.note}" for ref, each in told)
