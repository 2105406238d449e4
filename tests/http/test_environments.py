"""Which entry answers and why, and how two environments differ, without a value ever being shown."""

from typing import Any

import pytest

from tests.http.judge import CANARY, problem
from tests.http.world import Client, World, harbour_key, new_key, reserve, save, saved

pytestmark = pytest.mark.anyio


async def explained(client: Client, integration_id: str = "harbour", **query: str) -> Any:
    answer = await client.get(f"/v1/integrations/{integration_id}/resolve", params=query)
    assert answer.status_code == 200, answer.text
    assert CANARY not in answer.text
    return answer.json()


async def diff(client: Client, left: str = "staging", right: str = "production") -> Any:
    answer = await client.get("/v1/integrations/diff", params={"from": left, "to": right})
    assert answer.status_code == 200, answer.text
    assert CANARY not in answer.text
    return answer.json()["data"]


def reasons(told: Any) -> list[tuple[str | None, bool, str]]:
    return [(entry["environment"], entry["answers"], entry["reason"]) for entry in told["candidates"]]


async def test_without_any_entry_nothing_answers(admin: Client) -> None:
    told = await explained(admin, environment="production")
    assert (told["answering"], told["candidates"], told["ifDeleted"]) == (None, [], [])
    assert (told["lastUsedAt"], told["lastUsedBy"]) == (None, None)


async def test_the_environment_s_own_entry_comes_first_and_the_one_for_all_stands_behind_it(admin: Client) -> None:
    for environment in (None, "staging", "production"):
        await saved(admin, environment=environment)
    told = await explained(admin, environment="production")
    assert told["answering"] == {
        "connectionId": "harbour", "environment": "production", "source": "environment", "status": "unverified",
    }  # fmt: skip
    assert reasons(told) == [
        (None, False, "The entry of production itself comes first."),
        ("staging", False, "It answers in staging alone."),
        ("production", True, "It stands under production itself."),
    ]
    everywhere = {"connectionId": "harbour", "environment": None, "source": "all", "status": "unverified"}
    assert told["ifDeleted"] == [{"environment": "production", "answering": everywhere}]


async def test_the_entry_for_all_answers_where_none_stands_and_its_end_is_felt_everywhere(admin: Client) -> None:
    await saved(admin)
    await saved(admin, environment="staging")
    told = await explained(admin, environment="production")
    assert told["answering"]["source"] == "all"
    assert reasons(told)[0] == (
        None,
        True,
        "Nothing stands under production itself, and this entry answers everywhere.",
    )
    assert told["ifDeleted"] == [
        {"environment": name, "answering": None} for name in (None, "development", "production")
    ]


async def test_the_default_connection_comes_before_installations_and_these_by_age(admin: Client) -> None:
    first, second = (await reserve(admin))["id"], (await reserve(admin))["id"]
    await saved(admin, first)
    await saved(admin, second)
    told = await explained(admin)
    assert [(entry["connectionId"], entry["reason"]) for entry in told["candidates"]] == [
        (first, "It stands under all environments itself."),
        (second, "An older installation comes first."),
    ]
    assert told["ifDeleted"][0]["answering"]["connectionId"] == second
    await saved(admin)
    told = await explained(admin)
    assert told["answering"]["connectionId"] == "harbour"
    assert {entry["reason"] for entry in told["candidates"][1:]} == {"The default connection comes first."}
    alone = await explained(admin, second)
    assert [entry["connectionId"] for entry in alone["candidates"]] == [second]


async def test_it_tells_who_used_the_entry_last(world: World, admin: Client) -> None:
    await saved(admin)
    made = await new_key(admin, "INTEGRATIONS:EXECUTE")
    run = await world.client(made["key"]).post("/v1/integrations/harbour/tools/list_ships/execute", json={})
    assert run.status_code == 200
    told = await explained(admin)
    assert told["lastUsedBy"] == made["id"]
    assert told["lastUsedAt"] is not None
    await saved(admin, key=harbour_key())
    assert (await explained(admin))["lastUsedBy"] == made["id"]


async def test_a_bound_key_is_told_of_its_environments_alone(world: World, admin: Client) -> None:
    await saved(admin)
    await saved(admin, environment="production")
    bound = world.client((await new_key(admin, "INTEGRATIONS:READ", environments=["staging"]))["key"])
    told = await explained(bound, environment="staging")
    assert [entry["environment"] for entry in told["candidates"]] == [None]
    assert [one["environment"] for one in told["ifDeleted"]] == [None, "staging"]
    for path in ("harbour/resolve?environment=production", "diff?from=staging&to=production"):
        refused = await bound.get(f"/v1/integrations/{path}")
        assert (refused.status_code, problem(refused)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")


@pytest.mark.parametrize("query", ["", "from=staging", "to=staging", "from=staging&to=nowhere", "from=&to=staging"])
async def test_two_environments_are_wanted(admin: Client, query: str) -> None:
    assert (await admin.get(f"/v1/integrations/diff?{query}")).status_code == 400


async def test_two_environments_differ_in_what_they_have_and_where_they_use_the_same(admin: Client) -> None:
    key = harbour_key()
    await saved(admin, "harbour", key, environment="staging")
    await saved(admin, "harbour", key, environment="production")
    [same] = await diff(admin)
    assert (same["integrationId"], same["sameEntry"], same["sameValues"]) == ("harbour", False, {"apiKey": True})
    await saved(admin, "harbour", harbour_key(), environment="production")
    [other] = await diff(admin)
    assert other["sameValues"] == {"apiKey": False}
    await admin.delete("/v1/integrations/harbour/credentials?environment=production")
    [half] = await diff(admin)
    assert (half["from"]["environment"], half["to"], half["sameValues"]) == ("staging", None, None)


async def test_one_entry_for_both_is_not_opened(alone: World) -> None:
    admin = alone.client()
    assert await diff(admin) == []
    await saved(admin)
    [row] = await diff(admin)
    assert (row["sameEntry"], row["sameValues"]) == (True, None)
    assert alone.rows("SELECT 1 FROM audit WHERE kind = 'credentials.compared'") == []


async def test_a_comparison_is_a_use_and_written_down(alone: World) -> None:
    admin = alone.client()
    await saved(admin, environment="staging")
    await saved(admin, environment="production")
    await diff(admin)
    rows = alone.rows("SELECT actor, subject FROM audit WHERE kind = 'credentials.compared'")
    assert rows == [("admin-key", "staging and production")]


async def test_what_cannot_be_opened_is_not_compared_and_hides_nothing(alone: World) -> None:
    admin = alone.client()
    await saved(admin, environment="staging")
    await saved(admin, environment="production")
    alone.change("UPDATE credentials SET sealed = x'00' WHERE environment = 'production'")
    [row] = await diff(admin)
    assert row["sameValues"] is None


async def test_another_owner_s_entries_are_neither_explained_nor_compared(world: World, admin: Client) -> None:
    stranger = await world.owner()
    theirs = (await reserve(admin, environment="staging"))["id"]
    await save(admin, theirs)
    assert (await stranger.get(f"/v1/integrations/{theirs}/resolve")).status_code == 404
    assert (await stranger.get("/v1/integrations/nowhere/resolve")).status_code == 404
    assert (await explained(stranger))["candidates"] == []
    assert await diff(stranger) == []
