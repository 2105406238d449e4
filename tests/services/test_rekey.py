"""A new root key, and new ciphertext for every record, while the server serves: nothing is lost, whatever happens."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

import pytest
from sqlalchemy import Connection

from moorings import app, settings
from moorings.domain.caller import Caller
from moorings.domain.credential import CredentialRef
from moorings.domain.environment import Environment
from moorings.domain.root_key import Outcome
from moorings.domain.secret import Secret
from moorings.errors import Clash, ConfigurationError, StoreFailed, VaultFailed
from moorings.services.housekeeping import Housekeeping
from moorings.services.hub import Hub
from moorings.services.idempotency import Answer
from moorings.services.owner_keys import OwnerKeys
from moorings.services.owners import Owners, administrator
from moorings.services.rekey import Rekey
from moorings.services.root_keys import RootKeys
from moorings.store import attestations, tables
from moorings.store import credentials as credential_rows
from moorings.store import keys as key_rows
from moorings.store.database import Database, Work
from moorings.vault.keyring import Keyring, KeyText
from tests.services.fakes import Distant
from tests.services.house import Clock, House, Process

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
P = ParamSpec("P")
T = TypeVar("T")

PLACES: tuple[tuple[str, Environment], ...] = (
    ("firecrawl", None), ("firecrawl", "production"), ("tavily", "staging"), ("intg_1", "production"),
)  # fmt: skip
PATIENCE = 10
FASTER = 8
Values = dict[CredentialRef, str]


class Ticking(Clock):
    """Goes on by itself, as time does and faster: a rotation waits for what other servers may still remember."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self.moment + timedelta(milliseconds=int((time.monotonic() - self._began) * 1000 * FASTER))


@pytest.fixture(autouse=True)
def _time_goes_on(request: pytest.FixtureRequest) -> None:
    for name in ("house", "sqlite_house"):
        if name in request.fixturenames:
            request.getfixturevalue(name).clock = Ticking()


@dataclass
class Watched:
    """What a progress bar is told."""

    steps: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(self, what: str, done: int, total: int) -> None:
        self.steps.append((what, done, total))


class Breaking:
    """A real database that fails at one call, before or after the call has done its work, as a kill would end it."""

    name = "breaking"
    place = "nowhere"

    def __init__(self, inner: Database, at: int, *, after: bool) -> None:
        self._inner, self._left, self._after = inner, at, after
        self.broken = False

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._call(self._inner.read(work, *args, **kwargs))

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._call(self._inner.write(work, *args, **kwargs))

    def room(self) -> int | None:
        return None

    def version(self) -> int | None:
        return self._inner.version()

    def close(self) -> None:
        self._inner.close()

    async def _call(self, call: Coroutine[Any, Any, T]) -> T:
        self._left -= 1
        if self._left == 0 and not self._after:
            call.close()
            self._break()
        found = await call
        if self._left == 0:
            self._break()
        return found

    def _break(self) -> None:
        self.broken = True
        raise StoreFailed("The test has ended this here.")


class Interrupted:
    """A real database beside which something happens just before each of the first writes."""

    name = "interrupted"
    place = "nowhere"

    def __init__(self, inner: Database, happening: Callable[[], Coroutine[Any, Any, None]], times: int) -> None:
        self._inner, self._happening, self._times = inner, happening, times

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._inner.read(work, *args, **kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._times:
            self._times -= 1
            await self._happening()
        return await self._inner.write(work, *args, **kwargs)

    def room(self) -> int | None:
        return None

    def version(self) -> int | None:
        return self._inner.version()

    def close(self) -> None:
        self._inner.close()


@dataclass
class Remembering(Process):
    """A process that goes on with the owner keys it has unwrapped, as a running server does."""

    remembered: OwnerKeys

    def owner_keys(self, database: Database | None = None) -> OwnerKeys:
        return self.remembered

    async def save_as_a_server(self, ref: CredentialRef) -> None:
        """Save under the key at hand, and under the new one when the database refuses that."""
        try:
            await self.save(ref.owner, ref.integration_id, ref.environment, ref.integration_id)
        except Clash:
            self.remembered.forget(ref.owner)
            await self.save(ref.owner, ref.integration_id, ref.environment, ref.integration_id)


def remembering(process: Process) -> Remembering:
    """The same process, remembering."""
    return Remembering(process.database, process.keyring, process.clock, process.owner_keys())


async def filled(process: Process, owners: int = 2) -> Values:
    """Some owners with credentials in several places, and what these are."""
    await prepared(process)
    values: Values = {}
    for _ in range(owners):
        owner = (await process.admin()).owner
        for integration_id, environment in PLACES:
            value = f"secret of {owner} {integration_id} {environment}"
            await process.save(owner, integration_id, environment, value)
            values[CredentialRef(owner, integration_id, environment)] = value
    return values


async def prepared(process: Process) -> Process:
    """The same process after what every start does."""
    await RootKeys(process.vault, process.database, process.clock).prepare()
    return process


async def rotate(
    process: Process, database: Database | None = None, *, reseal: bool = True, watch: Any = None
) -> Outcome:
    """Rotate in this process."""
    used = database or process.database
    rekey = Rekey(process.vault, used, Owners(used, process.clock), process.notary, process.clock)
    return await rekey.run(reseal=reseal, progress=watch or Watched())


async def opened(process: Process, refs: Iterable[CredentialRef]) -> Values:
    """What a fresh process finds when it opens these."""
    owner_keys, found = process.owner_keys(), {}
    for ref in refs:
        stored = await process.database.read(credential_rows.secret, ref)
        assert stored is not None, f"{ref} is gone"
        key = await owner_keys.by_id(ref.owner, stored.sealed.owner_key_id)
        found[ref] = process.vault.open(key, stored, ref.integration_id)["apiKey"].reveal()
    return found


async def left_under_other_roots(process: Process) -> dict[str, tuple[int, int]]:
    """Owner keys and records under root keys that are not current, where there are any."""
    process.keyring.reload()
    views = await RootKeys(process.vault, process.database, process.clock).every()
    return {view.id: (view.owner_keys, view.records) for view in views if not view.current and view.owner_keys}


def bytes_and_keys(connection: Connection) -> dict[tuple[str, str, str], tuple[bytes, str, str]]:
    """What stands in the credentials' rows: bytes, owner key and revision."""
    rows = connection.execute(tables.credentials.select())
    return {
        (row.owner, row.integration_id, row.environment): (bytes(row.sealed), row.owner_key_id, row.revision)
        for row in rows
    }


def owner_key_ids(connection: Connection) -> set[str]:
    """All owner keys there are."""
    return {row.id for row in connection.execute(tables.owner_keys.select())}


async def spoil(process: Process, ref: CredentialRef, what: str) -> None:
    """Make one record unreadable."""
    statements = {
        "bytes": "UPDATE credentials SET sealed = :value WHERE owner = :o AND integration_id = :i AND environment = :e",
        "field names": "UPDATE credentials SET previews = 'none' "
        "WHERE owner = :o AND integration_id = :i AND environment = :e",
        "revision": "DELETE FROM revisions WHERE owner = :o AND record = :i AND environment = :e",
    }
    values = {"o": ref.owner, "i": ref.integration_id, "e": ref.environment or "*"}
    await process.sql(statements[what], **values, **({"value": b"spoiled"} if what == "bytes" else {}))


async def test_a_new_root_key_is_current_at_once_and_wraps_every_owner_key(house: House) -> None:
    process = house.process()
    values = await filled(process)
    before = await process.database.read(bytes_and_keys)
    outcome = await rotate(process, reseal=False)
    assert (outcome.root_key_id, outcome.resumed, outcome.rewrapped, outcome.resealed) == ("k2", False, 2, 0)
    assert outcome.unreadable == []
    assert await process.database.read(bytes_and_keys) == before
    assert await left_under_other_roots(house.process()) == {}
    assert await opened(house.process(), values) == values


async def test_resealing_gives_every_record_new_bytes_and_destroys_the_old_owner_keys(house: House) -> None:
    process = house.process()
    values = await filled(process)
    before, old_keys = await process.database.read(bytes_and_keys), await process.database.read(owner_key_ids)
    outcome = await rotate(process)
    after = await process.database.read(bytes_and_keys)
    assert (outcome.rewrapped, outcome.resealed, outcome.unreadable) == (2, len(values), [])
    for place, (data, key_id, revision) in after.items():
        assert data != before[place][0]
        assert key_id not in old_keys
        assert revision == before[place][2]
    assert not old_keys & await process.database.read(owner_key_ids)
    assert await process.database.read(key_rows.superseded) == []
    assert await opened(house.process(), values) == values


@pytest.mark.parametrize("reseal", [False, True])
async def test_afterwards_the_old_root_key_may_be_destroyed(house: House, reseal: bool) -> None:  # noqa: FBT001
    process = house.process()
    values = await filled(process)
    await rotate(process, reseal=reseal)
    lines = house.key_file.path.read_text(encoding="utf-8").splitlines()
    house.key_file.path.write_text(
        "\n".join(line for line in lines if not line.startswith("k1 ")) + "\n", encoding="utf-8"
    )
    alone = house.process()
    assert alone.keyring.ids == ["k2"]
    assert await RootKeys(alone.vault, alone.database, alone.clock).prepare() is False
    views = {view.id: view for view in await RootKeys(alone.vault, alone.database, alone.clock).every()}
    assert (views["k1"].missing, views["k1"].owner_keys, views["k1"].records) == (False, 0, 0)
    assert (views["k2"].owner_keys, views["k2"].records) == (2, len(values))
    assert await opened(alone, values) == values


async def test_bytes_from_before_a_reseal_do_not_open_when_they_are_put_back(house: House) -> None:
    process = house.process()
    values = await filled(process, owners=1)
    [ref, *_] = values
    place = (ref.owner, ref.integration_id, ref.environment or "*")
    old = (await process.database.read(bytes_and_keys))[place][0]
    await rotate(process)
    await process.sql(
        "UPDATE credentials SET sealed = :value WHERE owner = :o AND integration_id = :i AND environment = :e",
        value=old, o=place[0], i=place[1], e=place[2],
    )  # fmt: skip
    with pytest.raises(VaultFailed):
        await opened(house.process(), [ref])


async def test_rotating_again_and_again_always_ends_under_the_newest_key(house: House) -> None:
    process = house.process()
    values = await filled(process)
    for number, reseal in enumerate((True, False, True, True), start=2):
        outcome = await rotate(process, reseal=reseal)
        assert (outcome.root_key_id, outcome.resumed) == (f"k{number}", False)
        assert await left_under_other_roots(process) == {}
        assert await opened(house.process(), values) == values
    assert len(await process.database.read(owner_key_ids)) == 2


async def test_on_a_server_with_nothing_sealed_only_the_root_key_is_new(house: House) -> None:
    outcome = await rotate(await prepared(house.process()))
    assert (outcome.root_key_id, outcome.rewrapped, outcome.resealed) == ("k2", 0, 0)
    assert set(house.key_file.load()) == {"k1", "k2"}


async def test_a_rotation_stands_in_the_audit(house: House) -> None:
    process = house.process()
    await filled(process, owners=1)
    await rotate(process)
    rows = await process.sql("SELECT kind, subject, actor FROM audit WHERE kind = 'root-key.changed'")
    assert [tuple(row) for row in rows] == [("root-key.changed", "k2", "operator")]


async def test_progress_grows_and_ends_where_it_said_it_would(sqlite_house: House) -> None:
    process, watch = sqlite_house.process(), Watched()
    await filled(process, owners=3)
    await rotate(process, watch=watch)
    assert {what for what, _, _ in watch.steps} == {"Re-wrapping owner keys", "Sealing records anew"}
    assert all(0 < done <= total for _, done, total in watch.steps)
    for what in ("Re-wrapping owner keys", "Sealing records anew"):
        done, total = [step[1:] for step in watch.steps if step[0] == what][-1]
        assert done == total


async def test_more_records_than_one_batch_holds_are_all_resealed(sqlite_house: House) -> None:
    process = sqlite_house.process()
    owner = (await process.admin()).owner
    places = [CredentialRef(owner, f"integration-{number}", None) for number in range(600)]
    await process.owner_keys().current(owner)
    await asyncio.gather(*(process.save(owner, ref.integration_id, None, ref.integration_id) for ref in places))
    outcome = await rotate(process)
    assert outcome.resealed == 600
    assert await opened(sqlite_house.process(), places) == {ref: ref.integration_id for ref in places}
    assert len(await process.database.read(owner_key_ids)) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("reseal", [False, True], ids=["rotate", "reseal"])
async def test_ended_at_any_step_the_same_command_finishes_it(sqlite_house: House, reseal: bool, after: bool) -> None:  # noqa: FBT001
    await end_at_every_step(sqlite_house, reseal=reseal, after=after)


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
async def test_ended_at_any_step_it_can_be_finished_on_postgresql_too(house: House) -> None:
    await end_at_every_step(house, reseal=True, after=True)


async def end_at_every_step(house: House, *, reseal: bool, after: bool) -> None:
    """End one rotation at its first step, the next at its second and so on, and look after each at what is there."""
    process, look = house.process(), house.process()
    values = await filled(process)
    for step in range(1, 60):
        breaking = Breaking(process.database, step, after=after)
        try:
            await rotate(process, breaking, reseal=reseal)
        except StoreFailed:
            unfinished = await left_under_other_roots(look)
            assert await opened(look, values) == values
            outcome = await rotate(process, reseal=reseal)
            assert outcome.unreadable == []
            assert outcome.resumed or not unfinished
        assert await left_under_other_roots(look) == {}
        assert await look.database.read(attestations.altered) == []
        assert await look.database.read(attestations.elsewhere, look.keyring.current.id) == 0
        assert await opened(look, values) == values
        if reseal:
            assert await look.database.read(key_rows.superseded) == []
        if not breaking.broken:
            break
    assert step > 5
    assert not breaking.broken


async def test_a_reseal_that_was_ended_half_way_goes_on_with_the_same_root_key(house: House) -> None:
    process = house.process()
    values = await filled(process)

    def end(what: str, _done: int, _total: int) -> None:
        if what == "Sealing records anew":
            raise StoreFailed("The test has ended this here.")

    with pytest.raises(StoreFailed):
        await rotate(process, watch=end)
    outcome = await rotate(house.process())
    assert outcome.root_key_id == "k2"
    assert outcome.resumed
    assert set(house.key_file.load()) == {"k1", "k2"}
    assert await opened(house.process(), values) == values


async def test_a_reseal_after_a_mere_rotation_that_was_ended_still_reseals_everything(house: House) -> None:
    process = house.process()
    values = await filled(process)
    before = await process.database.read(bytes_and_keys)

    def end(_what: str, _done: int, _total: int) -> None:
        raise StoreFailed("The test has ended this here.")

    with pytest.raises(StoreFailed):
        await rotate(process, reseal=False, watch=end)
    await rotate(process, reseal=True)
    after = await process.database.read(bytes_and_keys)
    assert [place for place, row in after.items() if row[:2] == before[place][:2]] == []
    assert await left_under_other_roots(process) == {}
    assert await opened(house.process(), values) == values


@pytest.mark.parametrize("what", ["bytes", "revision", "field names"])
async def test_one_unreadable_record_is_named_and_does_not_stop_the_others(house: House, what: str) -> None:
    process = house.process()
    values = await filled(process)
    spoiled = next(iter(values))
    await spoil(process, spoiled, what)
    outcome = await rotate(process)
    [message] = outcome.unreadable
    assert spoiled.integration_id in message
    assert spoiled.owner in message
    assert outcome.resealed == len(values) - 1
    others = {ref: value for ref, value in values.items() if ref != spoiled}
    assert await opened(house.process(), others) == others
    assert await left_under_other_roots(process) == {}


async def test_an_unreadable_record_keeps_its_owner_key_and_every_other_old_key_is_destroyed(house: House) -> None:
    process = house.process()
    values = await filled(process, owners=3)
    spoiled = next(iter(values))
    await spoil(process, spoiled, "bytes")
    old = {key: place[0] for place, (_, key, _) in (await process.database.read(bytes_and_keys)).items()}
    await rotate(process)
    left = old.keys() & await process.database.read(owner_key_ids)
    assert {old[key] for key in left} == {spoiled.owner}


async def test_an_unreadable_record_does_not_stand_in_the_way_of_later_rotations(house: House) -> None:
    process = house.process()
    values = await filled(process)
    await spoil(process, next(iter(values)), "bytes")
    assert (await rotate(process)).root_key_id == "k2"
    again = await rotate(process)
    assert (again.root_key_id, again.resumed) == ("k3", False)
    assert again.resealed == len(values) - 1
    assert len(again.unreadable) == 1
    assert await left_under_other_roots(process) == {}


async def test_an_owner_key_whose_root_key_is_lost_is_named_and_does_not_stop_the_others(sqlite_house: House) -> None:
    process = sqlite_house.process()
    lost = await filled(process, owners=1)
    sqlite_house.key_file.path.write_text(f"k2 {'A' * 43}=\n", encoding="utf-8")
    later = sqlite_house.process()
    values = await filled(later, owners=1)
    for _ in range(2):
        outcome = await rotate(later)
        [unreadable] = [note for note in outcome.unreadable if "owner key of" in note]
        assert "k1" in unreadable
        assert await left_under_other_roots(later) == {"k1": (1, len(lost))}
        assert await opened(sqlite_house.process(), values) == values
    assert outcome.root_key_id == "k3"


async def test_what_a_server_beside_us_still_seals_under_the_old_key_is_resealed_as_well(house: House) -> None:
    process, beside = house.process(), remembering(house.process())
    values = await filled(process, owners=1)
    owner = next(iter(values)).owner
    await beside.remembered.current(owner)
    late = CredentialRef(owner, "late", None)

    async def save() -> None:
        await beside.save_as_a_server(late)

    outcome = await rotate(process, Interrupted(process.database, save, times=12))
    assert outcome.unreadable == []
    assert await process.database.read(key_rows.superseded) == []
    assert await opened(house.process(), [*values, late]) == {**values, late: "late"}


async def test_unreadable_records_of_one_owner_do_not_hide_what_another_sealed_meanwhile(house: House) -> None:
    process, beside = house.process(), remembering(house.process())
    values = await filled(process)
    first, second = sorted({ref.owner for ref in values})
    for ref in values:
        if ref.owner == first:
            await spoil(process, ref, "bytes")
    old = (await beside.remembered.current(second)).id
    late = CredentialRef(second, "late", None)

    async def save() -> None:
        await beside.save_as_a_server(late)

    await rotate(process, Interrupted(process.database, save, times=12))
    assert await opened(house.process(), [late]) == {late: "late"}
    assert old not in await process.database.read(owner_key_ids)


async def test_a_kept_answer_stays_readable_and_its_old_key_goes_when_it_is_forgotten(house: House) -> None:
    process = house.process()
    values = await filled(process, owners=1)
    caller = administrator((await process.owners.every())[0])
    old = (await process.owner_keys().current(caller.owner)).id

    async def answer() -> Answer:
        return Answer(201, b'{"key":"shown once"}')

    await process.idempotency().once(caller, "a-key", b"POST /", answer)
    outcome = await rotate(process)
    assert outcome.unreadable == []
    assert await house.process().idempotency().once(caller, "a-key", b"POST /", answer) == await answer()
    assert old in await process.database.read(owner_key_ids)
    house.clock.advance(hours=25)
    await Housekeeping(process.database, house.clock).once()
    assert old not in await process.database.read(owner_key_ids)
    assert await opened(house.process(), values) == values


async def test_keys_in_a_setting_are_rotated_by_whoever_writes_the_setting(sqlite_house: House) -> None:
    lines = [line.split() for line in sqlite_house.key_file.path.read_text(encoding="utf-8").splitlines()]
    [first] = [f"{line[0]}:{line[1]}" for line in lines if line[0] == "k1"]
    process = sqlite_house.process()
    values = await filled(process)
    before = await process.database.read(bytes_and_keys)
    process.keyring = Keyring(KeyText(first))
    with pytest.raises(ConfigurationError, match="add one with the next number"):
        await rotate(process)
    assert await process.database.read(bytes_and_keys) == before
    process.keyring = Keyring(KeyText(f"{first},k2:{'A' * 43}="))
    outcome = await rotate(process)
    assert (outcome.root_key_id, outcome.rewrapped, outcome.resealed) == ("k2", 2, len(values))
    assert await opened(process, values) == values


async def test_two_rotations_at_once_both_end_and_lose_nothing(house: House) -> None:
    """Both looked before either made a root key: each makes its own, and one overtakes the other."""
    process, other = house.process(), house.process()
    values = await filled(process)
    distant = Distant(other.database)
    distant.hold = key_rows.not_under
    second = asyncio.ensure_future(rotate(other, distant))
    await distant.reached.wait()

    async def overtake() -> None:
        distant.let_go.set()
        await second

    first = rotate(process, Interrupted(process.database, overtake, times=1))
    await asyncio.wait_for(first, PATIENCE)
    await rotate(house.process())
    assert await left_under_other_roots(house.process()) == {}
    assert await process.database.read(key_rows.superseded) == []
    assert await opened(house.process(), values) == values


@dataclass
class Busy:
    """A server that saves and deletes one owner's credentials without a pause."""

    hub: Hub
    caller: Caller
    environments: tuple[str, ...]
    last: dict[str, str | None] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    calls: int = 0

    async def work(self, stop: asyncio.Event, environment: str) -> None:
        """Save, save, delete, over and over in one environment."""
        while not stop.is_set():
            self.calls += 1
            try:
                await self._one(environment, self.calls)
            except Exception as error:  # noqa: BLE001 - no call may fail, however
                self.errors.append(error)
            await asyncio.sleep(0)

    async def _one(self, environment: str, number: int) -> None:
        if number % 5 == 4 and self.last.get(environment):
            await self.hub.credentials.remove(self.caller, "firecrawl", environment)
            self.last[environment] = None
        else:
            value = f"fc-value-number-{number}"
            fields = {"apiKey": Secret(value)}
            await self.hub.credentials.save(self.caller, "firecrawl", environment, fields, verify=False)
            self.last[environment] = value


@pytest.mark.parametrize("beside", [False, True], ids=["in the same process", "in a process beside"])
async def test_no_call_fails_and_nothing_is_lost_while_everything_is_resealed(house: House, beside: bool) -> None:  # noqa: FBT001
    environments = tuple(f"e{number}" for number in range(6))
    chosen = settings.load(data_dir=house.folder, database_url=house.url, environments=",".join(environments))
    async with AsyncExitStack() as stack:
        serving = (await stack.enter_async_context(app.running(chosen))).hub
        operator = (await stack.enter_async_context(app.running(chosen))).hub if beside else serving
        owner, _ = await serving.owners.first()
        busy, stop = Busy(serving, administrator(owner), environments), asyncio.Event()
        working = [asyncio.ensure_future(busy.work(stop, environment)) for environment in environments]
        await asyncio.sleep(0.2)
        old = (await serving.credentials.sealing.owner_keys.current(owner.id)).id
        outcome = await asyncio.wait_for(operator.rekey.run(reseal=True, progress=Watched()), PATIENCE)
        await asyncio.sleep(0.2)
        stop.set()
        await asyncio.gather(*working)
    assert busy.errors == []
    assert busy.calls > len(environments)
    assert outcome.unreadable == []
    process = house.process()
    expected = {CredentialRef(owner.id, "firecrawl", name): value for name, value in busy.last.items() if value}
    assert await opened(process, expected) == expected
    for name in environments:
        if busy.last.get(name) is None:
            gone = await process.database.read(credential_rows.secret, CredentialRef(owner.id, "firecrawl", name))
            assert gone is None
    assert old not in await process.database.read(owner_key_ids)
