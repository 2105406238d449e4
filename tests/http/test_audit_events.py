"""The audit trail over HTTP: pages, filters, bounds, and no secret in it."""

from typing import Any

import pytest

from tests.http.judge import CANARY, problem
from tests.http.world import Client, World, harbour_key, new_key, reserve, saved

pytestmark = pytest.mark.anyio

SHOWN = {
    "sequence", "at", "kind", "actor", "subject", "environment", "outcome", "address", "requestId", "revision", "hash",
}  # fmt: skip


async def events(client: Client, **query: Any) -> list[Any]:
    answer = await client.get("/v1/audit-events", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["data"]
    return found


async def test_what_was_done_is_listed_with_who_and_from_where(world: World, admin: Client) -> None:
    made = await new_key(admin, "INTEGRATIONS:WRITE")
    key = harbour_key()
    await saved(world.client(made["key"], address="203.0.113.8"), key=key, environment="staging")
    newest = (await events(admin))[0]
    assert set(newest) == SHOWN
    assert (newest["kind"], newest["actor"], newest["subject"]) == ("credentials.saved", made["id"], "harbour")
    assert (newest["environment"], newest["address"], newest["outcome"]) == ("staging", "203.0.113.8", "ok")
    assert newest["requestId"].startswith("req_")
    assert key not in (await admin.get("/v1/audit-events")).text


async def test_pages_lead_to_the_beginning(admin: Client) -> None:
    for _ in range(4):
        await reserve(admin)
    found, cursor = [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await admin.get("/v1/audit-events", params=asked)).json()
        found += [event["sequence"] for event in page["data"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert found == list(range(len(found), 0, -1))
    assert len(found) >= 6


async def test_filters_choose(admin: Client) -> None:
    await saved(admin, environment="staging")
    await reserve(admin)
    assert [event["kind"] for event in await events(admin, integrationId="harbour")] == ["credentials.saved"]
    assert [event["subject"] for event in await events(admin, kind="credentials.saved")] == ["harbour"]
    assert [event["environment"] for event in await events(admin, environment="staging")] == ["staging"]
    assert await events(admin, actor="key_nobody") == []
    assert await events(admin, to="2000-01-01T00:00:00Z") == []
    assert await events(admin, **{"from": "2999-01-01T00:00:00Z"}) == []


@pytest.mark.parametrize(
    "query",
    ["cursor=0", "cursor=-1", "cursor=x", "cursor=9999999999999999999", "limit=0", "limit=1001", "kind=nothing",
     f"kind={CANARY}", "environment=nowhere", "from=yesterday", "from=2030-01-01T00:00:00", "to=1"],
)  # fmt: skip
async def test_a_wish_that_is_none_is_refused(admin: Client, query: str) -> None:
    assert (await admin.get(f"/v1/audit-events?{query}")).status_code == 400


async def test_a_key_sees_no_more_than_it_may(world: World, admin: Client) -> None:
    await saved(admin, environment="production")
    await saved(admin, environment="staging")
    bound = world.client((await new_key(admin, "AUDIT:READ", environments=["staging"]))["key"])
    assert "production" not in [event["environment"] for event in await events(bound)]
    refused = await bound.get("/v1/audit-events?environment=production")
    assert (refused.status_code, problem(refused)["code"]) == (403, "ENVIRONMENT_FORBIDDEN")
    stranger = await world.owner()
    assert {event["kind"] for event in await events(stranger)} == {"owner.created", "key.created"}


async def test_a_bound_key_sees_what_answers_everywhere_and_its_own_but_not_the_owner_s_affairs(
    world: World, admin: Client
) -> None:
    made = await new_key(admin, "AUDIT:READ", environments=["staging"])
    bound = world.client(made["key"])
    await saved(admin)
    reader = world.client((await new_key(admin, "INTEGRATIONS:READ"))["key"])
    assert (await reader.post("/v1/integrations", json={"type": "harbour"})).status_code == 403
    assert {(event["kind"], event["subject"]) for event in await events(bound)} == {("credentials.saved", "harbour")}
    assert (await bound.get("/v1/api-keys")).status_code == 403
    newest = (await events(bound))[0]
    assert (newest["kind"], newest["actor"]) == ("call.denied", made["id"])
    assert {"key.created", "call.denied"} <= {event["kind"] for event in await events(admin)}
