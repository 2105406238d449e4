"""Whose a new bot is, is decided once; on both databases, whoever asks at the same time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.bot import InstalledBot
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.job import JobKind, Wish
from moorings.domain.managed_bot import OPEN_FOR, ManagedRequest, NewBot, RequestStatus
from moorings.errors import AlreadyInstalled, RequestClosed
from moorings.store import installations, managed_bots, tables
from moorings.store.database import Database
from tests.store.conftest import Opened
from tests.store.samples import ADA, BOB, NOW, audit_of, credential, entry, installation, rows_of, settle

pytestmark = pytest.mark.anyio

STATUS = RequestStatus
BOT, OTHER = NewBot(7, "Acme_Secret_Bot", "Acme"), NewBot(8, "nicer_bot", "Nicer")


def request(request_id: str = "tmb_1", owner: str = ADA, name: str = "acme_secret_bot") -> ManagedRequest:
    return ManagedRequest(
        request_id, owner, "key_1", STATUS.PENDING, name, "Acme", "staging", "https://example.com/in", "intg_1", NOW,
        NOW + OPEN_FOR, NOW,
    )  # fmt: skip


def noted(changed: ManagedRequest) -> AuditEntry:
    return entry(changed.owner, Kind.BOT_REQUEST_CHANGED, subject=changed.id)


async def ask(database: Database, *requests: ManagedRequest) -> None:
    for one in requests:
        await database.write(managed_bots.add, one, entry(one.owner, Kind.BOT_REQUESTED))


async def arrive(database: Database, bot: NewBot) -> ManagedRequest | None:
    return await database.write(managed_bots.arrive, bot, NOW, noted)


async def test_a_request_is_read_back_as_written_by_its_owner_alone(database: Database) -> None:
    await ask(database, request())
    assert await database.read(managed_bots.find, ADA, "tmb_1") == request()
    assert await database.read(managed_bots.find, BOB, "tmb_1") is None
    assert await database.read(managed_bots.by_id, "tmb_1") == request()


async def test_a_bot_that_arrives_is_in_its_request_and_has_its_job_and_entry(database: Database) -> None:
    await ask(database, request(), request("tmb_2", BOB, "another_bot"))
    found = await arrive(database, BOT)
    assert found == request().arrived(BOT, NOW)
    assert await database.read(managed_bots.find, ADA, "tmb_1") == found
    assert await database.read(managed_bots.find, BOB, "tmb_2") == request("tmb_2", BOB, "another_bot")
    [job] = await database.read(rows_of, tables.jobs)
    assert (job["kind"], job["id"]) == (JobKind.BIND, "tmb_1")
    assert (await audit_of(database))[-1]["kind"] == Kind.BOT_REQUEST_CHANGED


async def test_a_candidate_has_no_job(database: Database) -> None:
    await ask(database, request())
    found = await arrive(database, OTHER)
    assert found is not None
    assert found.status is STATUS.RENAME_PENDING
    assert await database.read(rows_of, tables.jobs) == []


async def test_a_bot_is_the_answer_the_first_time_alone(database: Database) -> None:
    assert await arrive(database, OTHER) is None
    await ask(database, request())
    assert await arrive(database, OTHER) is None
    assert (await arrive(database, BOT)) == (await arrive(database, BOT))


async def test_of_bots_that_arrive_at_once_one_is_the_candidate(opened: Opened) -> None:
    one, other = opened(), opened()
    await settle(one)
    await ask(one, request())
    bots = [NewBot(number, f"nicer_{number}_bot", "Nicer") for number in range(20, 28)]
    places = zip(bots, (one, other) * 4, strict=True)
    found = await asyncio.gather(*(arrive(database, bot) for bot, database in places))
    assert sum(answered is not None for answered in found) == 1
    kept = await one.read(managed_bots.find, ADA, "tmb_1")
    assert kept is not None
    assert kept.status is STATUS.RENAME_PENDING


async def test_a_change_is_made_by_one_of_two(opened: Opened) -> None:
    one, other = opened(), opened()
    await settle(one)
    await ask(one, request())
    steps = [request().cancelled(NOW), request().arrived(OTHER, NOW)] * 3
    made = await asyncio.gather(*(
        database.write(managed_bots.change, request(), after, noted(after))
        for after, database in zip(steps, (one, other) * 3, strict=True)
    ))  # fmt: skip
    assert sum(made) == 1
    changes = [row for row in await audit_of(one) if row["kind"] == Kind.BOT_REQUEST_CHANGED]
    assert len(changes) == 1


async def bind(database: Database, before: ManagedRequest, made: Installation) -> None:
    completed = before.completed(made.id, NOW)
    await database.write(
        managed_bots.bind, made, InstalledBot(made.id, ADA, "telegram", "7", managed=True),
        credential(integration_id=made.id, environment=made.environment), entry(), reserved=False,
        wishes=[Wish(JobKind.REPAIR, made.id, NOW)], before=before, completed=completed, noted=noted(completed),
    )  # fmt: skip


async def test_an_installation_and_the_end_of_its_request_are_one_thing(database: Database) -> None:
    await ask(database, request())
    binding = await arrive(database, BOT)
    assert binding is not None
    made = installation("intg_9", type="telegram", status=InstallationStatus.PENDING, expires_at=None)
    await bind(database, binding, made)
    found = await database.read(managed_bots.find, ADA, "tmb_1")
    assert found is not None
    assert (found.status, found.installation_id) == (STATUS.COMPLETED, "intg_9")
    with pytest.raises(AlreadyInstalled):
        await bind(database, binding, replace(made, id="intg_10"))
    await database.write(installations.remove, ADA, "intg_9")
    with pytest.raises(RequestClosed):
        await bind(database, binding, replace(made, id="intg_10"))
    assert await database.read(installations.find, ADA, "intg_10") is None


async def test_what_ended_long_ago_is_forgotten_and_its_bot_is_not(database: Database) -> None:
    await ask(database, request())
    await arrive(database, OTHER)
    assert await database.write(managed_bots.forget, NOW + OPEN_FOR) == 0
    assert await database.write(managed_bots.forget, NOW + OPEN_FOR + timedelta(seconds=1)) == 1
    await ask(database, request("tmb_2"))
    assert await arrive(database, OTHER) is None
