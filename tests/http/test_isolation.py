"""Nothing is ever visible across owners: another owner's things are as those that do not exist."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.http.world import Answer, Client, World, harbour_key, new_key, reserve, save, saved, status

pytestmark = pytest.mark.anyio

Asked = Callable[[Client, str], Awaitable[Answer]]

CALLS: dict[str, Asked] = {
    "details": lambda client, place: client.get(f"/v1/integrations/{place}"),
    "resolve": lambda client, place: client.get(f"/v1/integrations/{place}/resolve"),
    "tools": lambda client, place: client.get(f"/v1/integrations/{place}/tools"),
    "tool": lambda client, place: client.get(f"/v1/integrations/{place}/tools/moor_ship"),
    "save": save,
    "save with a wrong body": lambda client, place: client.post(f"/v1/integrations/{place}/credentials", json={}),
    "save malformed": lambda client, place: save(client, place, "not a key"),
    "save elsewhere": lambda client, place: save(client, place, environment="production"),
    "delete": lambda client, place: client.delete(f"/v1/integrations/{place}/credentials"),
    "delete in an environment": lambda client, place: client.delete(
        f"/v1/integrations/{place}/credentials?environment=staging"
    ),
    "status": lambda client, place: client.get(f"/v1/integrations/credentials/status?integrationId={place}"),
}


DIFFERENT = ("x-request-id", "content-length", "ratelimit-remaining", "ratelimit-reset")


def alike(answer: Answer, place: str) -> Any:
    """The answer without what must differ: the request id, the id asked for, and what is left of the quota."""
    headers = {name: value for name, value in answer.headers.items() if name not in DIFFERENT}
    text = answer.text.replace(answer.headers["x-request-id"], "").replace(place, "")
    return answer.status_code, text, {**headers, "etag": None}


@pytest.mark.parametrize("call", list(CALLS))
@pytest.mark.parametrize("environment", [None, "staging"])
async def test_another_owner_s_installation_is_as_one_that_does_not_exist(
    world: World, admin: Client, call: str, environment: str | None
) -> None:
    stranger = await world.owner()
    theirs = (await reserve(admin, environment=environment))["id"]
    await saved(admin, theirs)
    nobody_s = theirs[:-6] + ("zzzzzz" if not theirs.endswith("zzzzzz") else "yyyyyy")
    heard, expected = await CALLS[call](stranger, theirs), await CALLS[call](stranger, nobody_s)
    assert alike(heard, theirs) == alike(expected, nobody_s)
    if "wrong body" not in call and call != "status":
        assert heard.status_code == 404
    assert (await status(admin, theirs))["configured"] is True


async def test_credentials_of_one_owner_are_not_seen_by_another(world: World, admin: Client) -> None:
    stranger = await world.owner()
    await saved(admin, key=harbour_key(tail="MINE"))
    await saved(admin, (await reserve(admin))["id"])
    for path in ("/v1/integrations", "/v1/integrations/harbour", "/v1/integrations/tools"):
        assert "MINE" not in (await stranger.get(path)).text
    assert (await status(stranger))["configured"] is False
    harbour = (await stranger.get("/v1/integrations/harbour")).json()
    assert (harbour["status"], harbour["installations"], harbour["environments"]) == ("available", [], [])
    assert (await stranger.get("/v1/integrations/tools")).json()["total"] == 0


async def test_owners_write_and_delete_beside_one_another(world: World, admin: Client) -> None:
    stranger = await world.owner()
    await saved(admin, key=harbour_key(tail="MINE"))
    await saved(stranger, key=harbour_key(tail="YOUR"))
    assert (await status(admin))["fields"]["apiKey"]["preview"] == "hb_…MINE"
    assert (await stranger.delete("/v1/integrations/harbour/credentials")).status_code == 200
    assert (await status(admin))["fields"]["apiKey"]["preview"] == "hb_…MINE"
    assert (await stranger.delete("/v1/integrations/harbour/credentials")).status_code == 404


async def test_keys_of_one_owner_are_not_seen_or_revoked_by_another(world: World, admin: Client) -> None:
    stranger = await world.owner()
    made = await new_key(admin, "INTEGRATIONS:READ")
    assert made["id"] not in (await stranger.get("/v1/api-keys")).text
    theirs = await stranger.delete(f"/v1/api-keys/{made['id']}")
    nobody_s = await stranger.delete("/v1/api-keys/key_01kb0h6v3m8x2q4r5s6t7v8w9x")
    assert theirs.status_code == 404
    assert alike(theirs, made["id"]) == alike(nobody_s, "key_01kb0h6v3m8x2q4r5s6t7v8w9x")
    assert (await world.client(made["key"]).get("/v1/integrations")).status_code == 200
