# ruff: noqa: S608 - the statements are put together here, of nothing but what stands here
"""Whoever can write to the database gains nothing: what was moved, changed or put back does not open."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection

from moorings.domain.credential import CredentialRef
from moorings.domain.environment import Environment
from moorings.domain.owner import Owner
from moorings.domain.secret import Sealed, Secret
from moorings.errors import VaultFailed
from moorings.store import credentials, keys, owners
from moorings.store.database import Database
from moorings.vault.envelope import Key
from moorings.vault.vault import Vault
from tests.store.samples import ADA, BOB, NOW, credential, entry
from tests.vault.made import vault_with

pytestmark = pytest.mark.anyio

OWN = f"owner = '{ADA}' AND integration_id = 'firecrawl' AND environment = 'production'"
REVISION = f"owner = '{ADA}' AND record = 'firecrawl' AND environment = 'production'"
STAGING = f"owner = '{ADA}' AND environment = 'staging'"

# What is set in the row of Ada's firecrawl credential in production; `old` is a copy of how the row was before.
CHANGES = {
    "bytes of another environment": f"sealed = (SELECT sealed FROM credentials WHERE {STAGING})",
    "all of another environment": f"(sealed, revision) = (SELECT sealed, revision FROM credentials WHERE {STAGING})",
    "bytes of another integration": "sealed = (SELECT sealed FROM credentials WHERE integration_id = 'tavily')",
    "bytes of another owner": f"sealed = (SELECT sealed FROM credentials WHERE owner = '{BOB}')",
    "another set of fields": """previews = '{"token":null}'""",
    "one field less": """previews = '{"apiKey":null}'""",
    "old bytes": "sealed = (SELECT sealed FROM old)",
    "the whole old row": "(sealed, revision) = (SELECT sealed, revision FROM old)",
}
# What is set in its revision.
REVISION_CHANGES = {
    "an old revision's name": "revision = (SELECT revision FROM old)",
    "a stamp of another place": f"stamp = (SELECT other.stamp FROM revisions AS other WHERE {STAGING})",
    "another environment": "environment = 'development'",
    "another owner": f"owner = '{BOB}', environment = 'development'",
}
REMEMBER = f"CREATE TABLE old AS SELECT * FROM credentials WHERE {OWN}"


@dataclass(frozen=True, slots=True)
class World:
    """A vault and a database with what it sealed."""

    vault: Vault
    database: Database
    owner_keys: dict[str, Key]

    async def save(self, ref: CredentialRef, revision: str, value: str = "fc-0123456789abcdef") -> None:
        """Seal two fields and keep them."""
        key = self.owner_keys[ref.owner]
        fields = {"apiKey": Secret(value), "region": Secret("eu")}
        kept = replace(
            credential(ref.owner, ref.integration_id, ref.environment, revision),
            sealed=self.vault.seal(key, ref, ref.integration_id, fields, revision),
            revision=self.vault.stamp(key, ref, revision),
        )
        await self.database.write(credentials.put, kept, entry(ref.owner))

    async def open(self, ref: CredentialRef) -> dict[str, str]:
        """Read and open."""
        stored = await self.database.read(credentials.secret, ref)
        assert stored is not None
        opened = self.vault.open(self.owner_keys[ref.owner], stored, ref.integration_id)
        return {name: value.reveal() for name, value in opened.items()}

    async def attack(self, statement: str) -> None:
        """Write past us."""

        def work(connection: Connection) -> Any:
            connection.exec_driver_sql(statement)

        await self.database.write(work)

    async def save_again_and_attack(self, statement: str) -> None:
        """Keep a copy of the row for the intruder, save anew, and let the intruder write."""
        await self.attack("DROP TABLE IF EXISTS old")
        await self.attack(REMEMBER)
        await self.save(place(), "rev_2", "fc-new")
        await self.attack(statement)
        await self.attack("DROP TABLE old")


def place(
    environment: Environment = "production", integration_id: str = "firecrawl", owner: str = ADA
) -> CredentialRef:
    """A place, Ada's firecrawl in production unless said otherwise."""
    return CredentialRef(owner, integration_id, environment)


@pytest.fixture
async def world(anyio_backend: str, bare: Database) -> World:
    """Ada's and Bob's credentials in several places, the first of them saved twice."""
    vault, owner_keys = vault_with(k1=1), {}
    await bare.write(keys.add_root, vault.check_value("k1"), NOW)
    for owner in (ADA, BOB):
        await bare.write(owners.add, Owner(owner, owner, NOW), entry(owner))
        owner_keys[owner], wrapped = vault.new_owner_key(owner, 1, NOW)
        await bare.write(keys.add, wrapped)
    world = World(vault, bare, owner_keys)
    await world.save(place(), "rev_1", "fc-old")
    for number, ref in enumerate((place("staging"), place(None), place(None, "tavily"), place(owner=BOB))):
        await world.save(ref, f"rev_1{number}")
    return world


async def test_what_was_left_alone_opens(world: World) -> None:
    await world.save(place(), "rev_2", "fc-new")
    assert await world.open(place()) == {"apiKey": "fc-new", "region": "eu"}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_row_that_an_intruder_changed_does_not_open(world: World, change: str) -> None:
    await world.save_again_and_attack(f"UPDATE credentials SET {CHANGES[change]} WHERE {OWN}")
    with pytest.raises(VaultFailed):
        await world.open(place())


@pytest.mark.parametrize("change", REVISION_CHANGES)
async def test_a_row_whose_revision_an_intruder_changed_does_not_open(world: World, change: str) -> None:
    await world.save_again_and_attack(f"UPDATE revisions SET {REVISION_CHANGES[change]} WHERE {REVISION}")
    with pytest.raises(VaultFailed):
        await world.open(place())


async def test_a_row_whose_revision_an_intruder_removed_does_not_open(world: World) -> None:
    await world.save_again_and_attack(f"DELETE FROM revisions WHERE {REVISION}")
    with pytest.raises(VaultFailed):
        await world.open(place())


async def test_a_row_moved_to_another_owner_does_not_open_with_either_key(world: World) -> None:
    await world.attack(f"DELETE FROM credentials WHERE owner = '{BOB}'")
    await world.attack(f"UPDATE credentials SET owner = '{BOB}' WHERE {OWN}")
    stored = await world.database.read(credentials.secret, place(owner=BOB))
    assert stored is not None
    assert await world.database.read(keys.by_id, BOB, stored.sealed.owner_key_id) is None
    for key in world.owner_keys.values():
        with pytest.raises(VaultFailed):
            world.vault.open(key, stored, "firecrawl")


async def test_a_deleted_row_put_back_does_not_open(world: World) -> None:
    stored = await world.database.read(credentials.secret, place())
    assert stored is not None
    tombstone = world.vault.stamp(world.owner_keys[ADA], place(), "rev_9")
    await world.database.write(credentials.remove, place(), tombstone, entry())
    again = credential(sealed=Sealed(stored.sealed.data, stored.sealed.owner_key_id))
    await world.database.write(credentials.put, again, entry())  # the old row, word for word
    await world.database.write(credentials.put_revision, place(), tombstone)  # and the tombstone as it was left
    with pytest.raises(VaultFailed, match="not its latest writing"):
        await world.open(place())


async def test_one_row_that_does_not_open_leaves_the_others_readable(world: World) -> None:
    await world.attack(f"UPDATE credentials SET {CHANGES['another set of fields']} WHERE {OWN}")
    with pytest.raises(VaultFailed):
        await world.open(place())
    assert (await world.open(place("staging")))["region"] == "eu"
    assert (await world.open(place(owner=BOB)))["region"] == "eu"
