"""Owner keys at hand: unwrapped once, kept in memory only."""

from typing import Any

from moorings.domain.ids import Clock
from moorings.errors import VaultFailed
from moorings.store import keys as rows
from moorings.store.database import Database
from moorings.vault.envelope import Key
from moorings.vault.vault import Vault

KEPT = 4_096
"""How many owners' keys stay in memory."""


class OwnerKeys:
    """The key that seals for an owner, and the older ones that open."""

    def __init__(self, vault: Vault, database: Database, now: Clock) -> None:
        self._vault, self._database, self._now = vault, database, now
        self._current: dict[str, Key] = {}
        self._by_id: dict[tuple[str, str], Key] = {}

    async def current(self, owner: str) -> Key:
        """The key that seals; made when the owner has none yet."""
        if owner not in self._current:
            _make_room(self._current)
            self._current[owner] = await self._load_or_make(owner)
        return self._current[owner]

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
        return self._vault.unwrap(wrapped) if wrapped else await self._make(owner)

    async def _make(self, owner: str) -> Key:
        self._vault.keyring.reload()  # a rotation beside us may have made a newer root key, and it is the current one
        key, wrapped = self._vault.new_owner_key(owner, 1, self._now())
        root = self._vault.check_value(wrapped.root_key_id)
        if await self._database.write(rows.add_first, wrapped, root, self._now()):
            return key
        return await self._load_or_make(owner)


def _make_room(cache: dict[Any, Key]) -> None:
    if len(cache) >= KEPT:
        del cache[next(iter(cache))]
