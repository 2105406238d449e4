"""Installations are reserved, connected, found and ended."""

from datetime import timedelta
from typing import Any

import pytest

from moorings.domain.credential import Account
from moorings.domain.installation import Installation, InstallationStatus
from moorings.errors import Clash
from moorings.store import installations
from moorings.store.database import Database
from tests.store.samples import ADA, BOB, LATER, NOW, audit_of, entry, installation

pytestmark = pytest.mark.anyio


async def reserve(database: Database, *given: Installation) -> None:
    """Write these installations."""
    for each in given:
        await database.write(installations.add, each, entry(each.owner, subject=each.id))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"environment": None, "forward_url": None, "expires_at": None},
        {"status": InstallationStatus.CONNECTED, "account": Account("T1", "Ada’s team"), "verified_at": LATER},
        {"status": InstallationStatus.FAILING, "account": Account(None, "label"), "updated_at": LATER},
    ],
    ids=["reserved", "with nothing", "connected", "failing"],
)
async def test_an_installation_is_read_back_as_written(database: Database, changed: dict[str, Any]) -> None:
    written = installation(**changed)
    await reserve(database, written)
    assert await database.read(installations.find, ADA, "intg_1") == written
    assert await database.read(installations.of_owner, ADA) == (written,)
    assert (await audit_of(database))[-1]["subject"] == "intg_1"


async def test_an_owner_sees_only_installations_of_its_own_the_oldest_first(database: Database) -> None:
    await reserve(database, installation("intg_2"), installation("intg_1"), installation("intg_3", BOB))
    assert [each.id for each in await database.read(installations.of_owner, ADA)] == ["intg_1", "intg_2"]
    assert await database.read(installations.find, ADA, "intg_3") is None
    assert not await database.write(installations.remove, ADA, "intg_3")
    assert not await database.write(installations.connect, ADA, "intg_3", None, NOW, LATER)
    assert await database.read(installations.find, BOB, "intg_3") == installation("intg_3", BOB)


async def test_an_id_is_taken_once(database: Database) -> None:
    await reserve(database, installation())
    with pytest.raises(Clash):
        await reserve(database, installation(owner=BOB))
    assert await database.read(installations.of_owner, BOB) == ()
    assert len(await audit_of(database, BOB)) == 1


@pytest.mark.parametrize("account", [Account("T1", "Ada’s team"), None])
async def test_a_connected_one_waits_no_more(database: Database, account: Account | None) -> None:
    await reserve(database, installation())
    assert await database.write(installations.connect, ADA, "intg_1", account, LATER, LATER)
    assert await database.read(installations.find, ADA, "intg_1") == installation(
        status=InstallationStatus.CONNECTED, account=account, verified_at=LATER, updated_at=LATER, expires_at=None
    )


async def test_a_removed_one_is_gone(database: Database) -> None:
    await reserve(database, installation())
    assert await database.write(installations.remove, ADA, "intg_1")
    assert not await database.write(installations.remove, ADA, "intg_1")
    assert await database.read(installations.find, ADA, "intg_1") is None


async def test_only_reserved_ones_whose_time_is_over_are_forgotten(database: Database) -> None:
    await reserve(
        database,
        installation("intg_1", expires_at=NOW),
        installation("intg_2", expires_at=NOW + timedelta(milliseconds=1)),
        installation("intg_3", expires_at=NOW, status=InstallationStatus.CONNECTED),
        installation("intg_4", expires_at=None),
        installation("intg_5", BOB, expires_at=NOW - timedelta(days=1)),
    )
    assert await database.write(installations.forget_expired, NOW) == 2
    assert [each.id for each in await database.read(installations.of_owner, ADA)] == ["intg_2", "intg_3", "intg_4"]
    assert await database.read(installations.of_owner, BOB) == ()
    assert await database.write(installations.forget_expired, NOW) == 0
