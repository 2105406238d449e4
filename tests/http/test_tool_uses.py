"""A tool and the audit: what may change something is written down before it is sent, and how it ended after."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.http.judge import problem
from tests.http.world import Answer, Client, World, harbour_key, saved

pytestmark = pytest.mark.anyio

TOOLS = "/v1/integrations/harbour/tools"
LIST, MOOR = f"{TOOLS}/list_ships/execute", f"{TOOLS}/moor_ship/execute"
FULL = "CREATE TEMP TRIGGER full BEFORE INSERT ON main.audit {when} BEGIN SELECT RAISE(FAIL, 'full'); END"
EVERYTHING, THE_END = "", "WHEN NEW.kind = 'tool.executed'"


@contextmanager
def refusing(world: World, when: str) -> Iterator[None]:
    """The server's own writer gets no entry into the audit, or not those of one kind."""
    raw = world.hub.credentials.database._writer.connection.driver_connection  # type: ignore[attr-defined]
    raw.execute(FULL.format(when=when))
    yield
    raw.execute("DROP TRIGGER full")


async def run(client: Client, path: str = MOOR, **headers: str) -> Answer:
    parameters = {"ship": "Anna"} if path == MOOR else {}
    return await client.post(path, json={"parameters": parameters}, headers=headers)


def entries(world: World) -> list[tuple[str, str]]:
    """The audit of tools, the newest last."""
    return [
        tuple(row) for row in world.rows("SELECT kind, outcome FROM audit WHERE kind LIKE 'tool.%' ORDER BY sequence")
    ]


def asked(world: World) -> int:
    return len(world.provider.calls)


async def test_what_may_change_something_is_not_sent_where_the_audit_cannot_take_it(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    with refusing(alone, EVERYTHING):
        answer = await run(admin)
        assert answer.status_code == 500
        assert problem(answer)["code"].startswith("STORE_")
        assert "nothing was changed" in problem(answer)["error"]
        assert asked(alone) == 0
    assert (await run(admin)).json()["success"]


async def test_where_only_the_end_cannot_be_written_down_the_answer_says_that_it_was_done(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    with refusing(alone, THE_END):
        answer = await run(admin)
    assert (answer.status_code, problem(answer)["code"]) == (500, "USE_NOT_RECORDED")
    assert "has done this" in problem(answer)["error"]
    assert "nothing was changed" not in answer.text
    assert asked(alone) == 1
    assert entries(alone) == [("tool.begun", "ok")]


@pytest.mark.parametrize(("word", "told"), [("refused", "no longer accepts"), ("broken", "gave no answer that counts")])
async def test_it_says_what_came_of_it(alone: World, word: str, told: str) -> None:
    admin = alone.client()
    await saved(admin, key=harbour_key(word))
    with refusing(alone, THE_END):
        answer = await run(admin)
    assert problem(answer)["code"] == "USE_NOT_RECORDED"
    assert told in problem(answer)["error"]


async def test_under_an_idempotency_key_it_is_not_run_again(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    with refusing(alone, THE_END):
        await run(admin, **{"Idempotency-Key": "once"})
    again = await run(admin, **{"Idempotency-Key": "once"})
    assert (again.status_code, problem(again)["code"]) == (409, "IDEMPOTENCY_ANSWER_NOT_KEPT")
    assert asked(alone) == 1


async def test_what_only_reads_is_written_down_once_and_may_be_run_again(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    with refusing(alone, THE_END):
        answer = await run(admin, LIST)
    assert problem(answer)["code"] == "USE_NOT_RECORDED"
    assert "it may be run again" in problem(answer)["error"]
    assert (await run(admin, LIST)).json()["success"]
    assert entries(alone) == [("tool.executed", "ok")]


async def test_a_change_is_begun_and_ended_by_the_same_request(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    answer = await run(admin)
    kinds = alone.rows("SELECT kind, request_id FROM audit WHERE kind LIKE 'tool.%' ORDER BY sequence")
    request = answer.headers["x-request-id"]
    assert [tuple(row) for row in kinds] == [("tool.begun", request), ("tool.executed", request)]


async def test_what_cannot_be_sent_is_written_down_as_such(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    parameters = {"ship": "..", "depth": 1}
    answer = await admin.post(f"{TOOLS}/sink_ship/execute", json={"parameters": parameters})
    assert answer.status_code == 400
    assert entries(alone) == [("tool.begun", "ok"), ("tool.executed", "not sent")]


async def test_whoever_hangs_up_leaves_an_end_too(alone: World) -> None:
    admin = alone.client()
    await saved(admin, key=harbour_key("slow"))
    calling = asyncio.create_task(run(admin))
    await alone.provider.called.wait()
    calling.cancel()
    await asyncio.wait({calling})
    assert calling.cancelled()
    assert entries(alone) == [("tool.begun", "ok"), ("tool.executed", "cancelled")]


async def test_a_defect_of_ours_leaves_no_beginning_without_an_end(
    alone: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = alone.client()
    await saved(admin)
    runner = alone.hub.execution.providers["harbour"].runner

    async def broken(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(runner, "run", broken)
    assert (await run(admin)).status_code == 500
    assert entries(alone)[-2:] == [("tool.begun", "ok"), ("tool.executed", "failed")]
