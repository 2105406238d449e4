"""Running a tool: the secret is used and never handed out."""

import asyncio
from typing import Any

import pytest

from tests.http.judge import CANARY, problem
from tests.http.world import Answer, Client, World, harbour_key, new_key, reserve, saved, status

pytestmark = pytest.mark.anyio

MOOR = "/v1/integrations/harbour/tools/moor_ship/execute"
SINK = "/v1/integrations/harbour/tools/sink_ship/execute"
LIST = "/v1/integrations/harbour/tools/list_ships/execute"
EXECUTED = {
    "success", "result", "isError", "durationMs", "environment", "source", "truncated", "retryAfter", "hint",
}  # fmt: skip
ACCOUNT = {"id": "acct_7", "name": "Harbour Ltd"}


async def moor(client: Client, environment: str | None = None, path: str = MOOR, **headers: str) -> Answer:
    body = {"environment": environment, "parameters": {"ship": "Anna"}}
    return await client.post(path, json=body, headers=headers)


async def moored(client: Client, environment: str | None = None, path: str = MOOR) -> Any:
    answer = await moor(client, environment, path)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == EXECUTED
    return answer.json()


def audit(world: World) -> list[tuple[str, str | None, str]]:
    """Every use of a secret, the newest last."""
    statement = "SELECT subject, environment, outcome FROM audit WHERE kind = 'tool.executed' ORDER BY at, sequence"
    return [tuple(row) for row in world.rows(statement)]


async def test_a_tool_runs_with_the_credentials_of_the_environment(world: World, admin: Client) -> None:
    everywhere, production = harbour_key(), harbour_key()
    await saved(admin, key=everywhere)
    await saved(admin, key=production, environment="production")
    found = await moored(admin, "production")
    assert (found["success"], found["isError"], found["result"]) == (True, False, ACCOUNT)
    assert (found["environment"], found["source"], found["hint"]) == ("production", "environment", None)
    assert production in world.provider.calls[-1]
    assert world.provider.calls[-1].startswith("POST /ships ")
    found = await moored(admin, "staging")
    assert (found["environment"], found["source"]) == ("staging", "all")
    assert everywhere in world.provider.calls[-1]
    assert (await moored(admin))["source"] == "all"


async def test_a_tool_goes_by_either_name(admin: Client) -> None:
    await saved(admin)
    full = "/v1/integrations/harbour/tools/harbour_moor_ship/execute"
    assert (await moored(admin, path=full))["success"]


async def test_without_credentials_a_hint_says_what_is_missing_and_where(world: World, admin: Client) -> None:
    before = len(world.provider.calls)
    found = await moored(admin, "production")
    assert (found["success"], found["isError"], found["result"], found["source"]) == (False, True, None, None)
    hint = found["hint"]
    assert (hint["code"], hint["integrationId"], hint["environment"]) == (
        "CREDENTIALS_MISSING",
        "harbour",
        "production",
    )
    assert hint["url"].endswith("/connect/harbour?environment=production")
    assert hint["url"] in hint["message"]
    field = {"name": "apiKey", "label": "API key", "helpUrl": "https://harbour.example/keys"}
    assert hint["missing"] == [field]
    assert len(world.provider.calls) == before


async def test_an_entry_of_another_environment_does_not_answer(admin: Client) -> None:
    await saved(admin, environment="staging")
    assert (await moored(admin, "production"))["hint"]["code"] == "CREDENTIALS_MISSING"
    assert (await moored(admin))["hint"]["code"] == "CREDENTIALS_MISSING"


async def test_an_installation_of_another_environment_says_which_one_is_its_own(admin: Client) -> None:
    installation = (await reserve(admin, environment="production"))["id"]
    path = MOOR.replace("harbour", installation, 1)
    assert "is for production: name that" in (await moored(admin, path=path))["hint"]["message"]
    assert "is for" not in (await moored(admin, "production", path))["hint"]["message"]


async def test_an_installation_answers_for_itself_alone(world: World, admin: Client) -> None:
    await saved(admin)
    installation = (await reserve(admin))["id"]
    path = MOOR.replace("harbour", installation, 1)
    hint = (await moored(admin, path=path))["hint"]
    assert hint["integrationId"] == installation
    assert hint["url"].endswith(f"/connect/harbour?installation={installation}")
    own = harbour_key()
    await saved(admin, installation, own)
    assert (await moored(admin, path=path))["success"]
    assert own in world.provider.calls[-1]


@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ({}, {"parameters"}),
        ({"ship": "Anna", "depth": "deep"}, {"parameters.depth"}),
        ({"ship": "Anna", "depth": 0}, {"parameters.depth"}),
        ({"ship": "A", "depth": 1.5}, {"parameters.ship", "parameters.depth"}),
        ({"ship": "Anna", "depth": 1, "speed": 3}, {"parameters.speed"}),
        ({"ship": "Anna", "depth": 1, CANARY + "7": 3}, {"parameters"}),
        ({"ship": "Anna", "depth": 1, "crew": ["Bo", 7, None]}, {"parameters.crew.1", "parameters.crew.2"}),
        ({"ship": None, "depth": None}, {"parameters.ship", "parameters.depth"}),
    ],
)
async def test_every_problem_of_the_parameters_is_listed(
    world: World, admin: Client, parameters: dict[str, Any], fields: set[str]
) -> None:
    await saved(admin)
    before = len(world.provider.calls)
    answer = await admin.post(SINK, json={"parameters": parameters})
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_PARAMETERS")
    assert {detail["field"] for detail in problem(answer)["details"]} == fields
    assert len(world.provider.calls) == before


async def test_no_value_of_the_parameters_is_said_again(admin: Client) -> None:
    await saved(admin)
    wrong = {"ship": 7, "depth": CANARY, "crew": {CANARY: [CANARY]}, CANARY: CANARY}
    answer = await admin.post(SINK, json={"parameters": wrong})
    assert answer.status_code == 400
    assert CANARY not in answer.text


async def test_many_problems_are_told_in_part(admin: Client) -> None:
    answer = await admin.post(SINK, json={"parameters": {"ship": "Anna", "depth": 1, "crew": [7] * 500}})
    details = problem(answer)["details"]
    assert len(details) == 21
    assert details[-1]["message"] == "There are 480 more problems."


async def test_what_is_nested_too_deep_is_refused(admin: Client) -> None:
    deep: Any = "Anna"
    for _ in range(100):
        deep = [deep]
    answer = await admin.post(SINK, json={"parameters": {"ship": "Anna", "depth": 1, "crew": deep}})
    assert "64 levels" in problem(answer)["details"][0]["message"]


@pytest.mark.parametrize("ship", ["../../admin", "a\r\nX-Evil: 1", "@evil.example", "a?b=c#d", "%2e%2e", "//evil"])
async def test_a_value_stays_in_its_place(world: World, admin: Client, ship: str) -> None:
    await saved(admin)
    answer = await admin.post(SINK, json={"parameters": {"ship": ship, "depth": 1}})
    assert answer.status_code == 200
    head = world.provider.calls[-1]
    assert head.startswith("DELETE /ships/")
    assert head.split(" ")[1].count("/") == 2
    assert head.split(" ")[1].endswith("?depth=1")
    assert "X-Evil: 1" not in head


async def test_the_dots_of_a_folder_are_refused_as_a_whole_segment(admin: Client) -> None:
    await saved(admin)
    answer = await admin.post(SINK, json={"parameters": {"ship": "..", "depth": 1}})
    assert (answer.status_code, problem(answer)["code"]) == (400, "INVALID_REQUEST")


async def test_a_refusal_is_a_result_in_the_providers_own_words(admin: Client) -> None:
    await saved(admin, key=harbour_key("fenced"))
    found = await moored(admin)
    assert (found["success"], found["isError"]) == (False, True)
    assert found["result"] == {"status": 401, "answer": {"error": "not this berth"}}
    assert found["hint"] is None


async def test_one_refused_call_does_not_make_good_credentials_invalid(world: World, admin: Client) -> None:
    await saved(admin, key=harbour_key("fenced"))
    await moored(admin)
    assert world.provider.calls[-1].startswith("GET /me "), "the provider was asked to prove them"
    assert (await status(admin))["status"] == "unverified"


async def test_dead_credentials_turn_their_status_and_come_with_a_hint(world: World, admin: Client) -> None:
    await saved(admin, key=harbour_key("refused"))
    found = await moored(admin)
    assert found["hint"]["code"] == "CREDENTIALS_REJECTED"
    assert (await status(admin))["status"] == "invalid"
    before = len(world.provider.calls)
    await moored(admin)
    assert len(world.provider.calls) == before + 1, "what is known to be dead is not proven again"


async def test_credentials_that_work_again_are_valid_again(world: World, admin: Client) -> None:
    await saved(admin)
    world.change("UPDATE credentials SET status = 'invalid' WHERE integration_id = 'harbour'")
    assert (await status(admin))["status"] == "invalid"
    assert (await moored(admin))["success"]
    assert (await status(admin))["status"] == "valid"


async def test_the_provider_wants_to_be_left_alone_for_a_while(admin: Client) -> None:
    await saved(admin, key=harbour_key("busy"))
    found = await moored(admin)
    assert (found["isError"], found["retryAfter"], found["result"]["status"]) == (True, 30, 429)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("garbage", (502, "PROVIDER_ERROR")), ("broken", (502, "PROVIDER_ERROR")), ("slow", (504, "PROVIDER_TIMEOUT"))],
)
async def test_a_provider_that_gives_no_answer(alone: World, word: str, expected: tuple[int, str]) -> None:
    admin = alone.client()
    key = harbour_key(word)
    await saved(admin, key=key)
    answer = await moor(admin)
    assert (answer.status_code, problem(answer)["code"]) == expected
    assert key not in answer.text
    assert audit(alone)[-1] == ("harbour/moor_ship", None, "failed")


async def test_a_redirect_is_not_followed(world: World, admin: Client) -> None:
    await saved(admin, key=harbour_key("moved"))
    before = len(world.provider.calls)
    assert (await moored(admin))["result"]["status"] == 302
    assert len(world.provider.calls) == before + 1


async def test_no_echo_of_the_secret_comes_back(admin: Client) -> None:
    await saved(admin, key=harbour_key("echo"))
    found = await moor(admin)
    assert CANARY not in found.text
    assert found.json()["result"]["answer"]["error"] == "the key [secret removed] is wrong"


async def test_every_use_leaves_an_entry(alone: World) -> None:
    admin = alone.client()
    await saved(admin, environment="production")
    await moored(admin, "production")
    await saved(admin, key=harbour_key("refused"), environment="staging")
    await moored(admin, "staging")
    assert audit(alone) == [
        ("harbour/moor_ship", "production", "ok"),
        ("harbour/moor_ship", "staging", "rejected"),
    ]
    assert CANARY not in str(alone.rows("SELECT * FROM audit"))


async def test_the_last_use_is_told(admin: Client) -> None:
    await saved(admin)
    assert (await status(admin))["lastUsedAt"] is None
    await moored(admin)
    assert (await status(admin))["lastUsedAt"] is not None


async def test_running_needs_its_own_scope_and_nothing_more(world: World, admin: Client) -> None:
    await saved(admin)
    for scopes, code in ((["INTEGRATIONS:READ"], 403), (["INTEGRATIONS:WRITE"], 403), (["INTEGRATIONS:EXECUTE"], 200)):
        client = world.client((await new_key(admin, *scopes))["key"])
        assert (await moor(client)).status_code == code


async def test_a_key_runs_tools_in_its_own_environments_alone(world: World, admin: Client) -> None:
    await saved(admin, environment="production")
    key = await new_key(admin, "INTEGRATIONS:EXECUTE", environments=["staging"])
    client = world.client(key["key"])
    assert problem(await moor(client, "production"))["code"] == "ENVIRONMENT_FORBIDDEN"
    assert (await moored(client, "staging"))["hint"]["code"] == "CREDENTIALS_MISSING"


async def test_the_tools_of_another_owner_find_no_credentials(world: World, admin: Client) -> None:
    await saved(admin)
    other = await world.owner()
    assert (await moored(other))["hint"]["code"] == "CREDENTIALS_MISSING"
    installation = (await reserve(admin))["id"]
    assert (await moor(other, path=MOOR.replace("harbour", installation, 1))).status_code == 404


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (MOOR.replace("moor_ship", "raise_ship"), "TOOL_NOT_FOUND"),
        (MOOR.replace("harbour", "nowhere", 1), "INTEGRATION_NOT_FOUND"),
    ],
)
async def test_what_is_not_there_is_not_found(admin: Client, path: str, code: str) -> None:
    answer = await moor(admin, path=path)
    assert (answer.status_code, problem(answer)["code"]) == (404, code)


@pytest.mark.parametrize("body", [{"parameters": []}, {"parameters": None}, {"params": {}}, {"environment": 7}, []])
async def test_a_wrong_body_is_refused(admin: Client, body: Any) -> None:
    answer = await admin.post(MOOR, json=body)
    assert answer.status_code == 400


async def test_an_unknown_environment_is_refused(admin: Client) -> None:
    assert problem(await moor(admin, "moon"))["code"] == "INVALID_ENVIRONMENT"


async def test_under_an_idempotency_key_a_tool_runs_once(world: World, admin: Client) -> None:
    await saved(admin)
    before = len(world.provider.calls)
    first, second = [await moor(admin, **{"Idempotency-Key": "sink-once"}) for _ in range(2)]
    assert first.content == second.content
    assert len(world.provider.calls) == before + 1


async def test_what_did_nothing_may_be_tried_again_under_the_same_key(world: World, admin: Client) -> None:
    again = {"Idempotency-Key": "until-it-works"}
    assert (await moor(admin, **again)).json()["hint"]
    await saved(admin, key=harbour_key("busy"))
    assert (await moor(admin, **again)).json()["retryAfter"] == 30
    await saved(admin)
    assert (await moor(admin, **again)).json()["success"]
    before = len(world.provider.calls)
    assert (await moor(admin, **again)).json()["success"]
    assert len(world.provider.calls) == before


async def test_a_hundred_calls_at_once_on_one_credential(alone: World) -> None:
    admin = alone.client()
    await saved(admin)
    answers = await asyncio.gather(*(moor(admin) for _ in range(100)))
    assert [answer.status_code for answer in answers] == [200] * 100
    assert all(answer.json()["success"] for answer in answers)
    assert len(audit(alone)) == 100


async def test_a_slow_tool_holds_nobody_up(alone: World) -> None:
    admin = alone.client()
    await saved(admin, key=harbour_key("slow"), environment="staging")
    await saved(admin)
    slow = asyncio.create_task(moor(admin, "staging"))
    await asyncio.sleep(0.02)
    assert (await moored(admin))["success"]
    assert not slow.done()
    assert (await slow).status_code == 504
