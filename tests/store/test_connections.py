"""An installation and its credentials change together or not at all."""

from dataclasses import replace

import pytest

from moorings.domain.audit import Kind
from moorings.domain.credential import CredentialRef, Revision
from moorings.domain.environment import Environment
from moorings.domain.installation import InstallationStatus
from moorings.domain.secret import Sealed
from moorings.errors import AlreadyInstalled, Clash, IntegrationNotFound
from moorings.store import connections, credentials, installations, tables
from moorings.store.database import Database
from tests.store.samples import ADA, BOB, LATER, NOW, audit_of, credential, entry, installation, rows_of, same_sealed

pytestmark = pytest.mark.anyio
PLACES: tuple[Environment, ...] = (None, "production", "staging")
TOMBSTONES = {place: Revision("rev_9", f"tombstone of {place}".encode()) for place in PLACES}
INSTALLED = CredentialRef(ADA, "intg_1", None)


async def installed(database: Database) -> None:
    """A connected installation with three entries, beside the default connection's one."""
    await database.write(installations.add, installation(), entry())
    for environment in PLACES:
        saved = credential(integration_id="intg_1", environment=environment, saved_at=LATER)
        await database.write(connections.save, saved, entry(), installed=True)
    await database.write(connections.save, credential(), entry())


async def test_saving_connects_the_installation_that_waited(database: Database) -> None:
    await installed(database)
    found = await database.read(installations.find, ADA, "intg_1")
    assert found == installation(
        status=InstallationStatus.CONNECTED,
        account=credential().account,
        verified_at=NOW,
        updated_at=LATER,
        expires_at=None,
    )


async def test_saving_the_default_connection_leaves_installations_alone(database: Database) -> None:
    await database.write(installations.add, installation(), entry())
    await database.write(connections.save, credential(), entry())
    assert await database.read(installations.find, ADA, "intg_1") == installation()


async def test_a_save_that_fails_connects_nothing(database: Database) -> None:
    await database.write(installations.add, installation(), entry())
    broken = replace(credential(integration_id="intg_1"), sealed=Sealed(b"x", "okey_gone"))
    with pytest.raises(Clash):
        await database.write(connections.save, broken, entry(), installed=True)
    assert await database.read(installations.find, ADA, "intg_1") == installation()


@pytest.mark.parametrize("owner", [ADA, BOB])
async def test_a_save_for_an_installation_that_was_removed_meanwhile_stores_nothing(
    database: Database, owner: str
) -> None:
    await database.write(installations.add, installation("intg_2", BOB), entry(BOB))
    before = await audit_of(database, owner)
    late = credential(owner, "intg_1" if owner == BOB else "intg_2")
    with pytest.raises(IntegrationNotFound):
        await database.write(connections.save, late, entry(owner), installed=True)
    assert await database.read(credentials.secret, late.ref) is None
    assert await database.read(rows_of, tables.revisions) == []
    assert await audit_of(database, owner) == before
    assert await database.read(installations.find, BOB, "intg_2") == installation("intg_2", BOB)


async def test_forgetting_takes_one_entry(database: Database) -> None:
    await installed(database)
    one = replace(INSTALLED, environment="staging")
    assert await database.write(connections.forget, one, TOMBSTONES["staging"], entry())
    assert not await database.write(connections.forget, one, TOMBSTONES["staging"], entry())
    assert set(await database.read(credentials.held, ADA, "intg_1")) == {None, "production"}


async def test_uninstalling_takes_the_installation_and_all_its_entries(database: Database) -> None:
    await installed(database)
    ended = entry(kind=Kind.INSTALLATION_REMOVED, subject="intg_1")
    assert await database.write(connections.uninstall, INSTALLED, TOMBSTONES, ended)
    assert await database.read(installations.find, ADA, "intg_1") is None
    assert await database.read(credentials.held, ADA, "intg_1") == []
    assert await database.read(credentials.held, ADA, "firecrawl") == ["production"]
    assert (await audit_of(database))[-1]["kind"] == "installation.removed"


async def test_every_uninstalled_entry_leaves_a_tombstone(database: Database) -> None:
    await installed(database)
    await database.write(connections.uninstall, INSTALLED, TOMBSTONES, entry())
    revisions = {
        (row["record"], row["environment"]): row["revision"] for row in await database.read(rows_of, tables.revisions)
    }
    assert revisions == {
        ("intg_1", "*"): "rev_9",
        ("intg_1", "production"): "rev_9",
        ("intg_1", "staging"): "rev_9",
        ("firecrawl", "production"): "rev_1",
    }


async def test_an_entry_of_an_environment_that_left_the_setting_leaves_a_tombstone_too(database: Database) -> None:
    await installed(database)
    await database.write(connections.uninstall, INSTALLED, {None: TOMBSTONES[None]}, entry())
    rows = await database.read(rows_of, tables.revisions)
    assert {row["revision"] for row in rows if row["record"] == "intg_1"} == {"rev_9"}


@pytest.mark.parametrize("ref", [CredentialRef(BOB, "intg_1", None), CredentialRef(ADA, "intg_7", None)])
async def test_what_is_unknown_or_anothers_is_not_uninstalled(database: Database, ref: CredentialRef) -> None:
    await installed(database)
    before = await audit_of(database, ref.owner)
    assert not await database.write(connections.uninstall, ref, TOMBSTONES, entry(ref.owner))
    assert len(await database.read(credentials.held, ADA, "intg_1")) == 3
    assert await audit_of(database, ref.owner) == before


async def test_what_an_app_is_authorised_with_is_not_put_over_the_token_that_came_meanwhile(database: Database) -> None:
    waiting = installation()
    await database.write(connections.prepare, waiting, credential(integration_id="intg_1", environment=None), entry())
    token = credential(integration_id="intg_1", environment=None, saved_at=LATER)
    await database.write(connections.save, token, entry(), installed=True)
    before = await database.read(credentials.secret, INSTALLED)
    with pytest.raises(AlreadyInstalled):
        await database.write(connections.prepare, waiting, replace(token, sealed=Sealed(b"x", "okey_gone")), entry())
    after = await database.read(credentials.secret, INSTALLED)
    assert before is not None
    assert after is not None
    assert same_sealed(before.sealed, after.sealed)
