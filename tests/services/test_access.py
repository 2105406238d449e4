"""Who asks: good keys are let in, and from its end on a key is refused, wherever it was ended."""

import asyncio
from datetime import timedelta

import pytest

from moorings.domain.api_key import ApiKey, hash_of, new_token
from moorings.domain.caller import Caller, Scope
from moorings.errors import Unauthenticated
from moorings.services.access import KEPT, Access
from moorings.services.owners import administrator
from moorings.store import api_keys as rows
from tests.services.fakes import Answering, Distant
from tests.services.house import START, House, Process

pytestmark = pytest.mark.anyio

STANDING = "a-key-of-the-operator-that-no-database-holds"


@pytest.fixture
async def admin(process: Process) -> Caller:
    return await process.admin()


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER   {}  ", "{}", "  {} "])
async def test_a_key_is_good_with_and_without_the_word_bearer(process: Process, admin: Caller, form: str) -> None:
    key, token = await process.key(admin, Scope.READ)
    caller = await process.access().caller(form.format(token))
    assert (caller.id, caller.owner, caller.scopes) == (key.id, admin.owner, frozenset({Scope.READ}))


@pytest.mark.parametrize("header", [None, "", "   "])
async def test_a_call_without_a_key_is_told_how_to_send_one(process: Process, header: str | None) -> None:
    with pytest.raises(Unauthenticated, match="Authorization: Bearer"):
        await process.access().caller(header)


async def test_every_key_that_is_not_good_gets_the_same_answer(process: Process, admin: Caller) -> None:
    key, revoked = await process.key(admin)
    await process.api_keys.revoke(admin, key.id)
    _, ended = await process.key(admin, expires_at=START + timedelta(seconds=1))
    process.clock.advance(seconds=1)
    unknown = new_token(lambda letters: letters[7])
    said = {
        await _refusal(process.access(), header)
        for header in (revoked, ended, unknown, "mrg_short", "Bearer", "Basic dXNlcjpwYXNz", "Bearer ü", STANDING)
    }
    assert len(said) == 1


async def test_a_key_ends_at_its_time_though_it_is_remembered(process: Process, admin: Caller) -> None:
    _, token = await process.key(admin, expires_at=START + timedelta(hours=1))
    access = process.access()
    await access.caller(token)
    process.clock.advance(minutes=59, seconds=59)
    await access.caller(token)
    process.clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        await access.caller(token)


async def test_a_standing_key_is_good_without_any_database(process: Process, admin: Caller) -> None:
    database = Answering(lambda *_: None)
    access = Access(database, process.clock, {hash_of(STANDING): admin})
    assert await access.caller(f"Bearer {STANDING}") == admin
    assert database.reads == 0


async def test_a_standing_key_is_not_taken_in_part(process: Process, admin: Caller) -> None:
    access = Access(process.database, process.clock, {hash_of(STANDING): admin})
    for almost in (STANDING[:-1], STANDING + "x", STANDING.upper(), hash_of(STANDING).hex()):
        with pytest.raises(Unauthenticated):
            await access.caller(almost)


async def test_of_several_standing_keys_each_has_its_own_caller(process: Process, admin: Caller) -> None:
    other = await process.admin()
    access = Access(process.database, process.clock, {hash_of(STANDING): admin, hash_of(STANDING * 2): other})
    assert [(await access.caller(key)).owner for key in (STANDING, STANDING * 2)] == [admin.owner, other.owner]


async def test_a_typing_error_is_found_before_the_database_is_asked(process: Process, admin: Caller) -> None:
    _, token = await process.key(admin)
    distant = Distant(process.database)
    access = process.access(distant)
    for place in (4, 20, -1):
        wrong = list(token)
        wrong[place] = "x" if wrong[place] != "x" else "y"
        with pytest.raises(Unauthenticated):
            await access.caller("".join(wrong))
    assert rows.by_hash.__name__ not in distant.reads


async def test_a_remembered_key_is_not_looked_up_again(process: Process, admin: Caller) -> None:
    _, token = await process.key(admin)
    distant = Distant(process.database)
    access = process.access(distant)
    for _ in range(3):
        await access.caller(token)
    assert distant.reads.count(rows.by_hash.__name__) == 1


async def test_a_revoked_key_is_refused_at_once_by_the_process_that_revoked_it(process: Process, admin: Caller) -> None:
    key, token = await process.key(admin)
    access = process.access()
    await access.caller(token)
    await process.api_keys.revoke(admin, key.id)
    with pytest.raises(Unauthenticated):
        await access.caller(token)


async def test_a_revoked_key_is_refused_by_every_process_within_a_second(house: House) -> None:
    ours, other = house.process(), house.process()
    admin = await ours.admin()
    key, token = await ours.key(admin)
    access = ours.access()
    await access.caller(token)
    await other.api_keys.revoke(admin, key.id)
    house.clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        await access.caller(token)


async def test_on_sqlite_every_process_refuses_a_revoked_key_at_once(sqlite_house: House) -> None:
    ours, other = sqlite_house.process(), sqlite_house.process()
    admin = await ours.admin()
    key, token = await ours.key(admin)
    access = ours.access()
    await access.caller(token)
    await other.api_keys.revoke(admin, key.id)
    with pytest.raises(Unauthenticated):
        await access.caller(token)


async def test_another_key_stays_good_when_one_is_revoked(house: House) -> None:
    process = house.process()
    admin = await process.admin()
    (first, _), (second, token) = await process.key(admin), await process.key(admin)
    access = process.access()
    await access.caller(token)
    await process.api_keys.revoke(admin, first.id)
    house.clock.advance(seconds=1)
    assert (await access.caller(token)).id == second.id


async def test_a_key_revoked_while_it_was_being_looked_up_is_refused_afterwards(
    process: Process, admin: Caller
) -> None:
    """The look-up found a good key, and then its answer took longer than the news of the revocation."""
    (key, token), (_, witness) = await process.key(admin), await process.key(admin)
    slow = Distant(process.database)
    access = process.access(slow)
    await access.caller(witness)
    slow.hold = rows.by_hash
    under_way = asyncio.create_task(access.caller(token))
    await slow.reached.wait()
    await process.api_keys.revoke(admin, key.id)
    process.clock.advance(seconds=1)
    await access.caller(witness)
    slow.let_go.set()
    await asyncio.wait([under_way])
    process.clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        await access.caller(token)


async def test_a_key_made_by_another_process_is_good_at_once(house: House) -> None:
    ours, other = house.process(), house.process()
    admin = await ours.admin()
    access = ours.access()
    with pytest.raises(Unauthenticated):
        await access.caller(new_token(lambda letters: letters[1]))
    key, token = await other.key(admin)
    assert (await access.caller(token)).id == key.id


async def test_only_so_many_keys_stay_in_memory() -> None:
    def answer(work: object, *given: object) -> object:
        if work is not rows.by_hash:
            return 0
        return ApiKey("key", "owner", "a key", hash_of("x"), "mrg_…", frozenset({Scope.READ}), START)

    access = Access(Answering(answer), lambda: START, {})
    for number in range(KEPT + 10):
        digits = iter(f"{number:030d}")
        await access.caller(new_token(lambda _, digits=digits: next(digits)))  # type: ignore[misc]
    assert len(access._known) <= KEPT


async def test_the_administrator_of_an_owner_may_do_everything_there(process: Process) -> None:
    owner = await process.owners.create("acme")
    assert all(administrator(owner).may(scope) for scope in Scope)
    assert administrator(owner, "admin-key").id == "admin-key"


async def _refusal(access: Access, header: str) -> tuple[str, str, int]:
    with pytest.raises(Unauthenticated) as caught:
        await access.caller(header)
    return caught.value.message, caught.value.code, caught.value.status
