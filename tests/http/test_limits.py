"""What a call leaves of its quota stands in its headers; too many calls are 429 and say when to come again."""

from pathlib import Path

import pytest

from tests.http.judge import CANARY, Judge, problem
from tests.http.world import World, living, new_key, save

pytestmark = pytest.mark.anyio

LIMITED = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy")


async def test_every_limited_call_tells_what_is_left(world: World) -> None:
    client = world.client()
    for answer in (
        await client.get("/v1/integrations/tools"), await client.get("/v1/nowhere"),
        await client.delete("/v1/api-keys"),
        await client.post("/v1/integrations", json={}), await save(client, "nowhere"),
        await client.post("/v1/api-keys", json={"name": "x", "scopes": ["*"]}, headers={"Idempotency-Key": "again"}),
        await client.post("/v1/api-keys", json={"name": "x", "scopes": ["*"]}, headers={"Idempotency-Key": "again"}),
    ):  # fmt: skip
        told = [answer.headers[name] for name in LIMITED]
        assert told[0] == "60000"
        assert 0 <= int(told[1]) < 60_000
        assert told[3] == "60000;w=60"


@pytest.mark.parametrize("path", ["/v1/health", "/openapi.json", "/nowhere"])
async def test_what_wants_no_key_has_no_quota(world: World, path: str) -> None:
    answer = await world.client(None).get(path)
    assert not any(name in answer.headers for name in LIMITED)


async def test_too_many_calls_are_429_and_other_keys_go_on(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge, rate_limit_key=4) as world:
        made = await new_key(world.client(), "INTEGRATIONS:READ")
        client = world.client(made["key"])
        for left in (3, 2, 1, 0):
            answer = await client.get("/v1/integrations/tools")
            assert (answer.status_code, answer.headers["ratelimit-remaining"]) == (200, str(left))
        answer = await client.get("/v1/integrations/tools")
        assert (answer.status_code, problem(answer)["code"]) == (429, "RATE_LIMITED")
        assert answer.headers["retry-after"] == "15"
        assert (await world.client().get("/v1/integrations/tools")).status_code == 200


async def test_a_guesser_is_stopped_and_a_good_key_from_the_same_address_is_not(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge, rate_limit_guesses=2) as world:
        guesser = world.client(f"mrg_{CANARY}")
        codes = [(await guesser.get("/v1/integrations/tools")).status_code for _ in range(3)]
        assert codes == [401, 401, 429]
        assert (await world.client().get("/v1/integrations/tools")).status_code == 200
        elsewhere = world.client(f"mrg_{CANARY}", address="203.0.113.9")
        assert (await elsewhere.get("/v1/integrations/tools")).status_code == 401


async def test_a_key_from_where_it_may_not_be_used_is_a_wrong_one_there_and_stays_good_elsewhere(
    data_dir: Path, judge: Judge
) -> None:
    async with living(data_dir, judge, rate_limit_guesses=3, rate_limit_key=10) as world:
        made = await new_key(world.client(), "INTEGRATIONS:READ", networks=["203.0.113.0/24"])
        thief, rightful = world.client(made["key"]), world.client(made["key"], address="203.0.113.9")
        codes = [(await thief.get("/v1/integrations/tools")).status_code for _ in range(5)]
        assert codes == [403, 403, 403, 429, 429]
        assert len(world.rows("SELECT 1 FROM audit WHERE kind = 'call.denied'")) == 1
        answer = await rightful.get("/v1/integrations/tools")
        assert (answer.status_code, answer.headers["ratelimit-remaining"]) == (200, "9")


async def test_refusals_of_one_key_do_not_fill_the_audit(data_dir: Path, judge: Judge) -> None:
    async with living(data_dir, judge) as world:
        narrow = world.client((await new_key(world.client(), "INTEGRATIONS:READ"))["key"])
        codes = {(await narrow.get("/v1/api-keys")).status_code for _ in range(30)}
        assert codes == {403}
        assert len(world.rows("SELECT 1 FROM audit WHERE kind = 'call.denied'")) <= 2
