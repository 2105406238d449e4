"""An idempotency key: the same call again gives the same answer, and happens once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.http.judge import Judge, problem
from tests.http.world import Answer, Client, World, files, harbour_key, living, new_key, status

pytestmark = pytest.mark.anyio

SAVE = "/v1/integrations/harbour/credentials"
RESERVE = {"type": "harbour"}
KEY = {"name": "once", "scopes": ["INTEGRATIONS:READ"]}


async def post(client: Client, path: str, body: Any, key: str = "first-try") -> Answer:
    return await client.post(path, json=body, headers={"Idempotency-Key": key})


async def installations(client: Client) -> list[Any]:
    found: list[Any] = (await client.get("/v1/integrations/harbour")).json()["installations"]
    return found


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/integrations", RESERVE),
        (SAVE, {"credentials": {"apiKey": harbour_key()}, "verify": True}),
        ("/v1/api-keys", KEY),
    ],
)
async def test_the_same_key_and_body_give_the_same_answer_again(admin: Client, path: str, body: Any) -> None:
    first, second = await post(admin, path, body), await post(admin, path, body)
    assert first.status_code in (200, 201)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_a_repeated_call_happens_once(world: World, admin: Client) -> None:
    for _ in range(3):
        await post(admin, "/v1/integrations", RESERVE)
        await post(admin, "/v1/api-keys", KEY, "another")
    assert len(await installations(admin)) == 1
    assert (await admin.get("/v1/api-keys")).json()["total"] == 2  # the administrator's own, and the one made
    asked = len(world.provider.calls)
    body = {"credentials": {"apiKey": harbour_key()}, "verify": True}
    await post(admin, SAVE, body, "a-third")
    await post(admin, SAVE, body, "a-third")
    assert len(world.provider.calls) == asked + 1


async def test_without_a_key_every_call_happens(admin: Client) -> None:
    for _ in range(2):
        await admin.post("/v1/integrations", json=RESERVE)
    assert len(await installations(admin)) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/integrations", {"type": "beacon"}),
        ("/v1/integrations", {**RESERVE, "name": "Other"}),
        (SAVE, {"credentials": {"apiKey": harbour_key()}, "verify": False}),
        ("/v1/api-keys", KEY),
    ],
)
async def test_another_call_under_the_key_is_409(admin: Client, path: str, body: Any) -> None:
    assert (await post(admin, "/v1/integrations", RESERVE)).status_code == 201
    answer = await post(admin, path, body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert (await status(admin))["configured"] is False


async def test_a_failed_call_leaves_its_key_free(admin: Client) -> None:
    for word in ("refused", "down"):
        body = {"credentials": {"apiKey": harbour_key(word)}}
        assert (await post(admin, SAVE, body)).status_code in (400, 502)
    assert (await post(admin, SAVE, {"credentials": {"apiKey": harbour_key()}})).status_code == 200


async def test_an_invalid_call_leaves_its_key_free(admin: Client) -> None:
    assert (await post(admin, "/v1/integrations", {"type": "nowhere"})).status_code == 400
    assert (await post(admin, "/v1/integrations", {})).status_code == 400
    assert (await post(admin, "/v1/integrations", RESERVE)).status_code == 201


async def test_calls_at_the_same_time_happen_once(admin: Client) -> None:
    answers = await asyncio.gather(*(post(admin, "/v1/integrations", RESERVE) for _ in range(12)))
    good = [answer for answer in answers if answer.status_code == 201]
    assert good
    assert len({answer.content for answer in good}) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {problem(answer)["code"] for answer in answers if answer.status_code == 409} <= {"IDEMPOTENCY_KEY_BUSY"}
    assert len(await installations(admin)) == 1


async def test_a_slow_call_is_busy_meanwhile_and_free_after_its_failure(admin: Client) -> None:
    body = {"credentials": {"apiKey": harbour_key("slow")}}
    first = asyncio.create_task(post(admin, SAVE, body))
    await asyncio.sleep(0.1)
    second = await post(admin, SAVE, body)
    assert (second.status_code, problem(second)["code"]) == (409, "IDEMPOTENCY_KEY_BUSY")
    assert (await first).status_code == 504
    third = await post(admin, SAVE, {"credentials": {"apiKey": harbour_key()}})
    assert third.status_code == 200


async def test_keys_of_different_owners_are_different_keys(world: World, admin: Client) -> None:
    other = await world.owner()
    first, second = await post(admin, "/v1/integrations", RESERVE), await post(other, "/v1/integrations", RESERVE)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_a_repeated_answer_is_given_to_nobody_who_may_not_make_the_call(world: World, admin: Client) -> None:
    made = await post(admin, "/v1/api-keys", {"name": "strong", "scopes": ["*"]})
    assert made.status_code == 201
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    answer = await post(reader, "/v1/api-keys", {"name": "strong", "scopes": ["*"]})
    assert made.json()["key"] not in answer.text
    assert answer.status_code in (403, 409)


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "ümlaut".encode()])
async def test_a_key_that_is_no_key_is_400(admin: Client, key: str | bytes) -> None:
    pair = [(b"idempotency-key", key if isinstance(key, bytes) else key.encode())]
    answer = await admin.post("/v1/integrations", json=RESERVE, headers=pair)
    assert answer.status_code == 400
    assert problem(answer)
    assert await installations(admin) == []


@pytest.mark.parametrize("path", ["/v1/integrations/tools", "/v1/nowhere", "/v1/integrations", "/v1/api-keys", SAVE])
async def test_a_key_changes_nothing_of_an_error(admin: Client, path: str) -> None:
    with_key, without = await post(admin, path, {"nonsense": 1}), await admin.post(path, json={"nonsense": 1})
    assert with_key.status_code == without.status_code
    kept = [{**answer.json(), "requestId": None} for answer in (with_key, without)]
    assert kept[0] == kept[1]
    assert with_key.headers.get("allow") == without.headers.get("allow")


@asynccontextmanager
async def a_server(data_dir: Path, judge: Judge) -> AsyncIterator[tuple[World, Client]]:
    async with living(data_dir, judge) as world:
        yield world, world.client()


async def test_the_answer_is_kept_across_a_restart(data_dir: Path, judge: Judge) -> None:
    async with a_server(data_dir, judge) as (_, admin):
        first = await post(admin, "/v1/api-keys", KEY)
    async with a_server(data_dir, judge) as (_, admin):
        second = await post(admin, "/v1/api-keys", KEY)
        assert (await admin.get("/v1/api-keys")).json()["total"] == 1
    assert first.content == second.content


async def test_the_kept_answer_is_sealed(data_dir: Path, judge: Judge) -> None:
    async with a_server(data_dir, judge) as (_, admin):
        made = (await post(admin, "/v1/api-keys", KEY)).json()
        during = b"".join(files(data_dir).values())
    after = b"".join(files(data_dir).values())
    for found in (during, after):
        assert made["id"].encode() in found, "the search finds nothing at all"
        assert made["key"].encode() not in found
        assert made["key"][4:-4].encode() not in found


async def test_after_a_day_the_key_is_free(alone: World) -> None:
    admin = alone.client()
    await post(admin, "/v1/integrations", RESERVE)
    alone.change("UPDATE idempotency SET created_at = created_at - 86400001, expires_at = expires_at - 86400001")
    assert (await post(admin, "/v1/integrations", {**RESERVE, "name": "Tomorrow"})).status_code == 201
    assert len(await installations(admin)) == 2


async def test_within_a_day_it_is_not(alone: World) -> None:
    admin = alone.client()
    await post(admin, "/v1/integrations", RESERVE)
    almost = 86_400_000 - 120_000
    alone.change("UPDATE idempotency SET created_at = created_at - ?, expires_at = expires_at - ?", almost, almost)
    assert (await post(admin, "/v1/integrations", {**RESERVE, "name": "Later"})).status_code == 409


async def test_a_deletion_takes_no_idempotency_key(admin: Client) -> None:
    body = {"credentials": {"apiKey": harbour_key()}, "verify": False}
    for expected in (200, 404):
        if expected == 200:
            await admin.post(SAVE, json=body)
        answer = await admin.delete(SAVE, headers={"Idempotency-Key": "gone"})
        assert answer.status_code == expected
