"""Are the root keys at hand that this database was sealed with? Asked at every start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moorings.domain.ids import Clock
from moorings.domain.owner_key import CheckValue
from moorings.domain.root_key import RootKeyView
from moorings.errors import WrongRootKey
from moorings.store import keys as rows
from moorings.store.database import Database
from moorings.vault.keyring import Keyring
from moorings.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class RootKeys:
    """Compares what is loaded with what the database needs."""

    vault: Vault
    database: Database
    now: Clock

    async def prepare(self) -> bool:
        """Make the first root key on a fresh server; True when it was made just now.

        Raises `WrongRootKey` when the database was sealed and no key, or another key, is loaded.
        """
        made = self._first(await self.database.read(rows.roots))
        current = self.vault.keyring.current.id
        await self.database.write(rows.add_root, self.vault.check_value(current), self.now())
        # Asked again after the writing: of two servers that start at once with different keys, one is refused.
        for value in await self.database.read(rows.roots):
            if value.root_key_id in self.vault.keyring.ids:
                self.vault.check(value)
        return made

    async def every(self) -> Sequence[RootKeyView]:
        """All root keys that are loaded or needed, the oldest first."""
        known = [value.root_key_id for value in await self.database.read(rows.roots)]
        records = await self.database.read(rows.records_by_root)
        wrapped = await self.database.read(rows.owner_keys_by_root)
        keyring = self.vault.keyring
        names = sorted({*known, *keyring.ids}, key=lambda name: int(name[1:]))
        return [_view(name, keyring, wrapped, records) for name in names]

    def _first(self, known: Sequence[CheckValue]) -> bool:
        keyring = self.vault.keyring
        if not keyring.ids:
            keyring.reload()  # another process may have made the first key since we looked
        if keyring.ids:
            return False
        if known:
            wanted = ", ".join(sorted(value.root_key_id for value in known))
            raise WrongRootKey(
                f"This database is sealed and no root key is loaded (wanted: {wanted}); restore the key file from its "
                "backup. Nothing in the database can be opened without it."
            )
        keyring.add(first=True)
        return True


def _view(name: str, keyring: Keyring, wrapped: Mapping[str, int], records: Mapping[str, int]) -> RootKeyView:
    current = bool(keyring.ids) and keyring.current.id == name
    return RootKeyView(name, name in keyring.ids, current, wrapped.get(name, 0), records.get(name, 0))
