"""A database that is full, held or damaged beneath a running server: a clear error, and the server goes on."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from moorings import app, settings
from moorings.errors import StoreCorrupt
from tests.http.judge import Judge, problem
from tests.http.world import ADMIN_KEY, DATABASE, Answer, World, living, reserve, save, saved, status

pytestmark = pytest.mark.anyio

PAGE = 4096


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Another program has the database's one write lock."""
    with closing(sqlite3.connect(data_dir / DATABASE, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def full(world: World) -> Iterator[None]:
    """SQLite may not take one page more, as on a full disk."""
    # The limit belongs to a connection; the writer's own is the only one whose file may not grow.
    raw = world.hub.credentials.database._writer.connection.driver_connection  # type: ignore[attr-defined]
    [count] = raw.execute("PRAGMA page_count").fetchone()
    raw.execute(f"PRAGMA max_page_count = {count}")
    yield
    raw.execute("PRAGMA max_page_count = 1000000000")


def damaged(data_dir: Path, table: str) -> None:
    """Overwrite every page of a table with nonsense."""
    with closing(sqlite3.connect(data_dir / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    with (data_dir / DATABASE).open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE)


async def test_a_held_database_refuses_changes_clearly_and_answers_reads_meanwhile(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    with held(alone.data_dir):
        started = time.monotonic()
        waiting = [asyncio.create_task(save(admin, environment="staging")) for _ in range(6)]
        waiting.append(asyncio.create_task(admin.delete("/v1/integrations/harbour/credentials")))
        await asyncio.sleep(0.1)
        assert (await status(admin))["configured"] is True
        assert (await admin.get("/v1/health")).status_code == 200
        assert time.monotonic() - started < 1, "a waiting write holds reads back"
        answers = await asyncio.gather(*waiting)
        took = time.monotonic() - started
    for answer in answers:
        assert (answer.status_code, problem(answer)["code"]) == (500, "STORE_BUSY")
    assert took < 13, "each waiting write waits out the full time again, one after the other"
    assert (await status(admin))["environments"] == [None]
    await saved(admin, environment="staging")
    assert (await status(admin))["environments"] == [None, "staging"]


async def test_a_short_hold_is_waited_out(alone: World) -> None:
    admin = alone.client()
    with held(alone.data_dir):
        task = asyncio.create_task(save(admin))
        await asyncio.sleep(0.3)
        assert not task.done()
    assert (await task).status_code == 200


async def test_a_full_disk_refuses_changes_clearly_and_answers_reads(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    with full(alone):
        answers = [await reserve_large(alone) for _ in range(40)]
        refused = [answer for answer in answers if answer.status_code == 500]
        assert refused
        assert {problem(answer)["code"] for answer in refused} == {"STORE_FULL"}
        assert (await status(admin))["configured"] is True
        assert (await admin.get("/v1/integrations")).status_code == 200
    assert (await admin.get("/v1/integrations/harbour")).status_code == 200
    await reserve(admin)


async def reserve_large(world: World) -> Answer:
    body = {"type": "harbour", "name": "x" * 150, "forwardUrl": f"https://example.com/{'y' * 500}"}
    return await world.client().post("/v1/integrations", json=body)


async def test_a_damaged_table_is_told_clearly_and_the_rest_goes_on(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge) as world:
        await saved(world.client())
    damaged(data_dir, "credentials")
    async with living(data_dir, judge) as world:
        admin = world.client()
        for answer in (
            await admin.get("/v1/integrations/credentials/status"),
            await admin.get("/v1/integrations"),
            await save(admin),
        ):
            assert (answer.status_code, problem(answer)["code"]) == (500, "STORE_CORRUPT")
        assert (await admin.get("/v1/health")).status_code == 200
        assert (await admin.get("/v1/integrations/harbour/tools")).status_code == 200
        assert (await admin.get("/v1/api-keys")).status_code == 200
        await reserve(admin)


async def test_a_damaged_audit_stops_changes_and_not_reads(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge) as world:
        await saved(world.client())
    damaged(data_dir, "audit")
    async with living(data_dir, judge) as world:
        answer = await save(world.client(), environment="staging")
        assert (answer.status_code, problem(answer)["code"]) == (500, "STORE_CORRUPT")
        assert (await status(world.client()))["environments"] == [None]


async def test_a_file_that_is_no_database_stops_the_start_with_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"this is no database at all, only some text\n" * 500)
    with pytest.raises(StoreCorrupt, match="damaged"):
        async with app.running(settings.load(data_dir=tmp_path, admin_key=ADMIN_KEY)):
            pass


async def test_a_file_cut_short_beneath_the_server_is_no_reason_to_end(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge) as world:
        await saved(world.client())
    with (data_dir / DATABASE).open("r+b") as file:
        file.truncate(PAGE * 3)
    try:
        async with living(data_dir, judge) as world:
            for answer in (await world.client().get("/v1/integrations"), await save(world.client())):
                assert answer.status_code == 500
                assert problem(answer)["code"].startswith("STORE_")
    except StoreCorrupt:
        pass  # a start that says so is as clear


async def test_a_refusal_stands_when_it_cannot_be_written_down(alone: World) -> None:
    made = (await alone.client().post("/v1/api-keys", json={"name": "x", "scopes": ["INTEGRATIONS:READ"]})).json()
    with full(alone):
        for _ in range(40):
            answer = await alone.client(made["key"]).delete("/v1/integrations/harbour/credentials")
            assert (answer.status_code, problem(answer)["code"]) == (403, "MISSING_SCOPE")
