"""The secrets that sign what is passed on: made by us, shown once, and sealed like all others."""

import base64
import json
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from moorings.domain.audit import AuditEntry
from moorings.domain.ids import Clock
from moorings.domain.secret import Sealed, Secret
from moorings.errors import Clash, Conflict, SealBroken
from moorings.services.owner_keys import OwnerKeys
from moorings.services.remembered import Remembered
from moorings.store import forwarding as rows
from moorings.store.database import Database
from moorings.store.forwarding import KeptSecret
from moorings.vault.envelope import Context
from moorings.vault.vault import Vault

PREFIX, BYTES = "whsec_", 32
KIND = "forward secret"
KEPT = 1_024
TRIES = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signing:
    """The secret that signs, and the one before it as long as that shall still be good."""

    secret: Secret
    previous: Secret | None = None
    until: datetime | None = None

    def at(self, now: datetime) -> tuple[Secret, ...]:
        """Whatever signs at this moment."""
        old = self.previous if self.until is not None and now < self.until else None
        return (self.secret,) if old is None else (self.secret, old)


@dataclass(frozen=True, slots=True)
class ForwardSecrets:
    """One secret an installation; it comes into being when the first event is passed on, or when it is asked for."""

    vault: Vault
    owner_keys: OwnerKeys
    database: Database
    now: Clock
    token_bytes: Callable[[int], bytes] = secrets.token_bytes
    opened: Remembered[tuple[str, str, bytes], Signing] = field(default_factory=lambda: Remembered(KEPT))

    async def signing(self, owner: str, installation_id: str, sealed: Sealed | None) -> Signing:
        """What signs for an installation; `sealed` is what the store holds, and made where it holds none."""
        if sealed is None:
            fresh = await self._seal(owner, installation_id, Signing(self._made()))
            sealed = await self.database.write(rows.add_secret, installation_id, fresh) or fresh
        # By its place too: a sealed secret that was copied to another installation does not open there.
        place = (owner, installation_id, sealed.data)
        return self.opened.get(place) or self.opened.put(place, await self._open(owner, installation_id, sealed))

    async def renew(self, owner: str, installation_id: str, until: datetime, entry: AuditEntry) -> Signing:
        """A new secret; the one before signs beside it until then, if anybody was ever shown it.

        Raises `Conflict` where others go on changing it: of two renewals at once each takes up what the other showed.
        """
        for _ in range(TRIES):
            kept = await self.database.read(rows.secret, installation_id)
            old = await self._shown(owner, installation_id, kept) if kept else None
            signing = Signing(self._made(), old.secret, until) if old else Signing(self._made())
            with suppress(Clash):  # the owner key was replaced and destroyed by a re-key beside us: take the new one
                if await self._show(owner, installation_id, signing, kept, entry):
                    return signing
            self.owner_keys.forget(owner)
        raise Conflict("The secret of this installation is being changed by others too; try again.")

    async def _shown(self, owner: str, installation_id: str, kept: KeptSecret) -> Signing | None:
        """What somebody may rely on; a secret that does not open any more is none."""
        try:
            return await self._open(owner, installation_id, kept.sealed) if kept.shown else None
        except SealBroken as error:
            log.warning("a secret that does not open gives way to a new one", extra={"problem": error.message})
            return None

    async def _show(
        self, owner: str, installation_id: str, signing: Signing, before: KeptSecret | None, entry: AuditEntry
    ) -> bool:
        sealed = await self._seal(owner, installation_id, signing)
        return await self.database.write(rows.show_secret, installation_id, sealed, before, self.now(), entry)

    async def _seal(self, owner: str, installation_id: str, signing: Signing) -> Sealed:
        parts = {
            "secret": signing.secret.reveal(),
            "previous": signing.previous and signing.previous.reveal(),
            "until": signing.until and signing.until.isoformat(),
        }
        key = await self.owner_keys.current(owner)
        return self.vault.seal_bytes(key, Context(KIND, owner, installation_id), json.dumps(parts).encode())

    async def _open(self, owner: str, installation_id: str, sealed: Sealed) -> Signing:
        key = await self.owner_keys.by_id(owner, sealed.owner_key_id)
        parts = json.loads(self.vault.open_bytes(key, Context(KIND, owner, installation_id), sealed))
        previous, until = parts["previous"], parts["until"]
        return Signing(
            Secret(parts["secret"]), previous and Secret(previous), until and datetime.fromisoformat(until)
        )  # fmt: skip

    def _made(self) -> Secret:
        return Secret(PREFIX + base64.b64encode(self.token_bytes(BYTES)).decode())
