"""What an owner holds: the same object until something changes, and then never the old one."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from moorings.domain.credential import CredentialState, Status
from moorings.services.states import KEPT, OwnerState, States
from moorings.store.holdings import Holdings
from tests.services.fakes import Answering, Distant
from tests.services.house import START, House, Process, ids

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(process: Process) -> str:
    return (await process.admin()).owner


async def test_the_same_object_is_handed_out_until_something_changes(process: Process, owner: str) -> None:
    await process.save(owner, "firecrawl")
    states = process.states()
    assert await states.of(owner) is await states.of(owner)


async def test_a_save_is_seen_at_once(house: House) -> None:
    process = house.process()
    owner, states = (await process.admin()).owner, process.states()
    before = await states.of(owner)
    await process.save(owner, "firecrawl", "production")
    after = await states.of(owner)
    assert before.credentials == ()
    assert [(entry.integration_id, entry.environment) for entry in after.credentials] == [("firecrawl", "production")]


async def test_what_another_process_wrote_is_seen_at_once(house: House) -> None:
    ours, other = house.process(), house.process()
    owner, states = (await ours.admin()).owner, ours.states()
    await states.of(owner)
    await other.save(owner, "firecrawl")
    assert len((await states.of(owner)).credentials) == 1
    await other.sql("DELETE FROM credentials")
    assert (await states.of(owner)).credentials == ()


async def test_what_a_strange_program_wrote_into_the_file_is_seen_at_once(
    sqlite_house: House, process: Process, owner: str
) -> None:
    await process.save(owner, "firecrawl")
    states = process.states()
    await states.of(owner)
    with closing(sqlite3.connect(sqlite_house.folder / "moorings.db")) as other, other:
        other.execute("UPDATE credentials SET status = 'invalid'")
    await asyncio.sleep(0)  # the next call comes in a later turn of the event loop
    assert [entry.status for entry in (await states.of(owner)).credentials] == [Status.INVALID]


async def test_a_change_of_another_owner_leaves_the_object_as_it_is(house: House) -> None:
    process = house.process()
    owner, states = (await process.admin()).owner, process.states()
    await process.save(owner, "firecrawl")
    before = await states.of(owner)
    await process.save((await process.admin()).owner, "firecrawl")
    assert await states.of(owner) is before


async def test_rendered_answers_end_with_what_they_were_made_of(process: Process, owner: str) -> None:
    states = process.states()
    (await states.of(owner)).rendered["a page"] = b"old"
    await process.save(owner, "firecrawl")
    assert (await states.of(owner)).rendered == {}


async def test_nothing_of_one_owner_stands_in_the_state_of_another(process: Process, owner: str) -> None:
    stranger = (await process.admin()).owner
    await process.save(stranger, "firecrawl")
    await process.reserve(stranger, None)
    found = await process.states().of(owner)
    assert (found.credentials, found.installations) == ((), ())


async def test_a_state_holds_no_ciphertext_and_no_key(process: Process, owner: str) -> None:
    await process.save(owner, "firecrawl")
    assert all(isinstance(entry, CredentialState) for entry in (await process.states().of(owner)).credentials)
    assert {"sealed", "secret", "revision"}.isdisjoint(CredentialState.__slots__)


async def test_a_reservation_ends_at_its_time_though_nothing_was_written(process: Process, owner: str) -> None:
    pending = await process.reserve(owner, START + timedelta(hours=24))
    states = process.states()
    assert ids((await states.of(owner)).installations) == [pending.id]
    process.clock.advance(hours=23, minutes=59, seconds=59)
    assert ids((await states.of(owner)).installations) == [pending.id]
    process.clock.advance(seconds=1)
    assert (await states.of(owner)).installations == ()


async def test_a_credential_that_ends_is_expired_from_that_moment(process: Process, owner: str) -> None:
    await process.save(owner, "firecrawl")
    await process.sql("UPDATE credentials SET expires_at = :end", end=_ms(hours=1))
    states = process.states()
    assert [entry.status for entry in (await states.of(owner)).credentials] == [Status.VALID]
    process.clock.advance(hours=1)
    assert [entry.status for entry in (await states.of(owner)).credentials] == [Status.EXPIRED]


async def test_each_of_several_ends_moves_the_state(process: Process, owner: str) -> None:
    for name in ("exa", "firecrawl", "tavily"):
        await process.save(owner, name)
    for hours, name in enumerate(("firecrawl", "tavily", "exa"), 1):
        await process.sql(
            "UPDATE credentials SET expires_at = :end WHERE integration_id = :name", end=_ms(hours=hours), name=name
        )
    states, expired = process.states(), []
    for _ in range(4):
        found = (await states.of(owner)).credentials
        expired.append([entry.integration_id for entry in found if entry.status is Status.EXPIRED])
        process.clock.advance(hours=1)
    assert expired == [[], ["firecrawl"], ["firecrawl", "tavily"], ["exa", "firecrawl", "tavily"]]


async def test_without_its_root_key_an_entry_is_unreadable_and_hides_no_other(sqlite_house: House) -> None:
    process = sqlite_house.process()
    lost, kept = (await process.admin()).owner, (await process.admin()).owner
    await process.save(lost, "firecrawl")
    sqlite_house.key_file.add()
    process.keyring.reload()
    await process.save(kept, "firecrawl")
    sealed_under_k1 = _take_away(sqlite_house, "k1")
    states = sqlite_house.process().states()
    assert [entry.status for entry in (await states.of(lost)).credentials] == [Status.UNREADABLE]
    assert [entry.status for entry in (await states.of(kept)).credentials] == [Status.VALID]
    sqlite_house.key_file.path.write_text(sealed_under_k1)
    again = sqlite_house.process().states()
    assert [entry.status for entry in (await again.of(lost)).credentials] == [Status.VALID]


async def test_a_root_key_that_another_process_has_just_made_makes_nothing_unreadable(house: House) -> None:
    ours, other = house.process(), house.process()
    owner = (await ours.admin()).owner
    house.key_file.add()
    other.keyring.reload()
    await other.save(owner, "firecrawl")
    assert [entry.status for entry in (await ours.states().of(owner)).credentials] == [Status.VALID]


async def test_where_a_change_cannot_be_seen_at_once_every_call_reads(process: Process, owner: str) -> None:
    distant = Distant(process.database)
    states = process.states(distant)
    first = await states.of(owner)
    asked = len(distant.reads)
    assert await states.of(owner) is first
    assert len(distant.reads) > asked


async def test_where_a_change_is_seen_at_once_an_unchanged_state_is_not_read_again(process: Process) -> None:
    database = Answering(lambda *_: Holdings((), (), ()))
    states = States(database, process.keyring, process.clock)
    await states.of("somebody")
    asked = database.reads
    await states.of("somebody")
    assert database.reads == asked


async def test_only_so_many_states_stay_in_memory(process: Process) -> None:
    states = States(Answering(lambda *_: Holdings((), (), ())), process.keyring, process.clock)
    for number in range(KEPT + 10):
        await states.of(f"owner {number}")
    assert len(states._cache) <= KEPT


def test_the_entries_of_an_integration_are_found_by_its_id() -> None:
    entries = tuple(
        CredentialState(name, place, {}, Status.VALID, None, None, None, None, START)
        for name, place in (("exa", None), ("exa", "production"), ("tavily", None))
    )
    state = OwnerState(entries, (), None)
    assert state.of("exa") == list(entries[:2])
    assert state.of("firecrawl") == []


def _take_away(house: House, key_id: str) -> str:
    """The key file as it was before the key was struck from it."""
    path = house.key_file.path
    before = path.read_text()
    path.write_text("".join(line for line in before.splitlines(keepends=True) if not line.startswith(f"{key_id} ")))
    return before


def _ms(**after: float) -> int:
    return int((START + timedelta(**after)).timestamp() * 1000)
