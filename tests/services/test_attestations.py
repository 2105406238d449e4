# ruff: noqa: S608 - the statements are put together here, of nothing but what stands here
"""A row that decides who may do what is believed as we wrote it, and not as anybody else did; on both databases."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import Connection, LargeBinary, String

from moorings.domain.authorisation import Authorisation
from moorings.domain.bot import InstalledBot
from moorings.domain.caller import Caller, Scope
from moorings.domain.managed_bot import ManagedRequest, RequestStatus
from moorings.domain.session import Identity
from moorings.errors import RowAltered, Unauthenticated
from moorings.services.api_keys import Rotation
from moorings.services.attestations import Attestations
from moorings.store import attestations as rows
from moorings.store import authorisations, bots, events, managed_bots
from tests.services.arrivals import URL, Arrivals
from tests.services.house import START, House, Process
from tests.services.test_rekey import Ticking, prepared, rotate

pytestmark = pytest.mark.anyio

ORG = Identity("https://clerk.example.com", "org_1")
# What an intruder would wish for in a key; any other column gets another value of its type.
WISHED: Mapping[str, Any] = {"scopes": '["*"]', "environments": None, "networks": None, "expires_at": None}
SHOWN = (
    "name", "status", "account_id", "account_label", "created_at", "updated_at", "verified_at", "expires_at", "problem",
    "forward_problem", "forward_failing_since",
)  # fmt: skip
DECIDES_NOTHING = {("api_keys", "last_used_at"), *(("installations", name) for name in SHOWN)}
# Other rows point to it: a row with another one is added beside it.
POINTED_AT = {("owners", "id"), ("installations", "id")}
# The row is then that of another identity, which has never signed in.
NAMES_ANOTHER = {("identities", "issuer"), ("identities", "subject")}
COLUMNS = sorted(
    {(name, column.name) for name, table in rows.TABLES.items() for column in table.c} - DECIDES_NOTHING - POINTED_AT
)


@dataclass
class World:
    """One row of each table, and a use of it that is refused when it is not believed."""

    process: Process
    admin: Caller
    stranger: str
    elsewhere: str
    token: str
    uses: Mapping[str, Callable[[], Awaitable[object]]]

    async def row(self, name: str) -> dict[str, Any]:
        """The row that the use is about, the oldest where there are several."""
        order = "created_at, " if name in ("owners", "installations") else ""
        order += ", ".join(column.name for column in rows.TABLES[name].primary_key)
        found = await self.process.sql(f"SELECT * FROM {name} ORDER BY {order} LIMIT 1")
        return dict(found[0]._mapping)

    async def change(self, name: str, column: str) -> None:
        """Write another value into a column of it, past us."""
        row = await self.row(name)
        place = {f"of_{key.name}": row[key.name] for key in rows.TABLES[name].primary_key}
        where = " AND ".join(f"{each.removeprefix('of_')} = :{each}" for each in place)
        other = self.other(name, column, row[column])
        await self.process.sql(f"UPDATE {name} SET {column} = :other WHERE {where}", other=other, **place)

    async def add(self, name: str, row: Mapping[str, Any]) -> None:
        """Put a row of one's own."""
        places = ", ".join(f":{column}" for column in row)
        await self.process.sql(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({places})", **row)

    async def put_back(self, name: str, row: Mapping[str, Any]) -> None:
        """Let a row be what it once was."""
        changes = ", ".join(f"{column} = :{column}" for column in row)
        await self.process.sql(f"UPDATE {name} SET {changes} WHERE id = :id", **row)

    def other(self, name: str, column: str, value: Any) -> Any:
        """Another value for a column."""
        if name == "api_keys" and column in WISHED:
            return WISHED[column]
        if column == "owner":
            return self.stranger
        if column == "installation_id":
            return self.elsewhere
        kind = rows.TABLES[name].c[column].type
        if isinstance(kind, LargeBinary):
            return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:]
        return f"{value}x"[-40:] if isinstance(kind, String) else (value or 1_000) + 1

    async def altered(self) -> list[tuple[str, str]]:
        """What the operator is told of."""
        found = await Attestations(self.process.database, self.process.owners, self.process.clock).altered()
        return [(row.table, row.id) for row in found]


def head_of(connection: Connection, installation_id: str) -> str | None:
    """Where the next event of an installation goes."""
    head = events.head(connection, installation_id, "C1")
    return head.url if head else None


@pytest.fixture
async def world(anyio_backend: str, house: House) -> World:
    process = await prepared(house.process())
    admin = await process.admin()
    house.clock.advance(seconds=1)
    stranger = await process.admin()
    bound, end = frozenset({"staging"}), START.replace(year=2030)
    networks = (ip_network("10.0.0.0/8"),)
    _, token = await process.key(admin, Scope.READ, environments=bound, networks=networks, expires_at=end)
    await process.owners.link(admin.owner, ORG)
    arrivals, database = Arrivals(process), process.database
    installed = await arrivals.installation(admin.owner)
    house.clock.advance(seconds=1)
    elsewhere = await arrivals.installation(admin.owner)
    bot = InstalledBot(installed.id, admin.owner, "telegram", "7", managed=True)
    await database.write(bots.add, bot)
    request = ManagedRequest(
        "tmb_1", admin.owner, "key", RequestStatus.PENDING, "suggested_bot", "A bot", None, URL, None, START,
        START.replace(year=2030), START,
    )  # fmt: skip
    await database.write(managed_bots.add, request, process.entry(admin.owner))
    begun = Authorisation(b"h" * 32, admin.owner, "key", installed.id, URL, START.replace(year=2030))
    await database.write(authorisations.add, begun, process.entry(admin.owner))
    uses: Mapping[str, Callable[[], Awaitable[object]]] = {
        "installations": lambda: database.read(head_of, installed.id),
        "bots": lambda: database.read(bots.of, admin.owner, installed.id),
        "managed_requests": lambda: database.read(managed_bots.find, admin.owner, "tmb_1"),
        "authorisations": lambda: database.write(authorisations.take, b"h" * 32, process.clock()),
        "api_keys": lambda: process.access().caller(token),
        "identities": lambda: process.owners.of_identity(ORG),
        "owners": process.owners.first,
    }
    await arrivals.arrive(installed, "Hello")
    return World(process, admin, stranger.owner, elsewhere.id, token, uses)


async def test_what_we_wrote_is_believed(world: World) -> None:
    assert await world.altered() == []
    for name, use in world.uses.items():
        assert await use(), name


@pytest.mark.parametrize(("name", "column"), COLUMNS)
async def test_a_row_with_any_column_changed_is_refused(world: World, name: str, column: str) -> None:
    await world.change(name, column)
    assert [table for table, _ in await world.altered()] == [name]
    if (name, column) not in NAMES_ANOTHER:
        with suppress(RowAltered, Unauthenticated):
            assert not await world.uses[name]()


@pytest.mark.parametrize(("name", "column"), sorted(DECIDES_NOTHING - {("installations", "forward_problem")}))
async def test_a_column_that_decides_nothing_may_change(world: World, name: str, column: str) -> None:
    await world.change(name, column)
    assert await world.altered() == []
    assert await world.uses[name]()


async def test_a_key_that_an_intruder_has_made_is_nobody_s(world: World) -> None:
    _, token = await world.process.key(world.admin)
    row = await world.row("api_keys")
    [fresh] = await world.process.sql("SELECT hash FROM api_keys WHERE scopes = '[\"*\"]'")
    await world.process.sql("DELETE FROM api_keys WHERE scopes = '[\"*\"]'")
    await world.add("api_keys", {**row, "id": "key_mine", "hash": fresh.hash, "scopes": '["*"]'})
    with pytest.raises(Unauthenticated):
        await world.process.access().caller(token)
    assert await world.altered() == [("api_keys", "key_mine")]


async def test_an_owner_that_an_intruder_has_put_first_is_not_the_first(world: World) -> None:
    row = await world.row("owners")
    await world.add("owners", {**row, "id": "org_mine", "name": "mine", "created_at": 0})
    with pytest.raises(RowAltered, match="The row org_mine of owners"):
        await world.process.owners.first()


async def test_an_identity_that_was_made_for_another_owner_is_refused(world: World) -> None:
    row = await world.row("identities")
    await world.add("identities", {**row, "subject": "org_2", "owner": world.admin.owner})
    with pytest.raises(RowAltered, match="identities"):
        await world.process.owners.of_identity(Identity(ORG.issuer, "org_2"))


async def test_the_operator_hears_of_a_refused_key_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    key = await world.row("api_keys")
    await world.change("api_keys", "scopes")
    access = world.process.access()
    with caplog.at_level(logging.ERROR, "moorings"):
        for _ in range(3):
            with pytest.raises(Unauthenticated) as caught:
                await access.caller(world.token)
    assert "unknown, revoked or expired" in caught.value.message, "the same as for every other key that is not good"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    told = await world.process.sql("SELECT owner, actor, subject, outcome FROM audit WHERE kind = 'row.refused'")
    assert [tuple(row) for row in told] == [(world.admin.owner, "moorings", key["id"], "ROW_ALTERED")]


async def test_a_revoked_key_put_back_as_it_was_stays_revoked(world: World) -> None:
    before = await world.row("api_keys")
    await world.process.api_keys.revoke(world.admin, before["id"])
    await world.put_back("api_keys", before)
    with pytest.raises(Unauthenticated):
        await world.uses["api_keys"]()
    await world.process.sql("DELETE FROM audit WHERE kind = 'key.revoked'")
    [report] = await world.process.trail.verify(world.admin.owner)
    assert report.problem, "whoever removes the entry as well is found out by the verifier"


async def test_a_revocation_that_was_struck_out_alone_is_refused(world: World) -> None:
    key = await world.row("api_keys")
    await world.process.api_keys.revoke(world.admin, key["id"])
    await world.process.sql("UPDATE api_keys SET revoked_at = NULL")
    with pytest.raises(Unauthenticated):
        await world.uses["api_keys"]()
    assert await world.altered() == [("api_keys", key["id"])]


async def test_an_altered_key_hands_its_bounds_to_no_successor(world: World) -> None:
    key = await world.row("api_keys")
    await world.change("api_keys", "scopes")
    with pytest.raises(RowAltered):
        await world.process.api_keys.rotate(world.admin, key["id"], Rotation(timedelta(hours=1)))
    assert await world.altered() == [("api_keys", key["id"])]


async def test_a_rotated_key_ends_when_it_was_told_to_and_its_row_says_so(world: World) -> None:
    key = await world.row("api_keys")
    await world.process.api_keys.rotate(world.admin, key["id"], Rotation(timedelta(hours=1)))
    assert await world.altered() == []
    await world.process.sql("UPDATE api_keys SET expires_at = expires_at + 1 WHERE id = :id", id=key["id"])
    with pytest.raises(Unauthenticated):
        await world.uses["api_keys"]()


@pytest.mark.parametrize("reseal", [False, True], ids=["rotate", "reseal"])
async def test_a_new_root_key_vouches_for_every_row_and_for_no_altered_one(world: World, *, reseal: bool) -> None:
    world.process.clock = Ticking()
    await world.change("identities", "owner")
    outcome = await rotate(world.process, reseal=reseal)
    assert [note for note in outcome.unreadable if "identities" in note] == outcome.unreadable != []
    assert [table for table, _ in await world.altered()] == ["identities"]
    for name in set(rows.TABLES) - {"identities"}:
        found = await world.process.sql(f"SELECT DISTINCT attested_by FROM {name}")
        assert [row.attested_by for row in found] == ["k2"]
    assert await world.uses["api_keys"]()


async def test_a_process_that_knew_only_the_older_root_key_writes_rows_under_the_new_one(
    house: House, world: World
) -> None:
    beside = house.process()
    assert beside.keyring.ids == ["k1"]
    house.clock = world.process.clock = Ticking()
    await rotate(world.process, reseal=False)
    key, _ = await beside.key(world.admin)
    found = await beside.sql("SELECT attested_by FROM api_keys WHERE id = :id", id=key.id)
    assert [row.attested_by for row in found] == ["k2"]


async def test_what_the_operator_attests_counts_as_it_stands(world: World) -> None:
    await world.change("api_keys", "scopes")
    await world.process.sql("UPDATE owners SET attested_by = NULL, attestation = NULL")
    attestations = Attestations(world.process.database, world.process.owners, world.process.clock)
    assert await attestations.attest() == 3, "a key and two owners"
    assert await world.altered() == []
    caller = await world.process.access().caller(world.token)
    assert caller.scopes == {Scope.ALL}
    [told] = await world.process.sql("SELECT actor, outcome, subject FROM audit WHERE kind = 'rows.attested'")
    assert tuple(told) == ("operator", "ok", "3 rows")


async def test_without_its_root_key_no_row_is_believed(house: House, world: World) -> None:
    kept = house.key_file.path.read_text(encoding="utf-8")
    house.key_file.path.write_text(kept.replace("k1 ", "k2 "), encoding="utf-8")
    found = await Attestations(house.process().database, world.process.owners, world.process.clock).altered()
    assert {row.table for row in found} == set(rows.TABLES)


@pytest.mark.parametrize("name", sorted(rows.TABLES))
def test_an_attestation_covers_every_column_but_those_that_decide_nothing(name: str) -> None:
    free = {column for table, column in DECIDES_NOTHING if table == name}
    assert set(rows.COVERED[name]) == {column.name for column in rows.TABLES[name].c} - {*rows.BEARING} - free
