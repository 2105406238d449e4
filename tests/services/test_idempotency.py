"""The same key and body give the same answer again: after success, beside one another, and after a crash."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from moorings.domain.caller import Caller, Scope
from moorings.errors import (
    AnswerNotKept,
    IdempotencyKeyBusy,
    IdempotencyKeyReused,
    MooringsError,
    StoreFull,
    VaultFailed,
)
from moorings.services.answer_room import LARGEST, OWNERS
from moorings.services.idempotency import RUNS_AT_MOST, Answer, Idempotency
from moorings.settings import Settings
from moorings.store import idempotency as rows
from moorings.store import keys as key_rows
from tests.services.fakes import Failing
from tests.services.house import House, Process, stored_bytes

pytestmark = pytest.mark.anyio

CALL = b"POST /v1/api-keys?\n{}"
OTHER_CALL = b"POST /v1/api-keys?\n{ }"
KEY = "a-key-of-the-client"
SECRET = b'{"key":"mrg_thatStandsInThisAnswerAlone"}'


class Work:
    """A call that counts how often it ran; with `gate` it waits in the middle."""

    def __init__(self, answer: Answer | None = None, gate: asyncio.Event | None = None) -> None:
        self.ran, self._answer, self._gate = 0, answer, gate
        self.begun = asyncio.Event()

    async def __call__(self) -> Answer:
        self.ran += 1
        self.begun.set()
        if self._gate:
            await self._gate.wait()
        return self._answer or Answer(201, f"answer {self.ran}".encode())


@pytest.fixture
async def caller(process: Process) -> Caller:
    return await process.admin()


async def test_the_same_key_and_body_give_the_same_answer_and_run_once(house: House) -> None:
    process, work = house.process(), Work()
    caller, idempotency = await process.admin(), process.idempotency()
    answers = [await idempotency.once(caller, KEY, CALL, work) for _ in range(3)]
    assert answers == [Answer(201, b"answer 1")] * 3
    assert work.ran == 1


async def test_another_process_gives_the_same_answer(house: House) -> None:
    first, second, work = house.process(), house.process(), Work()
    caller = await first.admin()
    answer = await first.idempotency().once(caller, KEY, CALL, work)
    assert await second.idempotency().once(caller, KEY, CALL, work) == answer
    assert work.ran == 1


async def test_another_body_under_the_key_is_refused(process: Process, caller: Caller) -> None:
    idempotency, work = process.idempotency(), Work()
    await idempotency.once(caller, KEY, CALL, work)
    with pytest.raises(IdempotencyKeyReused):
        await idempotency.once(caller, KEY, OTHER_CALL, work)
    assert work.ran == 1


async def test_another_body_is_refused_while_the_first_still_runs(process: Process, caller: Caller) -> None:
    idempotency, gate = process.idempotency(), asyncio.Event()
    running = await _under_way(idempotency, caller, Work(gate=gate))
    with pytest.raises(IdempotencyKeyReused):
        await idempotency.once(caller, KEY, OTHER_CALL, Work())
    gate.set()
    await running


async def test_of_many_at_once_one_runs_and_the_others_are_told_to_wait_or_get_its_answer(house: House) -> None:
    processes, work = [house.process() for _ in range(3)], Work()
    caller = await processes[0].admin()
    calls = [process.idempotency().once(caller, KEY, CALL, work) for process in processes for _ in range(4)]
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert work.ran == 1
    assert {str(each) for each in found if isinstance(each, Answer)} == {str(Answer(201, b"answer 1"))}
    assert all(isinstance(each, Answer | IdempotencyKeyBusy) for each in found), found


async def test_a_call_that_still_runs_is_busy_and_the_client_may_ask_again(process: Process, caller: Caller) -> None:
    idempotency, gate = process.idempotency(), asyncio.Event()
    running = await _under_way(idempotency, caller, Work(gate=gate))
    with pytest.raises(IdempotencyKeyBusy) as caught:
        await idempotency.once(caller, KEY, CALL, Work())
    assert caught.value.transient
    gate.set()
    answer = await running
    assert await idempotency.once(caller, KEY, CALL, Work()) == answer


async def test_a_tool_that_takes_as_long_as_it_may_is_not_run_twice(process: Process, caller: Caller) -> None:
    running = await _under_way(process.idempotency(), caller, Work(gate=asyncio.Event()))
    longest = [field.metadata for name, field in Settings.model_fields.items() if name.endswith("_timeout")]
    seconds = sum(bound.le for metadata in longest for bound in metadata if hasattr(bound, "le"))
    assert seconds == 300 + 120
    process.clock.advance(seconds=seconds)
    with pytest.raises(IdempotencyKeyBusy):
        await process.idempotency().once(caller, KEY, CALL, Work())
    running.cancel()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 502])
async def test_a_failed_call_leaves_its_key_free(process: Process, caller: Caller, status: int) -> None:
    idempotency = process.idempotency()
    assert (await idempotency.once(caller, KEY, CALL, Work(Answer(status, b"no")))).status == status
    assert await idempotency.once(caller, KEY, OTHER_CALL, Work()) == Answer(201, b"answer 1")


async def test_a_call_that_breaks_leaves_its_key_free(process: Process, caller: Caller) -> None:
    idempotency = process.idempotency()

    async def broken() -> Answer:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        await idempotency.once(caller, KEY, CALL, broken)
    assert (await idempotency.once(caller, KEY, CALL, Work())).status == 201


async def test_a_client_that_hangs_up_leaves_its_key_free(process: Process, caller: Caller) -> None:
    idempotency = process.idempotency()
    running = await _under_way(idempotency, caller, Work(gate=asyncio.Event()))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert (await idempotency.once(caller, KEY, CALL, Work())).status == 201


async def test_a_killed_call_gives_its_key_free_after_the_longest_time(house: House) -> None:
    killed, survivor = house.process(), house.process()
    caller = await killed.admin()
    never = await _under_way(killed.idempotency(), caller, Work(gate=asyncio.Event()))
    work = Work()
    house.clock.moment += RUNS_AT_MOST - timedelta(seconds=1)
    with pytest.raises(IdempotencyKeyBusy):
        await survivor.idempotency().once(caller, KEY, CALL, work)
    house.clock.advance(seconds=1)
    assert await survivor.idempotency().once(caller, KEY, CALL, work) == Answer(201, b"answer 1")
    never.cancel()


async def test_after_a_killed_call_another_body_may_have_the_key_too(process: Process, caller: Caller) -> None:
    never = await _under_way(process.idempotency(), caller, Work(gate=asyncio.Event()))
    process.clock.moment += RUNS_AT_MOST
    assert (await process.idempotency().once(caller, KEY, OTHER_CALL, Work())).status == 201
    never.cancel()


async def test_an_overtaken_call_does_not_put_its_answer_in_the_place_of_the_one_that_overtook(
    process: Process, caller: Caller
) -> None:
    idempotency, gate = process.idempotency(), asyncio.Event()
    slow = await _under_way(idempotency, caller, Work(Answer(201, b"of the slow one"), gate))
    process.clock.moment += RUNS_AT_MOST
    answer = await idempotency.once(caller, KEY, OTHER_CALL, Work(Answer(201, b"of the one that overtook")))
    gate.set()
    await slow
    assert await idempotency.once(caller, KEY, OTHER_CALL, Work()) == answer


async def test_an_overtaken_call_that_fails_does_not_give_free_what_another_holds(
    process: Process, caller: Caller
) -> None:
    idempotency, gate, other_gate = process.idempotency(), asyncio.Event(), asyncio.Event()
    slow = await _under_way(idempotency, caller, Work(Answer(500, b""), gate))
    process.clock.moment += RUNS_AT_MOST
    running = await _under_way(idempotency, caller, Work(gate=other_gate))
    gate.set()
    await slow
    third = Work()
    with pytest.raises(IdempotencyKeyBusy):
        await idempotency.once(caller, KEY, CALL, third)
    assert third.ran == 0
    other_gate.set()
    await running


async def test_an_answer_is_kept_for_a_day(process: Process, caller: Caller) -> None:
    idempotency, work = process.idempotency(), Work()
    await idempotency.once(caller, KEY, CALL, work)
    process.clock.advance(hours=23, minutes=59, seconds=59)
    assert await idempotency.once(caller, KEY, CALL, work) == Answer(201, b"answer 1")
    process.clock.advance(seconds=1)
    assert await idempotency.once(caller, KEY, CALL, work) == Answer(201, b"answer 2")


async def test_the_longest_key_that_a_client_may_send_is_kept(house: House) -> None:
    process, work = house.process(), Work()
    caller = replace(await process.admin(), id="key_01kb0h6v3m8x2q4r5s6t7v8w9x")
    for _ in range(2):
        assert await process.idempotency().once(caller, "k" * 255, CALL, work) == Answer(201, b"answer 1")


async def test_each_owner_has_keys_of_its_own(process: Process, caller: Caller) -> None:
    idempotency, work = process.idempotency(), Work()
    await idempotency.once(caller, KEY, CALL, work)
    assert await idempotency.once(await process.admin(), KEY, OTHER_CALL, work) == Answer(201, b"answer 2")


async def test_an_answer_is_not_repeated_to_another_caller_of_the_owner(process: Process, caller: Caller) -> None:
    """It may hold a new API key, and the other caller's own key may be allowed far less."""
    idempotency = process.idempotency()
    await idempotency.once(caller, KEY, CALL, Work(Answer(201, SECRET)))
    narrow, refused = Caller("key_other", caller.owner, frozenset({Scope.READ})), Answer(403, b"not allowed")
    try:
        answer = await idempotency.once(narrow, KEY, CALL, Work(refused))
    except MooringsError:
        return
    assert answer == refused


async def test_a_kept_answer_does_not_stand_plain_in_the_file(sqlite_house: House) -> None:
    process = sqlite_house.process()
    await process.idempotency().once(await process.admin(), KEY, CALL, Work(Answer(201, SECRET)))
    process.database.close()
    assert SECRET not in stored_bytes(sqlite_house.folder)


async def test_a_kept_answer_that_was_moved_to_another_key_does_not_open(process: Process, caller: Caller) -> None:
    idempotency = process.idempotency()
    await idempotency.once(caller, KEY, CALL, Work(Answer(201, SECRET)))
    await process.sql("UPDATE idempotency SET key = replace(key, :old, 'another')", old=KEY)
    with pytest.raises(VaultFailed):
        await idempotency.once(caller, "another", CALL, Work())


async def test_a_call_under_an_owner_key_that_a_rekey_has_destroyed_takes_the_new_one(house: House) -> None:
    ours, other = house.process(), house.process()
    caller = await ours.admin()
    idempotency = ours.idempotency()
    old = await idempotency.owner_keys.current(caller.owner)
    _, fresh = other.vault.new_owner_key(caller.owner, 2, house.clock())
    await other.database.write(key_rows.add, fresh)
    assert await other.database.write(key_rows.delete_unused, old.id)
    work = Work()
    answer = await idempotency.once(caller, KEY, CALL, work)
    assert await other.idempotency().once(caller, KEY, CALL, work) == answer
    assert work.ran == 1


async def test_an_answer_sealed_under_an_older_owner_key_is_still_repeated(process: Process, caller: Caller) -> None:
    work = Work()
    answer = await process.idempotency().once(caller, KEY, CALL, work)
    _, fresh = process.vault.new_owner_key(caller.owner, 2, process.clock() + timedelta(seconds=1))
    await process.database.write(key_rows.add, fresh)
    assert await process.idempotency().once(caller, KEY, CALL, work) == answer


async def test_where_nothing_can_be_reserved_nothing_is_run(process: Process, caller: Caller) -> None:
    owner_keys = process.owner_keys()
    await owner_keys.current(caller.owner)
    full, work = Failing(process.database, StoreFull("The disk is full.")), Work()
    with pytest.raises(StoreFull):
        await replace(process.idempotency(), owner_keys=owner_keys, database=full).once(caller, KEY, CALL, work)
    assert work.ran == 0


async def test_an_answer_that_is_too_large_to_keep_is_given_once_and_the_call_is_not_run_again(
    process: Process, caller: Caller
) -> None:
    idempotency, work = process.idempotency(), Work(Answer(200, b"x" * (LARGEST + 1)))
    assert len((await idempotency.once(caller, KEY, CALL, work)).body) == LARGEST + 1
    with pytest.raises(AnswerNotKept, match="answered with 200"):
        await idempotency.once(caller, KEY, CALL, work)
    with pytest.raises(IdempotencyKeyReused):
        await idempotency.once(caller, KEY, OTHER_CALL, work)
    assert work.ran == 1


async def test_an_owner_fills_no_more_than_their_room_and_no_others(house: House) -> None:
    process = house.process()
    caller, idempotency, large = await process.admin(), process.idempotency(), Answer(200, b"x" * LARGEST)
    for number in range(OWNERS // LARGEST + 20):
        await idempotency.once(caller, f"key {number}", CALL, Work(large))
    assert await process.database.read(rows.size, caller.owner) <= OWNERS + 100 * 1024
    with pytest.raises(AnswerNotKept):
        await idempotency.once(caller, f"key {number}", CALL, Work(large))
    other = await process.admin()
    assert [await idempotency.once(other, KEY, CALL, Work(large)) for _ in range(2)] == [large] * 2


async def test_there_is_room_again_when_answers_have_ended(process: Process, caller: Caller) -> None:
    idempotency, large = process.idempotency(), Answer(200, b"x" * LARGEST)
    for number in range(OWNERS // LARGEST + 1):
        await idempotency.once(caller, f"key {number}", CALL, Work(large))
    process.clock.advance(hours=24)
    await process.database.write(rows.forget_expired, process.clock())
    assert [await idempotency.once(caller, KEY, CALL, Work(large)) for _ in range(2)] == [large] * 2


async def test_what_was_done_although_it_failed_is_not_done_again(process: Process, caller: Caller) -> None:
    idempotency, work = process.idempotency(), Work(Answer(500, b"it was done", done=True))
    assert (await idempotency.once(caller, KEY, CALL, work)).body == b"it was done"
    with pytest.raises(AnswerNotKept, match="answered with 500"):
        await idempotency.once(caller, KEY, CALL, work)
    assert work.ran == 1


async def test_an_answer_stands_where_the_store_cannot_keep_it(process: Process, caller: Caller) -> None:
    idempotency = process.idempotency()
    broken = replace(idempotency, database=Failing(process.database, StoreFull("The disk is full."), after=1))
    work = Work()
    assert await broken.once(caller, KEY, CALL, work) == Answer(201, b"answer 1")
    with pytest.raises(IdempotencyKeyBusy):
        await idempotency.once(caller, KEY, CALL, work)
    assert work.ran == 1


async def test_ended_answers_are_deleted_and_counted(process: Process, caller: Caller) -> None:
    idempotency = process.idempotency()
    for number in range(3):
        await idempotency.once(caller, f"key {number}", CALL, Work())
    assert await process.database.write(rows.forget_expired, process.clock() + timedelta(hours=24)) == 3


async def _under_way(idempotency: Idempotency, caller: Caller, work: Work) -> "asyncio.Task[Answer]":
    """A call that has reserved its key and runs."""
    task = asyncio.create_task(idempotency.once(caller, KEY, CALL, work))
    await asyncio.wait({asyncio.create_task(work.begun.wait()), task}, return_when=asyncio.FIRST_COMPLETED)
    assert work.begun.is_set(), task.exception()
    return task
