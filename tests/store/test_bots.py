"""An owner holds a bot once; it stands and falls with its installation."""

import asyncio
from dataclasses import replace

import pytest

from moorings.domain.audit import Kind
from moorings.domain.bot import Delivery, InstalledBot
from moorings.domain.credential import Account, CredentialRef, Revision
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.job import JobKind, Wish
from moorings.errors import AlreadyInstalled
from moorings.store import bots, connections, credentials, installations, jobs, tables
from moorings.store.database import Database
from tests.store.conftest import Opened
from tests.store.samples import ADA, BOB, LATER, NOW, audit_of, credential, entry, installation, rows_of, settle

pytestmark = pytest.mark.anyio

BOT = InstalledBot("intg_1", ADA, "slack", "T1/B1 *", Delivery.POLLING, managed=True)
CONNECTED = installation(status=InstallationStatus.CONNECTED, expires_at=None, verified_at=NOW)
SAVED = credential(integration_id="intg_1", environment="staging")


async def install(
    database: Database, bot: InstalledBot = BOT, made: Installation = CONNECTED, *, reserved: bool = False
) -> None:
    saved = credential(bot.owner, bot.installation_id, made.environment)
    written = entry(bot.owner, Kind.INSTALLATION_CONNECTED, at=LATER)
    await database.write(connections.install, made, bot, saved, written, reserved=reserved)


async def test_an_installation_comes_with_its_bot_and_its_credential(database: Database) -> None:
    await install(database)
    assert await database.read(bots.of, ADA, "intg_1") == BOT
    assert await database.read(bots.holder, ADA, "slack", "T1/B1 *") == BOT
    assert await database.read(bots.managed, "slack", "T1/B1 *") == [BOT]
    assert await database.read(installations.find, ADA, "intg_1") == CONNECTED
    assert await database.read(credentials.secret, SAVED.ref) is not None
    assert (await audit_of(database))[-1]["kind"] == "installation.connected"


async def test_of_an_install_that_comes_too_late_nothing_stays(database: Database) -> None:
    await install(database)
    before = await audit_of(database)
    late = replace(BOT, installation_id="intg_2")
    with pytest.raises(AlreadyInstalled, match="intg_1"):
        await install(database, late, replace(CONNECTED, id="intg_2"))
    assert await database.read(installations.find, ADA, "intg_2") is None
    assert await audit_of(database) == before
    await install(database, replace(late, owner=BOB), replace(CONNECTED, id="intg_2", owner=BOB))
    await install(database, replace(late, installation_id="intg_3", claim="T1/B2 *"), replace(CONNECTED, id="intg_3"))


async def test_a_reservation_is_completed_once_and_in_time(database: Database) -> None:
    await database.write(installations.add, installation(), entry())
    await install(database, reserved=True)
    assert await database.read(installations.find, ADA, "intg_1") == replace(CONNECTED, created_at=NOW)
    with pytest.raises(AlreadyInstalled):
        await install(database, replace(BOT, claim="another"), reserved=True)
    await database.write(installations.add, installation("intg_2", expires_at=LATER), entry())
    with pytest.raises(AlreadyInstalled):
        await install(
            database, replace(BOT, installation_id="intg_2", claim="x"), replace(CONNECTED, id="intg_2"), reserved=True
        )


async def test_processes_that_install_the_same_bot_at_once_make_one(opened: Opened) -> None:
    one, other = opened(), opened()
    await settle(one)
    made = [(f"intg_{number}", (one, other)[number % 2]) for number in range(6)]
    tries = (
        install(database, replace(BOT, installation_id=name), replace(CONNECTED, id=name)) for name, database in made
    )
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(end is None for end in ended) == 1
    assert all(end is None or isinstance(end, AlreadyInstalled) for end in ended)
    assert len(await one.read(installations.of_owner, ADA)) == 1


async def test_a_bot_goes_with_its_installation(database: Database) -> None:
    await install(database)
    ref, tombstone = CredentialRef(ADA, "intg_1", None), Revision("rev_9", b"tombstone")
    assert await database.write(connections.uninstall, ref, {None: tombstone}, entry())
    assert await database.read(bots.of, ADA, "intg_1") is None
    await install(database)


async def test_a_credential_is_replaced_only_where_nobody_else_has_done_so(database: Database) -> None:
    await install(database)
    fresh = replace(credential(integration_id="intg_1", environment="staging", revision="rev_2"), saved_at=LATER)
    assert not await database.write(connections.replace, fresh, entry(), before="rev_0")
    assert await database.write(connections.replace, fresh, entry(), before="rev_1")
    assert not await database.write(connections.replace, fresh, entry(), before="rev_1")
    stored = await database.read(credentials.secret, fresh.ref)
    assert stored is not None
    assert stored.revision_id == "rev_2"


async def test_a_credential_that_is_gone_is_not_replaced(database: Database) -> None:
    assert not await database.write(connections.replace, SAVED, entry(), before="rev_1")
    assert await database.read(credentials.secret, SAVED.ref) is None


WAITING = replace(CONNECTED, status=InstallationStatus.PENDING, verified_at=None)
WISH = Wish(JobKind.REPAIR, "intg_1", LATER)


async def test_an_installation_that_is_heard_is_connected_and_its_repair_is_not_needed(database: Database) -> None:
    await install(database, made=WAITING)
    await database.write(jobs.wish_all, [WISH])
    account, heard = Account("7", "@bot"), entry(kind=Kind.INSTALLATION_CONNECTED, at=LATER)
    poll = Wish(JobKind.POLL, "intg_1", LATER)
    assert await database.write(connections.heard, WAITING, account, heard, wishes=[poll])
    found = await database.read(installations.find, ADA, "intg_1")
    assert found is not None
    assert (found.status, found.account, found.verified_at) == (InstallationStatus.CONNECTED, account, LATER)
    assert [row["kind"] for row in await database.read(rows_of, tables.jobs) if row["kind"] != "check"] == ["poll"]
    gone = replace(WAITING, id="intg_9")
    assert not await database.write(connections.heard, gone, account, heard, wishes=[replace(poll, id="intg_9")])


@pytest.mark.parametrize("reserved", [None, installation()])
async def test_what_came_to_nothing_is_taken_back(database: Database, reserved: Installation | None) -> None:
    if reserved:
        await database.write(installations.add, reserved, entry())
    await install(database, made=WAITING, reserved=reserved is not None)
    await database.write(jobs.wish_all, [WISH])
    tombstone = Revision("rev_9", b"tombstone")
    await database.write(connections.withdraw, SAVED.ref, reserved, tombstone, entry())
    assert await database.read(installations.find, ADA, "intg_1") == reserved
    assert await database.read(bots.of, ADA, "intg_1") is None
    assert await database.read(credentials.secret, SAVED.ref) is None
    assert [row["kind"] for row in await database.read(rows_of, tables.jobs) if row["kind"] != "check"] == []


async def test_a_failing_installation_says_why_until_it_is_connected_again(database: Database) -> None:
    await install(database)
    await database.write(connections.fail, CONNECTED, "It is dead.", entry(at=LATER))
    found = await database.read(installations.find, ADA, "intg_1")
    assert found is not None
    assert (found.status, found.problem) == (InstallationStatus.FAILING, "It is dead.")
    before = await audit_of(database)
    await database.write(connections.fail, replace(CONNECTED, id="intg_9"), "It is dead.", entry(at=LATER))
    assert await audit_of(database) == before
    await database.write(connections.replace, replace(SAVED, saved_at=LATER), entry(), before="rev_1")
    found = await database.read(installations.find, ADA, "intg_1")
    assert found is not None
    assert (found.status, found.problem) == (InstallationStatus.CONNECTED, None)


async def authorise(database: Database, bot: InstalledBot = BOT, before: str = "rev_1") -> bool:
    granted = credential(integration_id=bot.installation_id, environment="staging", revision="rev_2")
    made = replace(installation(), id=bot.installation_id)
    refresh = [Wish(JobKind.REFRESH, bot.installation_id, LATER)]
    return await database.write(
        connections.authorise, made, bot, granted, entry(at=LATER), before=before, wishes=refresh
    )


async def test_an_authorisation_connects_what_was_prepared_for_it(database: Database) -> None:
    await database.write(connections.prepare, installation(), SAVED, entry())
    await database.write(connections.prepare, installation(), SAVED, entry())
    assert not await authorise(database, before="rev_0")
    assert await database.read(installations.find, ADA, "intg_1") == installation()
    assert await authorise(database)
    found = await database.read(installations.find, ADA, "intg_1")
    assert found is not None
    assert (found.status, found.expires_at) == (InstallationStatus.CONNECTED, None)
    assert await database.read(bots.of, ADA, "intg_1") == BOT
    assert await authorise(database, before="rev_2")


async def test_an_authorisation_of_a_bot_that_is_held_elsewhere_changes_nothing(database: Database) -> None:
    await install(database)
    second = replace(installation(), id="intg_2")
    await database.write(
        connections.prepare, second, credential(integration_id="intg_2", environment="staging"), entry()
    )
    with pytest.raises(AlreadyInstalled, match="intg_1"):
        await authorise(database, replace(BOT, installation_id="intg_2"))
    assert await database.read(installations.find, ADA, "intg_2") == second


async def test_a_reservation_whose_time_is_over_goes_with_its_secrets(database: Database) -> None:
    await install(database)
    second = replace(installation(), id="intg_2")
    await database.write(
        connections.prepare, second, credential(integration_id="intg_2", environment="staging"), entry()
    )
    assert second.expires_at is not None
    assert await database.write(connections.forget_expired, second.expires_at) == 1
    left = await database.read(rows_of, tables.credentials)
    assert [row["integration_id"] for row in left] == ["intg_1"]
