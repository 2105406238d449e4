"""Owner keys at hand: unwrapped once, kept in memory only."""

from datetime import datetime
from typing import Any

from moorings.domain.ids import Clock
from moorings.errors import VaultFailed
from moorings.store import keys as rows
from moorings.store.database import Database
from moorings.vault.envelope import Key
from moorings.vault.vault import Vault

KEPT = 4_096
"""How many owners' keys stay in memory."""

REMEMBERED_SECONDS = 1.0
"""How long an owner's current key is used without asking whether a re-key beside us has replaced it."""


class OwnerKeys:
    """The key that seals for an owner, and the older ones that open."""

    def __init__(self, vault: Vault, database: Database, now: Clock) -> None:
        self._vault, self._database, self._now = vault, database, now
        self._current: dict[str, tuple[Key, datetime]] = {}
        self._by_id: dict[tuple[str, str], Key] = {}

    async def current(self, owner: str) -> Key:
        """The key that seals; made when the owner has none yet."""
        remembered, now = self._current.get(owner), self._now()
        if remembered is not None and abs((now - remembered[1]).total_seconds()) < REMEMBERED_SECONDS:
            return remembered[0]
        key = await self._load_or_make(owner)
        self._current.pop(owner, None)
        _make_room(self._current)
        self._current[owner] = key, now
        return key

    async def by_id(self, owner: str, key_id: str) -> Key:
        """The key that a value was sealed under."""
        if (owner, key_id) not in self._by_id:
            wrapped = await self._database.read(rows.by_id, owner, key_id)
            if wrapped is None:
                raise VaultFailed(f"The owner key {key_id} is gone; what was sealed under it cannot be opened.")
            _make_room(self._by_id)
            self._by_id[owner, key_id] = self._vault.unwrap(wrapped)
        return self._by_id[owner, key_id]

    def forget(self, owner: str) -> None:
        """Look the owner's current key up again next time: another process has replaced it."""
        self._current.pop(owner, None)

    async def _load_or_make(self, owner: str) -> Key:
        wrapped = await self._database.read(rows.current, owner)
        if wrapped is None:
            return await self._make(owner)
        remembered = self._current.get(owner)
        return remembered[0] if remembered and remembered[0].id == wrapped.id else self._vault.unwrap(wrapped)

    async def _make(self, owner: str) -> Key:
        self._vault.keyring.reload()  # a rotation beside us may have made a newer root key, and it is the current one
        key, wrapped = self._vault.new_owner_key(owner, 1, self._now())
        root = self._vault.check_value(wrapped.root_key_id)
        if await self._database.write(rows.add_first, wrapped, root, self._now()):
            return key
        return await self._load_or_make(owner)


def _make_room(cache: dict[Any, Any]) -> None:
    if len(cache) >= KEPT:
        del cache[next(iter(cache))]
